#pragma once
// A rank other than 0: its threads simulate what rank 0 hands out; one thread speaks for all of them.

#include "core/clock.h"
#include "sim/engine.h"
#include "sim/engines/mpi_link.h"

namespace thaw {

/// Serves until rank 0 ends the sweep. Errors: environment (the connection is broken).
Result<> help_over_mpi(MpiLink& link, const EngineSettings& settings, Clock& clock);

/// Sleeps between two looks for messages: shortly after something happened, longer when nothing does, so that waiting
/// ranks leave the processors to those that compute.
class PollPause {
 public:
  explicit PollPause(Clock& clock) : clock_(clock) {}
  void rest(bool has_worked) {
    pause_ = has_worked ? shortest : std::min(2 * pause_, longest);
    if (!has_worked) clock_.sleep_until(clock_.now() + pause_);
  }

 private:
  static constexpr Nanos shortest = std::chrono::microseconds(20);
  static constexpr Nanos longest = std::chrono::milliseconds(1);

  Clock& clock_;
  Nanos pause_ = shortest;
};

/// How many threads a rank has: as many as asked for, else one, because mpirun starts a rank for each processor.
inline unsigned workers_of_rank(const SweepLimits& limits) {
  return limits.workers != 0 ? limits.workers : 1;
}

}  // namespace thaw
