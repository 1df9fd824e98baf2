#include "sim/course/course_simulation.h"

#include <string>
#include <utility>

#include "sim/course/simulator.h"

namespace thaw {

CourseSimulation::CourseSimulation(const SimulationPoint& point, std::span<const TraceFunction> functions,
                                   std::unique_ptr<VictimPicker> picker, SimulationObserver* observer)
    : point_(point),
      order_(functions.size()),
      picker_(std::move(picker)),
      simulator_(std::make_unique<course::Simulator>(functions, *picker_, point.memory_mb, observer)) {
  point_.model = Model::course;
}
CourseSimulation::CourseSimulation(CourseSimulation&&) noexcept = default;
CourseSimulation::~CourseSimulation() = default;

Result<CourseSimulation> CourseSimulation::create(const SimulationPoint& point,
                                                  std::span<const TraceFunction> functions,
                                                  SimulationObserver* observer) {
  THAW_TRY(const VictimPickerEntry* entry, find_victim_picker(point.policy));
  SimulationPoint named = point;
  named.policy = std::string(entry->name);
  return create(named, functions, entry->make(point.seed), observer);
}

Result<CourseSimulation> CourseSimulation::create(const SimulationPoint& point,
                                                  std::span<const TraceFunction> functions,
                                                  std::unique_ptr<VictimPicker> picker,
                                                  SimulationObserver* observer) {
  THAW_CHECK(check_inputs(functions, point));
  return CourseSimulation(point, functions, std::move(picker), observer);
}

Result<> CourseSimulation::take(const InvocationBlock& block) {
  return order_.replay(block,
                       [this](double time, FunctionIndex f) { return simulator_->run_invocation(time, f); });
}

SimulationOutcome CourseSimulation::finish() {
  SimulationOutcome outcome = simulator_->outcome();
  outcome.point = point_;
  outcome.invocations = order_.invocations();
  return outcome;
}

Result<SimulationOutcome> simulate_course(const SimulationPoint& point,
                                          std::span<const TraceFunction> functions, InvocationSource& source,
                                          SimulationObserver* observer) {
  THAW_TRY(CourseSimulation simulation, CourseSimulation::create(point, functions, observer));
  THAW_CHECK(feed(source, simulation));
  return simulation.finish();
}

}  // namespace thaw
