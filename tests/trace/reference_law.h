#pragma once
// Comparing values with the law they were drawn from.

#include <algorithm>
#include <cmath>
#include <vector>

namespace thaw::testing {

/// Largest distance between the empirical distribution of the values and `cdf` (Kolmogorov's D).
template <class Cdf>
double distance_to_law(std::vector<double> values, Cdf cdf) {
  std::sort(values.begin(), values.end());
  const auto n = static_cast<double>(values.size());
  double distance = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double p = cdf(values[i]);
    distance = std::max({distance, p - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - p});
  }
  return distance;
}

/// What D stays below in 95 of 100 samples of the law (Kolmogorov's limit).
inline double five_percent_distance(std::size_t n) { return 1.3581 / std::sqrt(static_cast<double>(n)); }

}  // namespace thaw::testing
