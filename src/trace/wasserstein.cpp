#include "trace/wasserstein.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace thaw {

SparseDistribution::SparseDistribution(std::span<const double> values, std::size_t count) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const auto n = static_cast<double>(count);
  const std::size_t zeros = count - sorted.size();
  share_of_zero_ = static_cast<double>(zeros) / n;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (i + 1 < sorted.size() && sorted[i + 1] == sorted[i]) continue;
    steps_.push_back({sorted[i], static_cast<double>(zeros + i + 1) / n});
  }
}

double SparseDistribution::distance_to(const SparseDistribution& other) const {
  double distance = 0;
  double at = 0;
  double difference = share_of_zero_ - other.share_of_zero_;
  double mine = share_of_zero_;
  double theirs = other.share_of_zero_;
  auto i = steps_.begin();
  auto j = other.steps_.begin();
  while (i != steps_.end() || j != other.steps_.end()) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const double next_mine = i != steps_.end() ? i->value : infinity;
    const double next_theirs = j != other.steps_.end() ? j->value : infinity;
    const double next = std::min(next_mine, next_theirs);
    distance += std::abs(difference) * (next - at);
    at = next;
    if (next_mine == next) mine = (i++)->cumulative;
    if (next_theirs == next) theirs = (j++)->cumulative;
    difference = mine - theirs;
  }
  return distance;
}

double wasserstein_distance(std::span<const double> first, std::span<const double> second) {
  return SparseDistribution(first, first.size()).distance_to(SparseDistribution(second, second.size()));
}

}  // namespace thaw
