#include "stats/interval.h"

#include <algorithm>

#include "stats/laws.h"
#include "stats/summary.h"

namespace thaw {
namespace {

/// The largest rank r in 1 … n with P(Binomial(n, p) < r) <= tail, or 0 when there is none.
std::size_t lower_rank(std::size_t n, double p, double tail) {
  std::size_t low = 0;
  std::size_t high = n;
  while (low < high) {
    const std::size_t middle = low + (high - low + 1) / 2;
    const bool fits = law::binomial_cdf(static_cast<double>(middle) - 1, static_cast<double>(n), p) <= tail;
    (fits ? low : high) = fits ? middle : middle - 1;
  }
  return low;
}

}  // namespace

Interval mean_interval(std::span<const double> sample, double confidence) {
  if (sample.size() < 2) return {};
  const auto n = static_cast<double>(sample.size());
  const double center = mean(sample);
  const double half =
      law::student_quantile(0.5 + confidence / 2, n - 1) * standard_deviation(sample) / std::sqrt(n);
  return {center - half, center + half};
}

Interval quantile_interval(std::span<const double> sorted, double p, double confidence) {
  const std::size_t n = sorted.size();
  const double tail = (1 - confidence) / 2;
  Interval interval;
  if (const std::size_t rank = lower_rank(n, p, tail); rank > 0) interval.low = sorted[rank - 1];
  // Counting from the other end turns the upper side into a lower one of the quantile 1 - p.
  if (const std::size_t rank = lower_rank(n, 1 - p, tail); rank > 0) interval.high = sorted[n - rank];
  return interval;
}

Interval median_interval(std::span<const double> sorted, double confidence) {
  return quantile_interval(sorted, 0.5, confidence);
}

Interval proportion_interval(std::int64_t successes, std::int64_t trials, double confidence) {
  if (trials <= 0) return {};
  const double z = law::normal_quantile(0.5 + confidence / 2);
  const auto n = static_cast<double>(trials);
  const double share = static_cast<double>(successes) / n;
  const double scale = 1 + z * z / n;
  const double center = (share + z * z / (2 * n)) / scale;
  const double half = z * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / scale;
  // At 0 and n successes the bound is exactly 0 or 1; rounding must not move the estimate outside.
  return {successes == 0 ? 0 : center - half, successes == trials ? 1 : center + half};
}

Interval shortest_interval(std::span<const double> sorted, double p) {
  const std::size_t n = sorted.size();
  if (n == 0) return {};
  const std::size_t span = std::min(static_cast<std::size_t>(p * static_cast<double>(n)), n - 1);
  std::size_t best = 0;
  for (std::size_t i = 1; i + span < n; ++i) {
    if (sorted[i + span] - sorted[i] < sorted[best + span] - sorted[best]) best = i;
  }
  return {sorted[best], sorted[best + span]};
}

}  // namespace thaw
