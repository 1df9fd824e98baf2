#include "stats/change_points.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "stats/summary.h"
#include "stats/tests.h"

namespace thaw {
namespace {

constexpr std::size_t least_values = 10;
constexpr std::size_t most_values = 5000;
constexpr std::size_t most_kernel_values = 500;

/// Sums of the values and their squares before each index, for the mean and scatter of any segment.
class PrefixSums {
 public:
  explicit PrefixSums(std::span<const double> series)
      : sums_(series.size() + 1, 0), squares_(series.size() + 1, 0) {
    const double centre = mean(series);
    for (std::size_t i = 0; i < series.size(); ++i) {
      const double value = series[i] - centre;
      sums_[i + 1] = sums_[i] + value;
      squares_[i + 1] = squares_[i] + value * value;
    }
  }

  /// Σ (x - x̄)² of the values in [begin, end).
  double scatter(std::size_t begin, std::size_t end) const {
    const double sum = sums_[end] - sums_[begin];
    return std::max(0.0, squares_[end] - squares_[begin] - sum * sum / static_cast<double>(end - begin));
  }

 private:
  std::vector<double> sums_;
  std::vector<double> squares_;
};

/// The variance of the noise, untouched by jumps of the level: from the median distance of neighbours, or from all
/// values when most neighbours are equal.
double noise_variance(std::span<const double> series) {
  std::vector<double> steps;
  for (std::size_t i = 1; i < series.size(); ++i) steps.push_back(series[i] - series[i - 1]);
  const double deviation = 1.4826 * median_absolute_deviation(steps) / std::sqrt(2);
  return deviation > 0 ? deviation * deviation : variance(series);
}

class MeanCost {
 public:
  explicit MeanCost(std::span<const double> series) : sums_(series), noise_(noise_variance(series)) {}
  double operator()(std::size_t begin, std::size_t end) const { return sums_.scatter(begin, end) / noise_; }

 private:
  PrefixSums sums_;
  double noise_;
};

class NormalCost {
 public:
  /// A segment of equal values is as good as one with a millionth of the whole variance.
  explicit NormalCost(std::span<const double> series) : sums_(series), floor_(1e-6 * variance(series)) {}
  double operator()(std::size_t begin, std::size_t end) const {
    const auto size = static_cast<double>(end - begin);
    return size * std::log(std::max(floor_, sums_.scatter(begin, end) / size));
  }

 private:
  PrefixSums sums_;
  double floor_;
};

/// Σ k(x, x) - Σ Σ k(x, y) / m with k(x, y) = exp(-(x - y)² / w), w the median of all squared distances. The exponent is
/// kept between 0.01 and 100 except on the diagonal.
class KernelCost {
 public:
  explicit KernelCost(std::span<const double> series)
      : stride_(series.size() + 1), block_sums_(stride_ * stride_, 0) {
    const std::size_t n = series.size();
    std::vector<double> distances;
    distances.reserve(n * (n - 1) / 2);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = i + 1; j < n; ++j) {
        distances.push_back((series[i] - series[j]) * (series[i] - series[j]));
      }
    }
    const double middle = median(distances);
    const double rate = middle > 0 ? 1 / middle : 1;
    // The matrix is symmetric, so each value is computed once; then it becomes its own sums, row by row.
    for (std::size_t i = 0; i < n; ++i) {
      corner(i, i) = 1;
      for (std::size_t j = i + 1; j < n; ++j) {
        const double distance = rate * (series[i] - series[j]) * (series[i] - series[j]);
        corner(i, j) = corner(j, i) = std::exp(-std::clamp(distance, 0.01, 100.0));
      }
    }
    for (std::size_t i = 0; i < n; ++i) {
      double row = 0;
      for (std::size_t j = 0; j < n; ++j) {
        row += corner(i, j);
        corner(i, j) = at(i, j + 1) + row;
      }
    }
  }

  double operator()(std::size_t begin, std::size_t end) const {
    const auto size = static_cast<double>(end - begin);
    const double sum = at(end, end) - at(begin, end) - at(end, begin) + at(begin, begin);
    return size - sum / size;
  }

 private:
  double at(std::size_t row, std::size_t column) const { return block_sums_[row * stride_ + column]; }
  /// Of the value in that row and column of the kernel matrix, the lower right one.
  double& corner(std::size_t row, std::size_t column) {
    return block_sums_[(row + 1) * stride_ + column + 1];
  }

  std::size_t stride_;
  std::vector<double> block_sums_;  ///< Sums of the kernel matrix above and left of each corner.
};

/// PELT: the best segmentation of every prefix from those of shorter ones, forgetting starts of the last segment that
/// can never be best again.
template <class Cost>
std::vector<std::size_t> segment(std::size_t n, const Cost& cost, double penalty, std::size_t least) {
  struct Start {
    std::size_t at;
    std::size_t useless_from;  ///< Beaten by a later start from this end on.
  };
  std::vector<double> best(n + 1, std::numeric_limits<double>::infinity());
  std::vector<std::size_t> start_of_last(n + 1, 0);
  best[0] = -penalty;
  std::vector<Start> starts = {{0, n + 1}};
  for (std::size_t end = least; end <= n; ++end) {
    if (end >= 2 * least) starts.push_back({end - least, n + 1});
    std::erase_if(starts, [&](const Start& start) { return start.useless_from <= end; });
    for (const Start& start : starts) {
      const double total = best[start.at] + cost(start.at, end) + penalty;
      if (total < best[end]) {
        best[end] = total;
        start_of_last[end] = start.at;
      }
    }
    // A segment that begins at `end` would have to be `least` long before it could take over.
    for (Start& start : starts) {
      if (start.useless_from > n && best[start.at] + cost(start.at, end) >= best[end]) {
        start.useless_from = end + least;
      }
    }
  }
  std::vector<std::size_t> changes;
  for (std::size_t at = start_of_last[n]; at > 0; at = start_of_last[at]) changes.push_back(at);
  std::ranges::reverse(changes);
  return changes;
}

std::size_t default_least_segment(std::size_t n) { return std::max<std::size_t>(3, n / 20); }

Phase compare(std::span<const double> phase, std::span<const double> rest) {
  constexpr double level = 0.05;
  constexpr std::size_t least = 3;
  if (phase.size() < least || rest.size() < least) return {};
  const double p_value = mann_whitney(phase, rest).p_value;
  if (!(p_value < level)) return {};
  return {phase.size(), p_value, median(phase), median(rest)};
}

}  // namespace

std::vector<std::size_t> change_points(std::span<const double> series, const ChangePointSettings& settings) {
  if (series.size() < least_values || std::ranges::min(series) == std::ranges::max(series)) return {};
  if (series.size() > most_values) {
    std::vector<std::size_t> places(most_values);
    std::vector<double> thinned(most_values);
    for (std::size_t i = 0; i < most_values; ++i) {
      places[i] = i * (series.size() - 1) / (most_values - 1);
      thinned[i] = series[places[i]];
    }
    std::vector<std::size_t> changes = change_points(thinned, settings);
    for (std::size_t& change : changes) change = places[change];
    return changes;
  }
  const std::size_t n = series.size();
  const double penalty = settings.penalty > 0 ? settings.penalty : 3 * std::log(static_cast<double>(n));
  const std::size_t least = settings.least_segment > 0 ? settings.least_segment : default_least_segment(n);
  switch (settings.cost) {
    case SegmentCost::automatic:
      if (n <= most_kernel_values) return segment(n, KernelCost(series), penalty, least);
      return segment(n, MeanCost(series), penalty, least);
    case SegmentCost::mean:
      return segment(n, MeanCost(series), penalty, least);
    case SegmentCost::normal:
      return segment(n, NormalCost(series), penalty, least);
    case SegmentCost::kernel:
      return segment(n, KernelCost(series), penalty, least);
  }
  return {};
}

Phases find_phases(std::span<const double> series) {
  Phases phases;
  phases.changes = change_points(series);
  const auto n = static_cast<double>(series.size());
  const auto last_warm = static_cast<std::size_t>(0.3 * n);
  const auto first_cool = static_cast<std::size_t>(0.7 * n);
  if (phases.changes.empty()) return phases;
  if (const std::size_t first = phases.changes.front(); first <= last_warm) {
    phases.warm_up = compare(series.first(first), series.subspan(first));
  }
  if (const std::size_t last = phases.changes.back(); last >= first_cool) {
    phases.cool_down = compare(series.subspan(last), series.first(last));
  }
  return phases;
}

}  // namespace thaw
