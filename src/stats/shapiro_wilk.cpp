// Shapiro–Wilk test of tests.h after Royston 1995 (Applied Statistics 44, algorithm AS R94).

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "stats/laws.h"
#include "stats/summary.h"
#include "stats/tests.h"

namespace thaw {
namespace {

/// c[0] + c[1]·x + c[2]·x² + …
template <std::size_t N>
double polynomial(const std::array<double, N>& c, double x) {
  double value = 0;
  for (auto it = c.rbegin(); it != c.rend(); ++it) value = value * x + *it;
  return value;
}

/// Weights of the upper half of the ordered sample, the largest value's first; the lower half has them
/// negated.
std::vector<double> weights(std::size_t n) {
  if (n == 3) return {std::numbers::sqrt2 / 2};
  const std::size_t half = n / 2;
  std::vector<double> scores(half);
  double squares = 0;
  for (std::size_t i = 0; i < half; ++i) {
    scores[i] = -law::normal_quantile((static_cast<double>(i) + 0.625) / (static_cast<double>(n) + 0.25));
    squares += 2 * scores[i] * scores[i];
  }
  constexpr std::array largest = {0.0, 0.221157, -0.147981, -2.071190, 4.434685, -2.706056};
  constexpr std::array second = {0.0, 0.042981, -0.293762, -1.752461, 5.682633, -3.582633};
  const double scale = std::sqrt(squares);
  const double u = 1 / std::sqrt(static_cast<double>(n));
  std::vector<double> a(half);
  a[0] = scores[0] / scale + polynomial(largest, u);
  double left_scores = squares - 2 * scores[0] * scores[0];
  double left_weights = 1 - 2 * a[0] * a[0];
  std::size_t fitted = 1;
  if (n > 5) {
    a[1] = scores[1] / scale + polynomial(second, u);
    left_scores -= 2 * scores[1] * scores[1];
    left_weights -= 2 * a[1] * a[1];
    fitted = 2;
  }
  const double factor = std::sqrt(left_scores / left_weights);
  for (std::size_t i = fitted; i < half; ++i) a[i] = scores[i] / factor;
  return a;
}

/// The p-value from 1 - W, which is brought near to a normal law.
double p_value(double one_minus_w, double n) {
  if (n == 3) {
    const double p = 6 / std::numbers::pi * (std::asin(std::sqrt(1 - one_minus_w)) - std::numbers::pi / 3);
    return std::clamp(p, 0.0, 1.0);
  }
  double y = std::log(one_minus_w);
  if (n <= 11) {
    const double gamma = polynomial(std::array{-2.273, 0.459}, n);
    if (y >= gamma) return 0;
    y = -std::log(gamma - y);
    const double center = polynomial(std::array{0.5440, -0.39978, 0.025054, -0.0006714}, n);
    const double deviation = std::exp(polynomial(std::array{1.3822, -0.77857, 0.062767, -0.0020322}, n));
    return law::normal_upper_tail((y - center) / deviation);
  }
  const double x = std::log(n);
  const double center = polynomial(std::array{-1.5861, -0.31082, -0.083751, 0.0038915}, x);
  const double deviation = std::exp(polynomial(std::array{-0.4803, -0.082676, 0.0030302}, x));
  return law::normal_upper_tail((y - center) / deviation);
}

}  // namespace

TestResult shapiro_wilk(std::span<const double> sample) {
  const std::size_t n = sample.size();
  if (n < 3) return {};
  const std::vector<double> sorted = sorted_copy(sample);
  if (sorted.front() == sorted.back()) return {};
  const std::vector<double> a = weights(n);
  const double center = mean(sorted);

  // 1 - W = ((Σx² - (Σax)²/Σa²) / Σx² in a form that keeps its accuracy when W is near 1.
  double xx = 0;
  double ax = 0;
  double aa = 0;
  for (const double x : sorted) xx += (x - center) * (x - center);
  for (std::size_t i = 0; i < a.size(); ++i) {
    ax += a[i] * (sorted[n - 1 - i] - sorted[i]);
    aa += 2 * a[i] * a[i];
  }
  const double root = std::sqrt(aa * xx);
  const double one_minus_w =
      std::max((root - ax) * (root + ax) / (aa * xx), std::numeric_limits<double>::min());
  TestResult result;
  result.statistic = 1 - one_minus_w;
  result.p_value = p_value(one_minus_w, static_cast<double>(n));
  return result;
}

}  // namespace thaw
