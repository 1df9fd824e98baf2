#pragma once
// Adds up what several generators recorded of one load, each with its shard: counts and histograms bin by bin, so that the
// result is the one of a single generator that had sent everything.

#include <span>
#include <vector>

#include "core/files.h"
#include "record/load_summary.h"
#include "record/run_document.h"

namespace thaw {

/// The records of `thaw load` in these folders, added up. The merged verdict is "healthy" only if all are.
/// Errors: bad_input (no record of a load, or one that has not ended), environment.
Result<LoadSummary> merge_loads(std::span<const Path> records);

/// The same, written as a new record: `run.json` from `document` with the merged summary, and the rows of all, one record
/// after the other. Errors: as merge_loads; bad_usage (the folder holds a run).
Result<LoadSummary> write_merged_load(std::span<const Path> records, const Path& folder,
                                      RunDocument document);

}  // namespace thaw
