#pragma once
// The integral of idle memory over time, for models whose memory changes only at invocations: memory in use
// minus the memory that runs.

#include "sim/outcome.h"

namespace thaw {

class IdleMemory {
 public:
  /// From the last call until now, `used_mb` were in use. Times never fall; nothing counts before the first
  /// call.
  void advance(double now_ms, double used_mb) {
    if (has_begun_) idle_mb_ms_ += used_mb * (now_ms - now_ms_);
    has_begun_ = true;
    now_ms_ = now_ms;
  }
  /// A container runs for that long from now on.
  void runs(double memory_mb, double duration_ms) { idle_mb_ms_ -= memory_mb * duration_ms; }
  /// At the end: a container runs on until then.
  void still_runs(double memory_mb, double finish_ms) {
    if (finish_ms > now_ms_) idle_mb_ms_ += memory_mb * (finish_ms - now_ms_);
  }

  [[nodiscard]] double now_ms() const { return now_ms_; }
  /// GB·s until the last call of `advance`.
  [[nodiscard]] double gb_s() const { return idle_mb_ms_ > 0 ? idle_mb_ms_ * 1e-6 : 0; }

 private:
  bool has_begun_ = false;
  double now_ms_ = 0;
  double idle_mb_ms_ = 0;
};

}  // namespace thaw
