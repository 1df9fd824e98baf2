#include "sim/faascache/faascache_simulation.h"

#include <string>
#include <utility>

#include "sim/faascache/simulator.h"

namespace thaw {

FaascacheSimulation::FaascacheSimulation(const SimulationPoint& point,
                                         std::span<const TraceFunction> functions,
                                         std::unique_ptr<faascache::Simulator> simulator)
    : point_(point), order_(functions.size()), simulator_(std::move(simulator)) {
  point_.model = Model::faascache;
}
FaascacheSimulation::FaascacheSimulation(FaascacheSimulation&&) noexcept = default;
FaascacheSimulation::~FaascacheSimulation() = default;

Result<FaascacheSimulation> FaascacheSimulation::create(const SimulationPoint& point,
                                                        std::span<const TraceFunction> functions,
                                                        SimulationObserver* observer) {
  THAW_TRY(const faascache::PolicyChoice policy, faascache::parse_policy(point.policy));
  THAW_CHECK(check_inputs(functions, point));
  SimulationPoint named = point;
  named.policy = faascache::describe(policy);
  return FaascacheSimulation(
      named, functions,
      std::make_unique<faascache::Simulator>(functions, policy, point.memory_mb, point.seed, observer));
}

Result<> FaascacheSimulation::take(const InvocationBlock& block) {
  return order_.replay(block, [this](double time, FunctionIndex f) { return simulator_->invoke(time, f); });
}

SimulationOutcome FaascacheSimulation::finish() {
  SimulationOutcome outcome = simulator_->outcome();
  outcome.point = point_;
  outcome.invocations = order_.invocations();
  return outcome;
}

Result<SimulationOutcome> simulate_faascache(const SimulationPoint& point,
                                             std::span<const TraceFunction> functions,
                                             InvocationSource& source, SimulationObserver* observer) {
  THAW_TRY(FaascacheSimulation simulation, FaascacheSimulation::create(point, functions, observer));
  THAW_CHECK(feed(source, simulation));
  return simulation.finish();
}

}  // namespace thaw
