#pragma once
// What concurrency alone demands, whatever the policy: the memory of executions in progress, and the cold starts that
// unlimited memory cannot avoid.

#include <cstdint>
#include <span>

#include "core/error.h"
#include "sim/outcome.h"
#include "trace/trace.h"

namespace thaw {

/// Which duration counts for an execution.
enum class Assumed {
  warm,  ///< All warm, as the predecessor's find_mem.
  cold,  ///< All cold: no simulation ever runs more at once.
};

/// Largest summed memory of executions in progress at once, MB. With Assumed::warm the memory below which something
/// must be dropped if all is warm; with Assumed::cold the memory with which nothing is ever dropped.
/// An execution that ends when another begins no longer counts. Errors: those of the source.
Result<double> peak_running_mb(std::span<const TraceFunction> functions, InvocationSource& invocations,
                               Assumed assumed = Assumed::warm);

/// The clean model with unlimited memory: every cold start is a first invocation or one that found all containers of
/// its function busy. Policy "unlimited"; memory_mb is infinite,
/// slowdowns are missing. Errors: those of the source.
/// Cost: O(log running) for each invocation, streaming.
Result<SimulationOutcome> simulate_unlimited(std::span<const TraceFunction> functions,
                                             InvocationSource& invocations);

}  // namespace thaw
