#pragma once
// How precisely a growing sample fixes its median.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/random.h"
#include "stats/interval.h"

namespace thaw {

/// The confidence interval of the median of the values so far.
class MedianPrecision {
 public:
  enum class Method {
    order_statistics,  ///< Between two of the values; holds its level for every law.
    bootstrap,         ///< Percentile interval of resampled medians; a little narrower.
  };

  MedianPrecision(double level, Method method, std::uint64_t seed)
      : level_(level), method_(method), seed_(seed) {}

  /// Cost: O(n) to keep the values sorted.
  void add(std::span<const double> values);

  std::size_t count() const { return sorted_.size(); }
  /// The width of the interval as a share of the median: 0 when the interval is a point, infinity while the values are
  /// too few for one.
  double relative_width() const;

 private:
  Interval interval() const;

  double level_;
  Method method_;
  std::uint64_t seed_;
  std::vector<double> sorted_;
};

}  // namespace thaw
