#pragma once
// The processor that a series of starts stays on; see LaunchSeries in process.h.

#include <optional>

#include "core/clock.h"
#include "core/processor_hold.h"

namespace thaw {

class SeriesHold {
 public:
  /// So long after a start the thread stays on its processor. More than the 4 ms of a tick: a wait that ends before the next
  /// tick has to be told to the timer of the processor and taken back, which takes a virtual machine several microseconds.
  static constexpr Nanos longest = std::chrono::milliseconds(5);

  /// Of this thread; null without a series.
  static SeriesHold* current();

  /// Where to start a process now.
  const ProcessorHold& place();
  /// A process has been started: after many the thread may move, as others may have come to its processor.
  void count_start();
  /// The kernel then wakes the thread where a child ended, or where nobody runs.
  void let_go();
  [[nodiscard]] bool is_held() const { return place_.has_value(); }

 private:
  std::optional<ProcessorHold> place_;
  int starts_ = 0;
};

}  // namespace thaw
