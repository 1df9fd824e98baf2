#include "bench/median_precision.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>
#include <limits>

namespace thaw {

void MedianPrecision::add(std::span<const double> values) {
  for (const double value : values) sorted_.insert(std::ranges::upper_bound(sorted_, value), value);
}

double MedianPrecision::relative_width() const {
  const std::size_t n = sorted_.size();
  if (n == 0) return std::numeric_limits<double>::infinity();
  const boost::math::binomial_distribution law(static_cast<double>(n), 0.5);
  std::size_t k = 0;
  while (boost::math::cdf(law, static_cast<double>(k)) <= (1 - level_) / 2) ++k;
  if (k == 0) return std::numeric_limits<double>::infinity();
  const double width = sorted_[n - k] - sorted_[k - 1];
  return width == 0 ? 0 : width / std::abs(sorted_[n / 2]);
}

}  // namespace thaw
