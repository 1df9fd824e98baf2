// Student's and Welch's t tests of tests.h.

#include <cmath>

#include "stats/laws.h"
#include "stats/summary.h"
#include "stats/tests.h"

namespace thaw {
namespace {

StudentResult from_difference(double difference, double standard_error, double degrees_of_freedom) {
  StudentResult result;
  // Two constant samples with one mean give 0/0, which stays missing; with two means the evidence is
  // unbounded.
  result.t = difference / standard_error;
  result.degrees_of_freedom = degrees_of_freedom;
  result.p_value = 2 * law::student_upper_tail(std::abs(result.t), degrees_of_freedom);
  return result;
}

}  // namespace

StudentResult student_t_test(std::span<const double> first, std::span<const double> second) {
  if (first.size() < 2 || second.size() < 2) return {};
  const auto n = static_cast<double>(first.size());
  const auto m = static_cast<double>(second.size());
  const double df = n + m - 2;
  const double pooled = ((n - 1) * variance(first) + (m - 1) * variance(second)) / df;
  return from_difference(mean(first) - mean(second), std::sqrt(pooled * (1 / n + 1 / m)), df);
}

StudentResult welch_t_test(std::span<const double> first, std::span<const double> second) {
  if (first.size() < 2 || second.size() < 2) return {};
  const auto n = static_cast<double>(first.size());
  const auto m = static_cast<double>(second.size());
  const double a = variance(first) / n;
  const double b = variance(second) / m;
  const double spread = a * a / (n - 1) + b * b / (m - 1);
  // Without any spread the Welch formula is 0/0; the smaller sample bounds it from below (Welch 1947).
  const double df = spread > 0 ? (a + b) * (a + b) / spread : std::min(n, m) - 1;
  return from_difference(mean(first) - mean(second), std::sqrt(a + b), df);
}

}  // namespace thaw
