#pragma once
// Slowdowns that are known only one by one: of invocations that wait or have a duration of their own.

#include <cstdint>

#include "core/units.h"
#include "stats/histogram.h"

namespace thaw {

/// Distribution of (delay + service) / service, to three significant digits. The delay is everything before the function
/// itself runs: waiting for a core or a container, and initialisation.
class SlowdownRecord {
 public:
  SlowdownRecord();
  /// A service of no time is slowed down without end by any delay, and not at all by none.
  void add(Nanos delay, Nanos service, std::uint64_t count = 1);
  /// Invocations that run at once in a warm container: slowdown 1.
  void add_undelayed(std::uint64_t count);
  [[nodiscard]] std::uint64_t count() const { return slowdowns_.count(); }
  /// The slowdown that a share of `p` does not exceed; NaN when there is none.
  [[nodiscard]] double quantile(double p) const;

 private:
  Histogram slowdowns_;  ///< In thousandths.
};

}  // namespace thaw
