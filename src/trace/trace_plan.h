#pragma once
// The plan of any trace that can be opened: counts are laid out by a law, recorded instants are replayed.

#include <optional>

#include "trace/plan.h"
#include "trace/reader.h"

namespace thaw {

/// What is wanted of a trace. Open it with FunctionSelection::every, so that no function is missing.
struct TracePlanOptions {
  std::optional<double> duration_ms;  ///< Load after the warm-up; absent: the whole trace.
  double warmup_ms = 0;
  std::optional<ArrivalLaw> law;  ///< Absent: exponential for counts, recorded instants otherwise.
  double column_ms = 60000;       ///< What a column of counts lasts: 60000 or 1000.
  std::uint64_t seed = default_seed;
};

/// The counts behind a plan: those of the trace, or its instants counted by column when a law is wanted; absent when
/// recorded instants are to be replayed.
/// Errors: bad_usage for a duration that is no whole number of columns or longer than the trace; those of the trace.
Result<std::optional<ArrivalCounts>> counts_to_plan(const TraceFile& file, const TracePlanOptions& options);

/// Columns and warm-up columns of the options. Errors: bad_usage for parts of a column.
Result<PlanOptions> plan_options(const TracePlanOptions& options);

/// The plan. It reads from `file`, which must outlive it.
/// Errors: those of plan_from_counts, plan_from_recording and the trace.
Result<ArrivalPlan> plan_trace(const TraceFile& file, const TracePlanOptions& options);

}  // namespace thaw
