#include "stats/density.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "stats/summary.h"
#include "stats/weighted_points.h"

namespace thaw {

double scott_bandwidth(std::span<const double> sample) {
  if (sample.size() < 2) return 0;
  return standard_deviation(sample) * std::pow(static_cast<double>(sample.size()), -0.2);
}

Curve kernel_density(std::span<const double> sample, double low, double high, std::size_t points) {
  constexpr double reach = 8.5;  // Beyond it a Gaussian adds less than one part in 10^15.
  const double bandwidth = scott_bandwidth(sample);
  if (!(bandwidth > 0)) return {};
  const std::vector<double> sorted = sorted_copy(sample);
  const double scale = 1 / (static_cast<double>(sample.size()) * bandwidth * std::sqrt(2 * std::numbers::pi));
  Curve curve;
  for (std::size_t i = 0; i < points; ++i) {
    const double x = std::lerp(low, high, static_cast<double>(i) / static_cast<double>(points - 1));
    double sum = 0;
    for (auto near = std::ranges::lower_bound(sorted, x - reach * bandwidth);
         near != sorted.end() && *near <= x + reach * bandwidth; ++near) {
      const double distance = (x - *near) / bandwidth;
      sum += std::exp(-0.5 * distance * distance);
    }
    curve.x.push_back(x);
    curve.y.push_back(sum * scale);
  }
  return curve;
}

Curve kernel_density(std::span<const double> sample, std::size_t points) {
  if (!(scott_bandwidth(sample) > 0)) return {};
  const auto [low, high] = std::ranges::minmax(sample);
  return kernel_density(sample, low, high, points);
}

Binning freedman_diaconis(std::span<const double> sample) {
  constexpr std::size_t least = 10;
  constexpr std::size_t most = 100;
  constexpr std::size_t without_spread = 30;
  const std::vector<double> sorted = sorted_copy(sample);
  const double range = sorted.back() - sorted.front();
  const double quartiles = quantile_sorted(sorted, 0.75) - quantile_sorted(sorted, 0.25);
  if (!(quartiles > 0)) return {without_spread, range > 0 ? range / static_cast<double>(without_spread) : 1};
  const double width = 2 * quartiles / std::cbrt(static_cast<double>(sample.size()));
  const double whole = std::min(range / width, static_cast<double>(most));
  return {std::max(least, static_cast<std::size_t>(whole)), width};
}

HistogramBars bars(std::span<const double> sample, std::size_t bins) {
  auto [low, high] = std::ranges::minmax(sample);
  if (low == high) {
    low -= 0.5;
    high += 0.5;
  }
  HistogramBars result{low, (high - low) / static_cast<double>(bins), std::vector<std::size_t>(bins, 0)};
  for (const double value : sample) {
    const auto bar = static_cast<std::size_t>((value - low) / (high - low) * static_cast<double>(bins));
    ++result.counts[std::min(bar, bins - 1)];
  }
  return result;
}

Curve distribution_function(std::span<const double> sample) {
  WeightedPoints points = WeightedPoints::of(sample);
  const double total = points.total();
  double below = 0;
  for (double& weight : points.weight) {
    below += weight;
    weight = below / total;
  }
  return {std::move(points.at), std::move(points.weight)};
}

}  // namespace thaw
