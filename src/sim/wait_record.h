#pragma once
// How long invocations wait before their execution begins: for a core, for memory, or for a busy container.

#include <cstdint>

#include "core/units.h"
#include "sim/outcome.h"
#include "stats/histogram.h"

namespace thaw {

class WaitRecord {
 public:
  WaitRecord();
  /// An invocation that is served after a wait; one of no time counts for nothing.
  void add(Nanos wait);
  /// What is known of the waits of so many served invocations. Quantiles have three significant digits.
  [[nodiscard]] WaitOutcome outcome(std::uint64_t served) const;

 private:
  Histogram waits_;  ///< ns, of those that wait.
  double sum_s_ = 0;
};

}  // namespace thaw
