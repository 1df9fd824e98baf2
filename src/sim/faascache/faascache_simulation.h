#pragma once
// The model `faascache`: the research simulator with its heap order and its quirks, so that counts are equal
// to it.

#include <memory>
#include <span>

#include "core/error.h"
#include "sim/observer.h"
#include "sim/outcome.h"
#include "sim/replay.h"
#include "sim/simulation.h"
#include "trace/trace.h"

namespace thaw {

namespace faascache {
class Simulator;
}

/// One simulation that is fed block by block, so that many can share one pass over a trace.
class FaascacheSimulation final : public Simulation {
 public:
  /// The policy is a text that faascache::parse_policy reads. Functions and observer outlive the simulation;
  /// the observer may be null. Errors: bad_usage (unknown policy, impossible memory), bad_input (impossible
  /// function).
  static Result<FaascacheSimulation> create(const SimulationPoint& point,
                                            std::span<const TraceFunction> functions,
                                            SimulationObserver* observer = nullptr);
  FaascacheSimulation(FaascacheSimulation&&) noexcept;
  ~FaascacheSimulation() override;

  /// Simulates the next invocations. Recorded durations are not used.
  /// Errors: bad_input (a time that falls, an unknown function), internal (the model's own check).
  Result<> take(const InvocationBlock& block) override;

  /// The result so far. evictions count victims of pressure and expired containers (TTL, LONG-TTL, HIST), as
  /// the original does; expirations count the expired ones once more, and what HIST unloads at the end of a
  /// run. idle_gb_s ends with the last invocation; wall_s is the caller's to fill.
  SimulationOutcome finish() override;

 private:
  FaascacheSimulation(const SimulationPoint& point, std::span<const TraceFunction> functions,
                      std::unique_ptr<faascache::Simulator> simulator);

  SimulationPoint point_;
  ReplayOrder order_;
  std::unique_ptr<faascache::Simulator> simulator_;
};

/// Runs a whole source through one simulation. Errors: as the steps, and those of the source.
Result<SimulationOutcome> simulate_faascache(const SimulationPoint& point,
                                             std::span<const TraceFunction> functions,
                                             InvocationSource& source,
                                             SimulationObserver* observer = nullptr);

}  // namespace thaw
