#pragma once
// A record of `thaw load --target embedded` as what a simulation needs: the plan, and what became of it, from samples.csv
// and from the platform's own events.ndjson.

#include "record/run_folder.h"
#include "sim/validation.h"

namespace thaw {

/// Errors: bad_input (not such a record; columns or functions are missing), environment (the event log).
Result<RecordedRun> recorded_run(const RunRecord& record);

/// The event log of a record.
Path event_log_of(const RunRecord& record);

}  // namespace thaw
