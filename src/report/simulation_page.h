#pragma once
// The report of `thaw sim run` and `thaw sim sweep`: what each policy costs at each size of memory.

#include "core/error.h"
#include "record/run_folder.h"
#include "report/page.h"

namespace thaw {

/// Whether a record is one of simulations.
bool is_simulation(const RunRecord& record);

/// Reads what lies beside samples.csv too: functions.csv, bounds.csv and the timelines in memory/, where they are.
/// Errors: bad_input (a column is missing, a file is malformed; no point is finished).
Result<Page> simulation_page(const RunRecord& record);

}  // namespace thaw
