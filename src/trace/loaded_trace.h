#pragma once
// A trace file whose invocations are held in memory: for forms that are not sorted by time.

#include <memory>
#include <string_view>

#include "trace/csv_table.h"
#include "trace/reader.h"

namespace thaw {

/// Sorts by time, equal times staying in order, and returns how many invocations came before an earlier one's time.
std::uint64_t sort_by_time(InvocationBlock& invocations);

/// Makes the trace file: applies the options' window and takes over the notes.
/// REQUIRES: the invocations are sorted by time.
std::unique_ptr<TraceFile> make_loaded_trace(std::string_view form, Trace trace, const ReadOptions& options,
                                             ReadingNotes notes);

}  // namespace thaw
