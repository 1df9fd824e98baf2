#pragma once
// A clock that each reading moves on by one step, and that sleeps without waiting.

#include "core/clock.h"

namespace thaw::functions {

class SteppingClock final : public Clock {
 public:
  explicit SteppingClock(Nanos step) : step_(step) {}
  MonotonicTime now() const override { return now_ += step_; }
  WallTime wall() const override { return WallTime{}; }
  void sleep_until(MonotonicTime when) override { now_ = when; }

 private:
  Nanos step_;
  mutable MonotonicTime now_{};
};

}  // namespace thaw::functions
