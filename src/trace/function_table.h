#pragma once
// functions.csv: who can be invoked in a trace of the pair form.

#include <vector>

#include "trace/csv_table.h"
#include "trace/function_names.h"

namespace thaw {

/// Largest time, duration (ms) and memory (MB) that are believed; more is a damaged file. A time (127 years) and a
/// duration together are within the 64 bits of nanoseconds in which simulations count.
constexpr double largest_time_ms = 4e12;
constexpr double largest_memory_mb = 1e12;

/// The functions of a trace in file order, to be found by name.
struct FunctionTable {
  std::vector<TraceFunction> functions;
  FunctionNames names;
};

/// Reads functions.csv. Errors: bad_input at the row (missing column, repeated function, impossible number).
Result<FunctionTable> read_function_table(const InputFile& file, ReadingNotes& notes);

/// Whether a memory is possible: finite, above 0, believable.
constexpr bool is_possible_memory(double mb) { return mb > 0 && mb <= largest_memory_mb; }
/// Whether a time or a duration is possible: finite, not negative, believable.
constexpr bool is_possible_time(double ms) { return ms >= 0 && ms <= largest_time_ms; }

}  // namespace thaw
