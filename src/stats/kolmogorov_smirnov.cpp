// Two-sample Kolmogorov–Smirnov of tests.h.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "stats/summary.h"
#include "stats/tests.h"

namespace thaw {
namespace {

constexpr std::size_t largest_exact_side = 10'000;

/// max |i·m - j·n| over the pooled order: D in units of 1/(n·m), free of rounding.
std::int64_t scaled_distance(std::span<const double> a, std::span<const double> b) {
  const auto n = static_cast<std::int64_t>(a.size());
  const auto m = static_cast<std::int64_t>(b.size());
  std::size_t i = 0;
  std::size_t j = 0;
  std::int64_t largest = 0;
  while (i < a.size() && j < b.size()) {
    const double value = std::min(a[i], b[j]);
    while (i < a.size() && a[i] == value) ++i;
    while (j < b.size() && b[j] == value) ++j;
    largest =
        std::max(largest, std::abs(static_cast<std::int64_t>(i) * m - static_cast<std::int64_t>(j) * n));
  }
  return largest;
}

/// The probability that a random lattice path from (0, 0) to (n, m) leaves the band |i·m - j·n| < distance.
/// With C(i, j) the probability that a path to (i, j) has left it, C = 1 outside the band and, inside, C(i,
/// j) = (i·C(i-1, j) + j·C(i, j-1)) / (i + j) (Viehmann 2021). Nothing cancels.
double exact_p_value(std::int64_t n, std::int64_t m, std::int64_t distance) {
  if (distance == 0) return 1;
  std::vector<double> column(static_cast<std::size_t>(m) + 1, 1.0);
  for (std::int64_t i = 0; i <= n; ++i) {
    // The band's cells of this row: (i·m - distance)/n < j < (i·m + distance)/n. Cells below it have left for
    // good.
    const std::int64_t first = i * m < distance ? 0 : (i * m - distance) / n + 1;
    const std::int64_t last = std::min(m, (i * m + distance - 1) / n);
    if (first > 0) column[static_cast<std::size_t>(first - 1)] = 1;
    for (std::int64_t j = first; j <= last; ++j) {
      const auto at = static_cast<std::size_t>(j);
      if (i + j == 0) {
        column[at] = 0;
        continue;
      }
      const double up = j > 0 ? static_cast<double>(j) * column[at - 1] : 0;
      column[at] = (static_cast<double>(i) * column[at] + up) / static_cast<double>(i + j);
    }
  }
  return column[static_cast<std::size_t>(m)];
}

/// Kolmogorov's limiting upper tail 2·Σ(-1)^(k-1)·exp(-2k²z²) with z corrected for finite samples (Vrbik
/// 2018).
double limiting_p_value(double n, double m, double distance) {
  const double size = n * m / (n + m);
  const double root = std::sqrt(size);
  const double z = root * distance + 1 / (6 * root) + (root * distance - 1) / (4 * size);
  if (z < 0.2) return 1;
  double tail = 0;
  for (int k = 1; k <= 100; ++k) {
    const double term = std::exp(-2.0 * k * k * z * z);
    tail += k % 2 == 1 ? term : -term;
    if (term < 1e-17 * tail) break;
  }
  return std::clamp(2 * tail, 0.0, 1.0);
}

}  // namespace

double kolmogorov_smirnov_distance(std::span<const double> first, std::span<const double> second) {
  if (first.empty() || second.empty()) return missing;
  return static_cast<double>(scaled_distance(sorted_copy(first), sorted_copy(second))) /
         (static_cast<double>(first.size()) * static_cast<double>(second.size()));
}

TestResult kolmogorov_smirnov(std::span<const double> first, std::span<const double> second,
                              PValueMethod method) {
  if (first.empty() || second.empty()) return {};
  const std::int64_t scaled = scaled_distance(sorted_copy(first), sorted_copy(second));
  const auto n = static_cast<double>(first.size());
  const auto m = static_cast<double>(second.size());

  TestResult result;
  result.statistic = static_cast<double>(scaled) / (n * m);
  result.is_exact =
      method == PValueMethod::exact ||
      (method == PValueMethod::automatic && std::max(first.size(), second.size()) <= largest_exact_side);
  result.p_value = result.is_exact ? exact_p_value(static_cast<std::int64_t>(first.size()),
                                                   static_cast<std::int64_t>(second.size()), scaled)
                                   : limiting_p_value(n, m, result.statistic);
  return result;
}

}  // namespace thaw
