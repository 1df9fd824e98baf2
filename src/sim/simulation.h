#pragma once
// One interface for all models: a simulation of one point that is fed block by block, so that any number of points share
// one pass over a trace.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/cluster_options.h"
#include "sim/observer.h"
#include "sim/outcome.h"

namespace thaw {

class Simulation {
 public:
  virtual ~Simulation() = default;
  /// Simulates the next invocations. REQUIRES: sorted, not earlier than those before; functions in range.
  /// Errors: internal when a model finds its own books wrong.
  virtual Result<> take(const InvocationBlock& block) = 0;
  /// The result, ended at the last invocation. Call once.
  virtual SimulationOutcome finish() = 0;
};

/// A simulation by the rules of the point's model. `functions` and the observer must outlive it.
/// Errors: bad_usage (unknown policy, or one that the model lacks), bad_input (a function out of range).
/// With a cluster: on several servers; then also bad_usage for another model than `clean` and an unknown route.
Result<std::unique_ptr<Simulation>> make_simulation(const SimulationPoint& point,
                                                    std::span<const TraceFunction> functions,
                                                    SimulationObserver* observer = nullptr,
                                                    const std::optional<ClusterOptions>& cluster = {});

/// Runs a whole source through one simulation. Errors: as make_simulation, and the source's.
Result<SimulationOutcome> simulate(const SimulationPoint& point, std::span<const TraceFunction> functions,
                                   InvocationSource& source, SimulationObserver* observer = nullptr);

/// "clean", "faascache", "course". Errors: bad_usage with the nearest name.
Result<Model> parse_model(std::string_view name);
std::string_view name_of(Model model);

/// The policies that a model knows, in help order.
std::vector<std::string> policy_names(Model model);

/// The policy as the model's own list spells it, so that equal points have equal names. Errors: bad_usage,
/// with the model that has it where another one does.
Result<std::string> canonical_policy(Model model, std::string_view text);

}  // namespace thaw
