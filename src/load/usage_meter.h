#pragma once
// What the calling thread has used of the machine, as the kernel counts it.

#include "record/load_summary.h"

namespace thaw {

/// Measures from its creation on. Create and read it in the same thread.
class UsageMeter {
 public:
  UsageMeter();
  /// Fills cpu_s, run_delay_s and involuntary_switches.
  void read_into(SenderHealth& health) const;

 private:
  SenderHealth begin_;
};

/// Lets the process open as many descriptors as its hard limit allows, and says what stands against `connections` of them
/// at once: advice for people, empty when nothing does.
std::vector<std::string> prepare_limits(std::size_t connections, bool is_loopback);

}  // namespace thaw
