#include "stats/laws.h"

#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <cmath>
#include <limits>
#include <numbers>

namespace thaw::law {
namespace {

namespace policies = boost::math::policies;

// Errors become NaN or infinity instead of exceptions; no promotion, so results are the same on every
// platform.
using Quiet =
    policies::policy<policies::domain_error<policies::ignore_error>,
                     policies::pole_error<policies::ignore_error>,
                     policies::overflow_error<policies::ignore_error>,
                     policies::evaluation_error<policies::ignore_error>, policies::promote_double<false>>;
using StudentLaw = boost::math::students_t_distribution<double, Quiet>;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

double normal_upper_tail(double z) { return 0.5 * std::erfc(z / std::numbers::sqrt2); }

double normal_cdf(double z) { return normal_upper_tail(-z); }

double normal_quantile(double p) {
  if (!(p >= 0 && p <= 1)) return nan;
  if (p == 0) return -infinity;
  if (p == 1) return infinity;
  return -std::numbers::sqrt2 * boost::math::erfc_inv(2 * p, Quiet{});
}

double student_upper_tail(double t, double df) {
  if (!(df > 0) || std::isnan(t)) return nan;
  if (std::isinf(t)) return t > 0 ? 0.0 : 1.0;
  return cdf(complement(StudentLaw(df), t));
}

double student_quantile(double p, double df) {
  if (!(df > 0) || !(p > 0 && p < 1)) return nan;
  return quantile(StudentLaw(df), p);
}

double binomial_cdf(double k, double n, double p) {
  if (k < 0) return 0;
  if (k >= n) return 1;
  return boost::math::ibetac(k + 1, n - k, p, Quiet{});
}

}  // namespace thaw::law
