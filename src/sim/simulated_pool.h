#pragma once
// What models that drive real pools share: a pool from a point and the functions of a trace, and its counts.

#include <cstdint>
#include <memory>
#include <span>

#include "keepalive/pool.h"
#include "sim/outcome.h"

namespace thaw {

/// The nearest nanosecond; without the call that std::llround is. REQUIRES: ms >= 0.
inline Nanos nanos_of(double ms) { return Nanos{static_cast<std::int64_t>(ms * 1e6 + 0.5)}; }
inline double ms_of(Nanos time) { return static_cast<double>(time.count()) * 1e-6; }

/// An empty pool of the point's memory, policy and seed that knows all functions.
/// Errors: bad_usage for an unknown policy or no memory; bad_input for a function that is out of range.
Result<std::unique_ptr<Pool>> make_simulated_pool(const SimulationPoint& point,
                                                  std::span<const TraceFunction> functions);

/// Adds the counts of a closed pool to an outcome. Maxima are added too.
void add_counts(SimulationOutcome& outcome, const Pool& pool);

}  // namespace thaw
