#pragma once
// Where the launcher runs while it starts a child.

#include <sched.h>

#include <optional>

namespace thaw {

/// While it lives, the calling thread stays on the processor it is on, and thaw-spawn starts children there. Handing over
/// to it and back then wakes no other processor, which on a virtual machine takes longer than all else between two
/// repetitions. Children are not held: they get the processors that the thread had.
///
/// It may live on while a child runs, but not for long: the processor may be wanted by the child's own threads or by
/// others, and whoever is held there has to wait for them.
class ProcessorHold {
 public:
  /// `is_wanted` false: nothing is held; several children begin better where the kernel puts them.
  explicit ProcessorHold(bool is_wanted);
  ProcessorHold(const ProcessorHold&) = delete;
  ProcessorHold& operator=(const ProcessorHold&) = delete;
  ~ProcessorHold();

  /// What the thread may use when it is not held; none when the kernel did not tell.
  [[nodiscard]] const std::optional<cpu_set_t>& allowed() const { return allowed_; }
  /// What it may use now.
  [[nodiscard]] const std::optional<cpu_set_t>& held() const { return held_; }

 private:
  std::optional<cpu_set_t> allowed_, held_;
};

}  // namespace thaw
