#include "stats/modality.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "stats/summary.h"
#include "stats/weighted_points.h"

namespace thaw {
namespace {

/// The value at every point of the tightest convex curve below the points (x, y), and which points it touches. With
/// `sign` = -1, of the tightest concave curve above them.
struct Hull {
  std::vector<double> value;
  std::vector<std::size_t> touches;
};

Hull hull(std::span<const double> x, std::span<const double> y, double sign) {
  Hull result;
  std::vector<std::size_t>& touches = result.touches;
  const auto is_above_line = [&](std::size_t a, std::size_t b, std::size_t c) {
    return sign * ((y[b] - y[a]) * (x[c] - x[a]) - (y[c] - y[a]) * (x[b] - x[a])) >= 0;
  };
  for (std::size_t i = 0; i < x.size(); ++i) {
    while (touches.size() >= 2 && is_above_line(touches[touches.size() - 2], touches.back(), i))
      touches.pop_back();
    touches.push_back(i);
  }
  result.value.assign(y.begin(), y.end());
  for (std::size_t k = 1; k < touches.size(); ++k) {
    const std::size_t begin = touches[k - 1];
    const std::size_t end = touches[k];
    const double slope = (y[end] - y[begin]) / (x[end] - x[begin]);
    for (std::size_t i = begin + 1; i < end; ++i) result.value[i] = y[begin] + slope * (x[i] - x[begin]);
  }
  return result;
}

/// The dip in units of 1/(2n). Narrows an interval that must hold the mode: left of it the best unimodal law follows the
/// convex hull of the distribution function, right of it the concave one (Hartigan & Hartigan 1985, section 3).
double dip_in_counts(const WeightedPoints& points) {
  std::vector<double> below(points.at.size());
  std::vector<double> up_to(points.at.size());
  double count = 0;
  for (std::size_t i = 0; i < points.at.size(); ++i) {
    below[i] = count;
    up_to[i] = count += points.weight[i];
  }
  std::size_t low = 0;
  std::size_t high = points.at.size() - 1;
  double dip = 1;
  while (low < high) {
    const std::size_t size = high - low + 1;
    const auto x = std::span(points.at).subspan(low, size);
    const auto lower = std::span<const double>(below).subspan(low, size);
    const auto upper = std::span<const double>(up_to).subspan(low, size);
    const Hull convex = hull(x, lower, 1);
    const Hull concave = hull(x, upper, -1);
    const auto gap = [&](std::size_t i) { return concave.value[i] - convex.value[i]; };
    const std::size_t left = *std::ranges::max_element(convex.touches, {}, gap);
    const std::size_t right = *std::ranges::max_element(concave.touches, {}, gap);
    std::size_t new_low = left;
    std::size_t new_high = right;
    if (gap(left) > gap(right)) {
      new_high = *std::ranges::lower_bound(concave.touches, left);
    } else {
      new_low = *(std::ranges::upper_bound(convex.touches, right) - 1);
    }
    if (std::max(gap(left), gap(right)) <= dip) break;
    for (std::size_t i = 0; i < new_low; ++i) dip = std::max(dip, upper[i] - convex.value[i]);
    for (std::size_t i = new_high + 1; i < size; ++i) dip = std::max(dip, concave.value[i] - lower[i]);
    if (new_low == 0 && new_high == size - 1) break;
    high = low + new_high;
    low += new_low;
  }
  return dip;
}

/// Silverman's rule of thumb, narrower than Scott's where several modes widen the whole sample.
double silverman_bandwidth(std::span<const double> sorted) {
  const double quartiles = quantile_sorted(sorted, 0.75) - quantile_sorted(sorted, 0.25);
  const double deviation = standard_deviation(sorted);
  const double spread = quartiles > 0 ? std::min(deviation, quartiles / 1.34) : deviation;
  return 0.9 * spread * std::pow(static_cast<double>(sorted.size()), -0.2);
}

/// How far a peak stands above the higher of the lowest points that separate it from higher ground on each side.
double prominence_of(std::span<const double> curve, std::size_t peak) {
  double left = curve[peak];
  double right = curve[peak];
  std::size_t i = peak;
  while (i > 0 && curve[i - 1] <= curve[peak]) left = std::min(left, curve[--i]);
  if (i == 0) left = 0;
  i = peak;
  while (i + 1 < curve.size() && curve[i + 1] <= curve[peak]) right = std::min(right, curve[++i]);
  if (i + 1 == curve.size()) right = 0;
  return curve[peak] - std::max(left, right);
}

}  // namespace

std::vector<Mode> modes(std::span<const double> sample, double prominence) {
  constexpr std::size_t places = 512;
  constexpr double margin = 3;  // In bandwidths.
  if (sample.empty()) return {};
  const std::vector<double> sorted = sorted_copy(sample);
  const double bandwidth = silverman_bandwidth(sorted);
  if (!(bandwidth > 0)) return {{sorted.front(), std::numeric_limits<double>::infinity()}};
  const double low = sorted.front() - margin * bandwidth;
  const double step = (sorted.back() + margin * bandwidth - low) / static_cast<double>(places - 1);
  const double scale = 1 / (static_cast<double>(sorted.size()) * bandwidth * std::sqrt(2 * std::numbers::pi));
  std::vector<double> curve(places, 0);
  for (std::size_t i = 0; i < places; ++i) {
    for (const double value : sorted) {
      const double distance = (low + static_cast<double>(i) * step - value) / bandwidth;
      curve[i] += scale * std::exp(-0.5 * distance * distance);
    }
  }
  const double highest = std::ranges::max(curve);
  std::vector<Mode> found;
  for (std::size_t i = 1; i + 1 < places; ++i) {
    const bool is_peak = curve[i] > curve[i - 1] && curve[i] >= curve[i + 1];
    if (is_peak && prominence_of(curve, i) >= prominence * highest) {
      found.push_back({low + static_cast<double>(i) * step, curve[i]});
    }
  }
  return found;
}

double dip_statistic(std::span<const double> sample) {
  if (sample.empty()) return 0;
  return dip_in_counts(WeightedPoints::of(sample)) / (2 * static_cast<double>(sample.size()));
}

DipTest dip_test(std::span<const double> sample, RandomStream& random, std::size_t resamples) {
  constexpr std::size_t least = 4;
  DipTest test{dip_statistic(sample), std::numeric_limits<double>::quiet_NaN()};
  if (sample.size() < least) return test;
  std::size_t as_large = 0;
  std::vector<double> uniform(sample.size());
  for (std::size_t i = 0; i < resamples; ++i) {
    for (double& value : uniform) value = random.uniform();
    if (dip_statistic(uniform) >= test.dip) ++as_large;
  }
  test.p_value = static_cast<double>(as_large) / static_cast<double>(resamples);
  return test;
}

}  // namespace thaw
