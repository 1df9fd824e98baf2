#pragma once
// The noise of one measured cell, from its values, what was asked for, and the recorded context of the machine.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/noise.h"
#include "bench/options.h"
#include "bench/result.h"

namespace thaw {

/// What is known about the cell's noise. `context` holds "host" (host_context) and "disturbance"; either may lack.
/// The views are into `cell`.
NoiseFacts noise_facts(const CellResult& cell, const BenchOptions& options,
                       const nlohmann::ordered_json& context);

/// Each warning as one line with its advice, the cell's label before it when there is one.
std::vector<std::string> noise_warnings(const CellResult& cell, const BenchOptions& options,
                                        const nlohmann::ordered_json& context);

}  // namespace thaw
