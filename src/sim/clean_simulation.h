#pragma once
// The clean model: one server, one pool, a trace. What the research simulators get wrong is right here: an eviction
// frees the deficit and happens only when it makes the start possible, keep-alive counts from the end of an execution
// and expires at once, drops are counted, ties go by last use. docs/simulation.md states every rule.

#include <cstdint>
#include <memory>
#include <vector>

#include "keepalive/pool.h"
#include "sim/observed_pool.h"
#include "sim/simulation.h"
#include "sim/slowdown_record.h"
#include "sim/wait_record.h"

namespace thaw {

/// One simulation that is fed block by block, so that many can share one pass over a trace.
class CleanSimulation final : public Simulation {
 public:
  /// As create, behind the interface of all models.
  static Result<std::unique_ptr<Simulation>> make(const SimulationPoint& point,
                                                  std::span<const TraceFunction> functions,
                                                  SimulationObserver* observer);

  /// Errors: bad_usage for an unknown policy or no memory; bad_input for a function that is out of range.
  static Result<CleanSimulation> create(const SimulationPoint& point,
                                        std::span<const TraceFunction> functions);

  /// Simulates the next invocations. REQUIRES: sorted, not earlier than those before; functions in range.
  Result<> take(const InvocationBlock& block) override;

  /// The result so far, ended at the last invocation. Call once.
  SimulationOutcome finish() override;

  [[nodiscard]] const Pool& pool() const { return *pool_; }
  void observe(PoolObserver* observer) { pool_->observe(observer); }

 private:
  CleanSimulation(const SimulationPoint& point, std::unique_ptr<Pool> pool);
  template <bool has_durations, bool is_observed>
  void run(const InvocationBlock& block);
  void add_slowdowns(SimulationOutcome& outcome) const;

  SimulationPoint point_;
  std::unique_ptr<Pool> pool_;
  std::unique_ptr<ObservedMemory> observed_;  ///< Only with an observer.
  std::unique_ptr<ObservedPool> watched_;
  std::uint64_t invocations_ = 0;
  Instant now_{};
  SlowdownRecord delayed_;  ///< Of those that waited or have their own duration.
  WaitRecord waits_;        ///< Of those that a policy lets wait for a busy container.
};

/// Runs a whole source through one simulation.
Result<SimulationOutcome> simulate_clean(const SimulationPoint& point,
                                         std::span<const TraceFunction> functions, InvocationSource& source);

}  // namespace thaw
