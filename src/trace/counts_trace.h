#pragma once
// A trace file that holds counts per minute: what Azure 2019 and Huawei 2023 have in common.

#include <memory>
#include <string_view>

#include "trace/compact_counts.h"
#include "trace/csv_table.h"
#include "trace/reader.h"

namespace thaw {

constexpr double minute_ms = 60000;

/// Functions and their counts, row by row.
struct CountedTrace {
  std::vector<TraceFunction> functions;
  CompactCounts counts;
  std::size_t columns = 0;
};

/// Columns [begin, end) of a table.
struct ColumnRange {
  std::size_t begin = 0, end = 0;
  [[nodiscard]] std::size_t size() const { return end - begin; }
};

/// The minutes that the options select out of `columns`.
/// Errors: bad_usage when the selection does not begin and end at whole minutes or lies behind the last one.
Result<ColumnRange> selected_minutes(const ReadOptions& options, std::size_t columns);

/// Makes the trace file: its invocations are even_arrivals of the counts.
std::unique_ptr<TraceFile> make_counts_trace(std::string_view form, CountedTrace trace, ReadingNotes notes);

}  // namespace thaw
