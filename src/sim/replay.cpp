#include "sim/replay.h"

namespace thaw {

Result<> check_inputs(std::span<const TraceFunction> functions, const SimulationPoint& point) {
  constexpr double largest = 1e15;
  const auto is_within = [](double value, double low) { return value >= low && value <= largest; };
  if (!is_within(point.memory_mb, 1e-6)) {
    return fail(ErrorKind::bad_usage, "{} MB is no memory to simulate", point.memory_mb);
  }
  for (const TraceFunction& function : functions) {
    if (!is_within(function.memory_mb, 1e-6)) {
      return fail(ErrorKind::bad_input, "function \"{}\" needs {} MB; memory must be above zero",
                  function.name, function.memory_mb);
    }
    if (!is_within(function.cold_ms, 0) || !is_within(function.warm_ms, 0)) {
      return fail(ErrorKind::bad_input,
                  "function \"{}\" runs {} ms cold and {} ms warm; both must be at least zero", function.name,
                  function.cold_ms, function.warm_ms);
    }
  }
  return {};
}

void add_up_functions(SimulationOutcome& outcome) {
  for (const FunctionOutcome& function : outcome.functions) {
    outcome.cold += function.cold;
    outcome.warm += function.warm;
    outcome.dropped += function.dropped;
    outcome.evictions += function.evictions;
  }
}

tl::unexpected<Error> bad_invocation(std::uint64_t index, double time_ms, FunctionIndex function) {
  return fail(
      ErrorKind::bad_input,
      "invocation {} (function {}, {} ms) names an unknown function or a time that is negative, not a "
      "number, or before the one of its predecessor",
      index + 1, function, time_ms);
}

}  // namespace thaw
