#pragma once
// The report of `thaw bench`, and of any record whose samples are measurements: how the values are distributed, whether
// they changed on the way, and how the commands compare.

#include "core/error.h"
#include "record/run_folder.h"
#include "report/page.h"

namespace thaw {

/// Each command or cell of the record as a dataset; the metric is the one that the run was asked for, or its first.
/// Errors: bad_input (malformed, nothing numeric in it).
Result<Page> measurement_page(const RunRecord& record);

}  // namespace thaw
