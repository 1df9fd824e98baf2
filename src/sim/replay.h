#pragma once
// What every model of a predecessor does around its own rules: check what it is given, walk through the
// invocations, and add up the counts.

#include <cmath>
#include <cstdint>
#include <span>

#include "core/error.h"
#include "sim/outcome.h"
#include "trace/trace.h"

namespace thaw {

/// Functions have memory above zero and durations that are not negative, all of a size that arithmetic
/// survives (memory 1e-6 to 1e15 MB, durations to 1e15 ms), and so has the server. Errors: bad_input with the
/// function's name, bad_usage for the memory of the point.
Result<> check_inputs(std::span<const TraceFunction> functions, const SimulationPoint& point);

/// The complaint about invocation number `index`, which has an impossible time or function.
tl::unexpected<Error> bad_invocation(std::uint64_t index, double time_ms, FunctionIndex function);

/// Adds the counts of the functions to those of the whole: cold, warm, dropped, evictions.
void add_up_functions(SimulationOutcome& outcome);

/// Walks through the invocations of a trace, block by block, and looks that they are possible.
class ReplayOrder {
 public:
  explicit ReplayOrder(std::size_t functions) : functions_(functions) {}

  /// Calls step(time_ms, function) for each invocation; step returns Result<>.
  /// Errors: bad_input (a time that falls, is negative or not a number; an unknown function), those of step.
  template <class Step>
  Result<> replay(const InvocationBlock& block, Step&& step) {
    for (std::size_t i = 0; i < block.size(); ++i) {
      const double time = block.time_ms[i];
      if (!(time >= last_ms_) || std::isinf(time) || block.function[i] >= functions_) {
        return bad_invocation(done_, time, block.function[i]);
      }
      last_ms_ = time;
      THAW_CHECK(step(time, block.function[i]));
      ++done_;
    }
    return {};
  }

  [[nodiscard]] std::uint64_t invocations() const { return done_; }

 private:
  std::size_t functions_;
  std::uint64_t done_ = 0;
  double last_ms_ = 0;
};

/// Gives everything that a source has to a simulation.
template <class Simulation>
Result<> feed(InvocationSource& source, Simulation& simulation) {
  InvocationBlock block;
  for (;;) {
    THAW_CHECK(source.next(block));
    if (block.size() == 0) return {};
    THAW_CHECK(simulation.take(block));
  }
}

}  // namespace thaw
