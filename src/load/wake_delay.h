#pragma once
// How late sleeps end: what a wake-up takes on this machine, learned while running.

#include <algorithm>
#include <cstdint>

namespace thaw {

/// Follows the median of the delays by small steps, so that a few long ones do not move it.
class WakeDelay {
 public:
  /// A sleep ended so long after its time.
  void add(std::int64_t late_ns) {
    typical_ns_ =
        std::clamp(typical_ns_ + (late_ns > typical_ns_ ? step_ns : -step_ns), std::int64_t{0}, longest_ns);
  }
  [[nodiscard]] std::int64_t typical_ns() const { return typical_ns_; }

 private:
  static constexpr std::int64_t step_ns = 500;
  /// Sleeping is never cut by more: a machine with slower wake-ups has other troubles.
  static constexpr std::int64_t longest_ns = 100'000;
  std::int64_t typical_ns_ = 0;
};

}  // namespace thaw
