#pragma once
// The page of `thaw sim validate`: real platforms beside their simulations, policy by policy.

#include <span>
#include <string>
#include <vector>

#include "core/error.h"
#include "record/run_folder.h"
#include "report/page.h"

namespace thaw {

/// Where the events of a record's simulation are, beside the platform's events.ndjson.
Path simulated_log_of(const Path& record);

/// Records of loads whose platform has noted its policy, with both event logs. `tables` are shown below the figures.
/// Errors: environment, bad_input (an event log).
Result<Page> validation_page(const std::vector<RunRecord>& records, std::string answer,
                             const std::vector<Table>& tables);

}  // namespace thaw
