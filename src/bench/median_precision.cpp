#include "bench/median_precision.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "stats/interval.h"
#include "stats/summary.h"

namespace thaw {

void MedianPrecision::add(std::span<const double> values) {
  for (const double value : values) sorted_.insert(std::ranges::upper_bound(sorted_, value), value);
}

double MedianPrecision::relative_width() const {
  const Interval interval = this->interval();
  if (interval.is_missing()) return std::numeric_limits<double>::infinity();
  return interval.width() == 0 ? 0 : interval.width() / std::abs(quantile_sorted(sorted_, 0.5));
}

Interval MedianPrecision::interval() const {
  if (method_ == Method::order_statistics) return median_interval(sorted_, level_);
  RandomStream random(seed_, "bench/median-bootstrap", sorted_.size());
  return bootstrap_quantile_interval(sorted_, 0.5, random, {.confidence = level_, .resamples = 1000});
}

}  // namespace thaw
