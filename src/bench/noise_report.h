#pragma once
// The noise of a finished measurement, from its values, what was asked for, and the recorded context of the machine.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/options.h"
#include "bench/result.h"

namespace thaw {

/// What the values of a cell tell, each warning as one line with its advice, the cell's label before it when there is
/// one.
std::vector<std::string> noise_warnings(const CellResult& cell, const BenchOptions& options);

/// What the machine tells, once for all cells. `context` holds "host" (host_context) and "disturbance"; either may lack.
std::vector<std::string> machine_warnings(const BenchOptions& options, const nlohmann::ordered_json& context);

}  // namespace thaw
