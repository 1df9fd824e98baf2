// Mann–Whitney U of tests.h.

#include <algorithm>
#include <cmath>
#include <numeric>

#include "stats/laws.h"
#include "stats/ranks.h"
#include "stats/tests.h"

namespace thaw {
namespace {

constexpr std::size_t largest_exact_side = 8;
constexpr double largest_exact_pairs = 1e7;

bool wants_exact(std::size_t n, std::size_t m, bool has_ties, PValueMethod method) {
  if (method != PValueMethod::automatic) return method == PValueMethod::exact;
  return std::min(n, m) <= largest_exact_side && !has_ties &&
         static_cast<double>(n) * static_cast<double>(m) <= largest_exact_pairs;
}

/// Twice the tail at or below the smaller U, at most 1.
double exact_p_value(std::size_t n, std::size_t m, double smaller_u) {
  // Only forced exact tests see ties and with them half values; rounding up is the conservative side.
  const std::vector<double> null = mann_whitney_null(n, m, static_cast<std::size_t>(std::ceil(smaller_u)));
  return std::min(1.0, 2 * std::accumulate(null.begin(), null.end(), 0.0));
}

double normal_p_value(double n, double m, double larger_u, double tie_term) {
  const double all = n + m;
  const double deviation = std::sqrt(n * m / 12 * ((all + 1) - tie_term / (all * (all - 1))));
  const double excess = larger_u - n * m / 2 - 0.5;
  // All values tied: no deviation and no evidence.
  if (!(deviation > 0)) return 1;
  return std::min(1.0, 2 * law::normal_upper_tail(excess / deviation));
}

}  // namespace

std::vector<double> mann_whitney_null(std::size_t n, std::size_t m, std::size_t limit) {
  // The counts are the coefficients of the Gaussian binomial Π (1 - q^(large+i)) / (1 - q^i), i = 1 … small;
  // scaling each factor by i / (large + i) turns counts into probabilities that cannot overflow.
  const std::size_t small = std::min(n, m);
  const std::size_t large = std::max(n, m);
  std::vector<double> probability(limit + 1, 0.0);
  probability[0] = 1;
  for (std::size_t i = 1; i <= small; ++i) {
    for (std::size_t u = limit; u >= large + i; --u) probability[u] -= probability[u - large - i];
    for (std::size_t u = i; u <= limit; ++u) probability[u] += probability[u - i];
    const double scale = static_cast<double>(i) / static_cast<double>(large + i);
    for (double& p : probability) p *= scale;
  }
  return probability;
}

TestResult mann_whitney(std::span<const double> first, std::span<const double> second, PValueMethod method) {
  if (first.empty() || second.empty()) return {};
  std::vector<double> pooled(first.begin(), first.end());
  pooled.insert(pooled.end(), second.begin(), second.end());
  const Ranks ranks = midranks(pooled);

  const auto n = static_cast<double>(first.size());
  const auto m = static_cast<double>(second.size());
  const auto first_end = ranks.rank.begin() + static_cast<std::ptrdiff_t>(first.size());
  TestResult result;
  result.statistic = std::accumulate(ranks.rank.begin(), first_end, 0.0) - n * (n + 1) / 2;
  result.is_exact = wants_exact(first.size(), second.size(), ranks.tie_term > 0, method);
  const double other = n * m - result.statistic;
  result.p_value = result.is_exact
                       ? exact_p_value(first.size(), second.size(), std::min(result.statistic, other))
                       : normal_p_value(n, m, std::max(result.statistic, other), ranks.tie_term);
  return result;
}

}  // namespace thaw
