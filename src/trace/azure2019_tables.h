#pragma once
// durations.csv and memory.csv of the Azure Functions trace 2019.

#include <unordered_map>
#include <vector>

#include "trace/csv_table.h"
#include "trace/function_names.h"

namespace thaw {

/// One row of durations.csv.
struct Azure2019Duration {
  FunctionIndex app = 0;  ///< Place in Azure2019Durations::apps.
  DurationStatistics statistics;
  std::string place;  ///< "durations.csv:17"
};

/// durations.csv by function.
struct Azure2019Durations {
  FunctionNames names;
  std::vector<Azure2019Duration> rows;  ///< Row i belongs to the function at place i of names.
  FunctionNames apps;
  std::vector<std::uint32_t> functions_of_app;
};
/// Errors: bad_input at the row (missing column, repeated function, no number).
Result<Azure2019Durations> read_azure2019_durations(const InputFile& file, ReadingNotes& notes);

/// memory.csv. As published it holds apps; the tools that prepare samples have divided it among the functions and
/// added a column HashFunction.
struct Azure2019Memory {
  bool is_by_function = false;
  FunctionNames names;  ///< Functions or apps.
  struct Row {
    MemoryStatistics statistics;
    std::string place;  ///< "memory.csv:17"
  };
  std::vector<Row> rows;  ///< Row i belongs to the name at place i.
};
/// Errors: as read_azure2019_durations.
Result<Azure2019Memory> read_azure2019_memory(const InputFile& file, ReadingNotes& notes);

/// The statistics of one of `functions` equal parts of an app.
MemoryStatistics divided(MemoryStatistics memory, double functions);

}  // namespace thaw
