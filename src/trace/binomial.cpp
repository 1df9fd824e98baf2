#include "trace/binomial.h"

#include <cmath>

namespace thaw {
namespace {

/// ln k! minus Stirling's formula for it without correction (de Moivre's series; exact to 1e-10 from 10 on).
double stirling_correction(double k) {
  constexpr double small[] = {0.08106146679532726, 0.04134069595540929, 0.02767792568499834,
                              0.02079067210376509, 0.01664469118982119, 0.01387612882307075,
                              0.01189670994589177, 0.01041126526197209, 0.009255462182712733,
                              0.008330563433362871};
  if (k < 10) return small[static_cast<int>(k)];
  const double r = 1 / (k + 1);
  const double rr = r * r;
  return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 * rr) * rr) * r;
}

/// Walks up the distribution function. REQUIRES: p <= 1/2 and n·p of about 10 at most.
std::uint64_t by_inversion(std::uint64_t n, double p, RandomStream& stream) {
  const double odds = p / (1 - p);
  const double start = std::exp(static_cast<double>(n) * std::log1p(-p));
  double u = stream.uniform();
  double mass = start;
  std::uint64_t k = 0;
  while (u > mass && k < n) {
    u -= mass;
    ++k;
    mass *= odds * static_cast<double>(n - k + 1) / static_cast<double>(k);
  }
  return k;
}

/// Hörmann's BTRS. REQUIRES: p <= 1/2 and n·p of at least 10.
std::uint64_t by_rejection(double n, double p, RandomStream& stream) {
  const double spread = std::sqrt(n * p * (1 - p));
  const double b = 1.15 + 2.53 * spread;
  const double a = -0.0873 + 0.0248 * b + 0.01 * p;
  const double c = n * p + 0.5;
  const double v_r = 0.92 - 4.2 / b;
  const double alpha = (2.83 + 5.1 / b) * spread;
  const double odds = p / (1 - p);
  const double mode = std::floor((n + 1) * p);
  while (true) {
    const double v = stream.uniform();
    const double u = stream.uniform() - 0.5;
    const double us = 0.5 - std::abs(u);
    const double k = std::floor((2 * a / us + b) * u + c);
    if (us >= 0.07 && v <= v_r) return static_cast<std::uint64_t>(k);
    if (!(k >= 0 && k <= n)) continue;
    const double bound = (mode + 0.5) * std::log((mode + 1) / (odds * (n - mode + 1))) +
                         (n + 1) * std::log((n - mode + 1) / (n - k + 1)) +
                         (k + 0.5) * std::log(odds * (n - k + 1) / (k + 1)) + stirling_correction(mode) +
                         stirling_correction(n - mode) - stirling_correction(k) - stirling_correction(n - k);
    if (std::log(v * alpha / (a / (us * us) + b)) <= bound) return static_cast<std::uint64_t>(k);
  }
}

}  // namespace

std::uint64_t draw_binomial(std::uint64_t n, double p, RandomStream& stream) {
  if (n == 0 || p <= 0) return 0;
  if (p >= 1) return n;
  if (p > 0.5) return n - draw_binomial(n, 1 - p, stream);
  constexpr double least_mean_of_rejection = 10;
  if (static_cast<double>(n) * p < least_mean_of_rejection) return by_inversion(n, p, stream);
  return by_rejection(static_cast<double>(n), p, stream);
}

}  // namespace thaw
