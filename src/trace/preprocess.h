#pragma once
// Cuts a published trace to a window and cleans it, so that every function that is left has invocations, durations
// and memory.

#include <cstdint>
#include <string>
#include <vector>

#include "core/error.h"
#include "trace/trace.h"

namespace thaw {

/// Whose row it is. In the Azure 2019 trace memory belongs to an app, so its function is empty.
struct TraceKey {
  std::string owner, app, function;
};

/// The three tables of the Azure 2019 trace as they are published, flaws included. NaN stands for a missing number.
struct Azure2019Tables {
  struct CountRow {
    TraceKey key;
    std::string trigger;
    std::vector<double> counts;
  };
  struct DurationRow {
    TraceKey key;
    DurationStatistics statistics;
  };
  struct MemoryRow {
    TraceKey key;
    MemoryStatistics statistics;
  };
  std::size_t first_minute = 1;  ///< Label of the first count.
  std::vector<CountRow> invocations;
  std::vector<DurationRow> durations;
  std::vector<MemoryRow> memory;
};

/// A window in minutes of the day.
struct MinuteWindow {
  std::size_t begin = 0;  ///< Label of the first column; 0 means 1, as the labels begin there.
  std::size_t minutes = 1440;
};

/// Cuts the counts to the columns labelled begin … begin + minutes - 1.
/// Errors: bad_usage when there is none of them.
Result<> slice(Azure2019Tables& tables, const MinuteWindow& window);

/// Cleans and joins, in this order: rows with missing numbers go; of repeated functions (memory: apps) the first
/// stays; functions without an invocation and durations of average 0 go; then only apps in all three tables, then
/// only functions in the first two. An app's memory is divided equally among its functions that are left.
/// Functions come in the order of the counts.
/// Errors: bad_input when nothing is left.
Result<ArrivalCounts> clean_and_join(Azure2019Tables tables);

/// A row of the Azure 2021 trace.
struct Azure2021Row {
  std::string app, function;
  double end_s = 0, duration_s = 0;
  [[nodiscard]] double start_s() const { return end_s - duration_s; }
};

/// Turns rows into counts per minute: rows that start in the window; functions without too many executions of 0 ms.
struct Azure2021Options {
  MinuteWindow window;
  double zero_percent = 50;  ///< A function with at least this share of executions of 0 ms is left out.
};

/// The form of the Azure 2019 trace: owner "0", trigger "http", 200 MB; percentiles of durations by linear
/// interpolation (Hyndman & Fan 1996, type 7). The same function under two apps makes two functions.
/// Errors: bad_input when nothing is left.
Result<ArrivalCounts> count_by_minute(const std::vector<Azure2021Row>& rows, const Azure2021Options& options);

/// Rows that start in the window and belong to a function of `sample` (by app and function), in order. Times are
/// counted from the begin of the window.
std::vector<Azure2021Row> filter_rows(const std::vector<Azure2021Row>& rows, const MinuteWindow& window,
                                      const std::vector<TraceFunction>& sample);

}  // namespace thaw
