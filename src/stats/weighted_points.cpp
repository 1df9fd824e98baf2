#include "stats/weighted_points.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace thaw {

WeightedPoints WeightedPoints::of(std::span<const double> values) {
  std::vector<double> sorted;
  sorted.reserve(values.size());
  for (const double value : values) {
    if (!std::isnan(value)) sorted.push_back(value);
  }
  std::ranges::sort(sorted);
  return of_sorted(sorted);
}

WeightedPoints WeightedPoints::of_sorted(std::span<const double> sorted) {
  WeightedPoints points;
  points.at.reserve(sorted.size());
  points.weight.reserve(sorted.size());
  for (const double value : sorted) {
    if (!points.at.empty() && points.at.back() == value) {
      points.weight.back() += 1;
    } else {
      points.at.push_back(value);
      points.weight.push_back(1);
    }
  }
  return points;
}

WeightedPoints WeightedPoints::merged_to(std::size_t most) const {
  if (at.size() <= most) return *this;
  const double share = total() / static_cast<double>(most);
  WeightedPoints merged;
  double seen = 0;
  double group = -1;
  for (std::size_t i = 0; i < at.size(); ++i) {
    // The middle of a point's weight says which group it belongs to.
    const double belongs = std::floor((seen + weight[i] / 2) / share);
    if (belongs != group) {
      merged.at.push_back(at[i]);
      merged.weight.push_back(weight[i]);
      group = belongs;
    } else {
      merged.weight.back() += weight[i];
      merged.at.back() += (at[i] - merged.at.back()) * weight[i] / merged.weight.back();
    }
    seen += weight[i];
  }
  return merged;
}

double WeightedPoints::total() const { return std::accumulate(weight.begin(), weight.end(), 0.0); }

}  // namespace thaw
