#pragma once
// Slowdown of the models in which nothing ever queues: a warm run takes its warm time, slowdown 1; a cold run
// takes as long as the model says.

#include <functional>
#include <span>

#include "sim/outcome.h"
#include "trace/trace.h"

namespace thaw {

/// Fills slowdown_p50 and slowdown_p99 of the outcome from its counts per function: the smallest slowdown
/// that at least that share of the served invocations does not exceed. Infinite where a function's warm time
/// is zero and its cold one is not; NaN when nothing was served.
void fill_slowdown(SimulationOutcome& outcome, std::span<const TraceFunction> functions,
                   const std::function<double(const TraceFunction&)>& cold_run_ms);

}  // namespace thaw
