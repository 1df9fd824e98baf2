#pragma once
// Reads results back that `thaw sim run` and `thaw sim sweep` print with --format ndjson or json.

#include <string_view>
#include <vector>

#include "core/error.h"
#include "sim/outcome.h"

namespace thaw {

/// The counts of each line: policy, model, memory_mb, seed, invocations, cold, warm, dropped. Other fields are left
/// alone; a whole JSON list, or an object with a list "points" or "results", is read too.
/// Errors: bad_input with the line.
Result<std::vector<SimulationOutcome>> read_outcomes(std::string_view text);

}  // namespace thaw
