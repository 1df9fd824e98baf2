#include "sim/faascache/activation_history.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace thaw::faascache {

void ActivationHistory::record(double now_ms) {
  const double interval = now_ms - last_seen_ms_;
  last_seen_ms_ = now_ms;
  if (!is_known_) {
    is_known_ = true;
    return;
  }
  const double minute = std::floor(interval / 60000);
  if (minute >= static_cast<double>(minutes)) return;
  count(static_cast<std::size_t>(minute));
  decide();
}

// Mean and variance by Welford (1962), in the order of operations of the original.
void ActivationHistory::count(std::size_t minute) {
  const auto value = static_cast<double>(minute);
  ++count_;
  const double delta = value - mean_;
  mean_ += delta / static_cast<double>(count_);
  m2_ += delta * (value - mean_);
  ++bins_[minute];
  occupied_[minute / 64] |= std::uint64_t{1} << (minute % 64);
}

void ActivationHistory::decide() {
  ttl_ms_ = default_ttl_ms;
  prewarm_ms_ = 0;
  if (count_ < 2) return;
  const double variance = m2_ / static_cast<double>(count_);
  if (mean_ != 0 && variance / mean_ > 2) return;

  // Empty bins add nothing to the running sum, so only occupied ones can cross a threshold.
  double cumulative = 0;
  std::size_t head = minutes, tail = minutes;
  const auto total = static_cast<double>(count_);
  for (std::size_t w = 0; w < occupied_.size() && tail == minutes; ++w) {
    for (std::uint64_t word = occupied_[w]; word != 0; word &= word - 1) {
      const std::size_t i = w * 64 + static_cast<std::size_t>(std::countr_zero(word));
      cumulative += static_cast<double>(bins_[i]) / total;
      if (head == minutes && 0.05 < cumulative) head = i == 0 ? 0 : i - 1;
      if (0.99 < cumulative) {
        tail = std::min(i + 1, minutes);
        break;
      }
    }
  }
  ttl_ms_ = static_cast<double>(tail * 60 * 1000) * 1.1;
  prewarm_ms_ = static_cast<double>(head * 60 * 1000) * 0.9;
}

}  // namespace thaw::faascache
