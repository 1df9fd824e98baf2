#pragma once
// What a trace is: functions with their memory and durations, and the instants at which they are invoked. The
// whole of it in memory (Trace), block by block (InvocationSource), or as counts per column of time
// (ArrivalCounts), which is how the published traces come.
//
// Units: times and durations in milliseconds from the start of the trace, memory in megabytes (10^6 bytes).

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"

namespace thaw {

/// Place of a function in Trace::functions.
using FunctionIndex = std::uint32_t;

/// Distribution of a function's execution times, as the Azure 2019 trace publishes it. ms.
struct DurationStatistics {
  double average = 0;
  double count = 0;  ///< Executions behind the figures.
  double minimum = 0;
  double maximum = 0;
  double p0 = 0, p1 = 0, p25 = 0, p50 = 0, p75 = 0, p99 = 0, p100 = 0;
};

/// Distribution of a function's allocated memory, as the Azure 2019 trace publishes it. MB.
struct MemoryStatistics {
  double count = 0;  ///< Samples behind the figures.
  double average = 0;
  double p1 = 0, p5 = 0, p25 = 0, p50 = 0, p75 = 0, p95 = 0, p99 = 0, p100 = 0;
};

/// What a trace knows of one function.
struct TraceFunction {
  std::string name;  ///< Unique within the trace.
  double memory_mb = 0;
  double cold_ms = 0;               ///< A whole execution that starts cold, initialisation included.
  double warm_ms = 0;               ///< An execution that finds a warm container.
  std::string owner, app, trigger;  ///< Empty where the trace has none.
  std::optional<DurationStatistics> duration;  ///< Where the trace publishes them.
  std::optional<MemoryStatistics> memory;

  /// What a cold start adds, ms; never negative.
  [[nodiscard]] double init_ms() const { return cold_ms > warm_ms ? cold_ms - warm_ms : 0; }
};

/// Consecutive invocations, sorted by time; equal times in the order of the trace. Arrays of equal length.
struct InvocationBlock {
  std::vector<double> time_ms;
  std::vector<FunctionIndex> function;
  /// Execution time of each invocation, where the trace records it; empty where only the function's is known.
  std::vector<double> duration_ms;

  [[nodiscard]] std::size_t size() const { return time_ms.size(); }
  void clear() {
    time_ms.clear();
    function.clear();
    duration_ms.clear();
  }
};

/// A trace as a stream: memory holds a block, whatever the length.
class InvocationSource {
 public:
  virtual ~InvocationSource() = default;
  /// Replaces the block by the next invocations (some ten thousand); an empty block is the end. Times never fall
  /// from block to block. Errors: bad_input with file and line.
  virtual Result<> next(InvocationBlock& block) = 0;
};

/// A whole trace in memory: 12 bytes an invocation, 20 with recorded durations.
struct Trace {
  std::vector<TraceFunction> functions;
  InvocationBlock invocations;
};

/// Gives the invocations of a trace in memory, which must outlive the source.
std::unique_ptr<InvocationSource> source_of(const Trace& trace);

/// Invocations per function and column of time, the form of the Azure 2019 trace.
struct ArrivalCounts {
  std::vector<TraceFunction> functions;
  /// counts[function][column]; all rows of equal length.
  std::vector<std::vector<std::uint32_t>> counts;
  double column_ms = 60000;  ///< 60000 (minutes) or 1000 (seconds).

  [[nodiscard]] std::size_t columns() const { return counts.empty() ? 0 : counts.front().size(); }
};

}  // namespace thaw
