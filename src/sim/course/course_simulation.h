#pragma once
// The model `course`: the simulator of a course on FaasCache. Containers in a list, victims from a function
// that can be exchanged, cold runs of 3000 + 1.2·cold ms.

#include <memory>
#include <span>
#include <vector>

#include "core/error.h"
#include "keepalive/victim_pickers.h"
#include "sim/observer.h"
#include "sim/outcome.h"
#include "sim/replay.h"
#include "sim/simulation.h"
#include "trace/trace.h"

namespace thaw {

namespace course {
class Simulator;
}

/// One simulation that is fed block by block, so that many can share one pass over a trace.
class CourseSimulation final : public Simulation {
 public:
  /// The policy is one of victim_pickers(). Functions and observer outlive the simulation; the observer may
  /// be null.
  /// Errors: bad_usage (unknown policy, impossible memory), bad_input (impossible function).
  static Result<CourseSimulation> create(const SimulationPoint& point,
                                         std::span<const TraceFunction> functions,
                                         SimulationObserver* observer = nullptr);
  /// With an eviction function of the caller's, whatever the point's policy is called.
  static Result<CourseSimulation> create(const SimulationPoint& point,
                                         std::span<const TraceFunction> functions,
                                         std::unique_ptr<VictimPicker> picker,
                                         SimulationObserver* observer = nullptr);
  CourseSimulation(CourseSimulation&&) noexcept;
  ~CourseSimulation() override;

  /// Simulates the next invocations. Recorded durations are not used.
  /// Errors: bad_input (a time that falls, an unknown function), internal (the model's own checks).
  Result<> take(const InvocationBlock& block) override;

  /// The result so far. idle_gb_s ends with the last invocation; wall_s is the caller's to fill.
  SimulationOutcome finish() override;

 private:
  CourseSimulation(const SimulationPoint& point, std::span<const TraceFunction> functions,
                   std::unique_ptr<VictimPicker> picker, SimulationObserver* observer);

  SimulationPoint point_;
  ReplayOrder order_;
  std::unique_ptr<VictimPicker> picker_;
  std::unique_ptr<course::Simulator> simulator_;
};

/// Runs a whole source through one simulation. Errors: as the steps, and those of the source.
Result<SimulationOutcome> simulate_course(const SimulationPoint& point,
                                          std::span<const TraceFunction> functions, InvocationSource& source,
                                          SimulationObserver* observer = nullptr);

}  // namespace thaw
