#pragma once
// Tables of the published traces as they are: the three of Azure 2019 read with their flaws, to be cleaned
// (trace/preprocess.h), and written from counts; the rows of Azure 2021.

#include <optional>
#include <vector>

#include "core/error.h"
#include "core/files.h"
#include "trace/preprocess.h"
#include "trace/trace.h"

namespace thaw {

/// Reads `*invocations*NN*.csv`, `*durations*NN*.csv` and `*memory*NN*.csv` of a folder, NN being the day in two
/// digits, gzip or not; without a day, the only files of these names. Missing numbers become NaN.
/// Errors: environment (absent), bad_input (several files fit, a column is missing, a field is no number).
Result<Azure2019Tables> read_azure2019_tables(const Path& folder, std::optional<int> day);

/// Writes invocations.csv, durations.csv and memory.csv (by function), the columns labelled from `first_label`.
/// Statistics that a function lacks are its warm and cold time and its memory. Errors: environment.
Result<> write_counts(const ArrivalCounts& counts, const Path& folder, std::size_t first_label = 1);

/// Reads app,func,end_timestamp,duration. Errors: environment, bad_input at the line.
Result<std::vector<Azure2021Row>> read_azure2021_rows(const Path& path);

/// Writes the same form. Errors: environment.
Result<> write_azure2021_rows(const std::vector<Azure2021Row>& rows, const Path& path);

}  // namespace thaw
