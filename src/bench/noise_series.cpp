// What the values of a measurement tell about noise.

#include <algorithm>
#include <cmath>

#include "bench/noise.h"
#include "stats/change_points.h"
#include "stats/laws.h"
#include "stats/natural_breaks.h"
#include "stats/summary.h"

namespace thaw {
namespace {

/// At most `most` of the values, evenly spaced, the first among them.
std::vector<double> thinned(std::span<const double> values, std::size_t most) {
  if (values.size() <= most) return {values.begin(), values.end()};
  std::vector<double> kept;
  for (std::size_t i = 0; i < most; ++i) kept.push_back(values[i * values.size() / most]);
  return kept;
}

}  // namespace

std::vector<double> modified_z_scores(std::span<const double> values) {
  std::vector<double> scores(values.begin(), values.end());
  if (values.empty()) return scores;
  const double centre = median(values);
  const double deviation = median_absolute_deviation(values);
  double total = 0;
  for (const double value : values) total += std::abs(value - centre);
  const double mean_deviation = total / static_cast<double>(values.size());
  const double scale = deviation > 0 ? deviation / 0.6745 : 1.2533 * mean_deviation;
  for (double& score : scores) score = scale > 0 ? (score - centre) / scale : 0;
  return scores;
}

double change_over(std::span<const double> values) {
  const std::size_t third = values.size() / 3;
  if (third == 0) return 0;
  const double before = median(values.first(third));
  return before == 0 ? 0 : (median(values.last(third)) - before) / std::abs(before);
}

bool has_drift(std::span<const double> values) {
  return std::abs(change_over(values)) > 0.02 && trend_p_value(values) < 0.01;
}

std::size_t warm_up_length(std::span<const double> values) {
  const Phase start = find_phases(values).warm_up;
  const bool is_apart = std::abs(start.median - start.median_of_rest) > 0.02 * std::abs(start.median_of_rest);
  if (start.size == 0 || !is_apart || has_drift(values.subspan(start.size))) return 0;
  return start.size;
}

double trend_p_value(std::span<const double> values) {
  if (values.size() < 8) return missing;
  const std::vector<double> series = thinned(values, 1000);
  const auto n = static_cast<double>(series.size());
  int pairs = 0;
  for (std::size_t j = 1; j < series.size(); ++j) {
    for (std::size_t i = 0; i < j; ++i) pairs += (series[j] > series[i]) - (series[j] < series[i]);
  }
  const double score = pairs;
  const std::vector<double> ordered = sorted_copy(series);
  double ties = 0;
  for (std::size_t begin = 0, end = 0; begin < ordered.size(); begin = end) {
    while (end < ordered.size() && ordered[end] == ordered[begin]) ++end;
    const auto t = static_cast<double>(end - begin);
    ties += t * (t - 1) * (2 * t + 5);
  }
  const double variance = (n * (n - 1) * (2 * n + 5) - ties) / 18;
  if (variance <= 0) return missing;
  const double z = std::max(0.0, std::abs(score) - 1) / std::sqrt(variance);
  return std::min(1.0, 2 * law::normal_upper_tail(z));
}

std::optional<TwoModes> two_modes(std::span<const double> values) {
  if (values.size() < 20) return std::nullopt;
  const auto split = natural_breaks(values, 2);
  if (!split || split->fit < 0.85) return std::nullopt;
  const std::vector<double> ordered = sorted_copy(values);
  const auto middle = std::ranges::upper_bound(ordered, split->breaks.front());
  const auto low_count = static_cast<std::size_t>(middle - ordered.begin());
  const std::size_t fewer = std::min(low_count, ordered.size() - low_count);
  if (fewer < 3 || fewer * 10 < ordered.size()) return std::nullopt;
  const std::span<const double> all(ordered);
  return TwoModes{median(all.first(low_count)), median(all.subspan(low_count)),
                  static_cast<double>(low_count) / static_cast<double>(ordered.size())};
}

}  // namespace thaw
