#pragma once
// Arrival plans: when each function of a trace is to be invoked, for how long it is to run and with how much memory.
// A plan is a stream; memory is proportional to the number of functions, whatever the length.
//
// From counts per column (Azure 2019) by a law of inter-arrival times, from recorded instants (Azure 2021, any trace
// with times), or from a rate (trace/rate_plan.h). docs/plans.md has the formulas and the file format.

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/error.h"
#include "trace/arrival_law.h"
#include "trace/execution_law.h"
#include "trace/trace.h"

namespace thaw {

/// One planned invocation. `column` and `number` make the identity "min<column>.inv<number>".
struct PlannedInvocation {
  double time_ms = 0;  ///< From the start of the plan.
  FunctionIndex function = 0;
  std::uint32_t runtime_ms = 1;
  std::uint32_t memory_mib = 1;
  std::uint32_t column = 0;
  std::uint32_t number = 0;  ///< Place among the function's invocations of the column, from 0.
};

/// The invocations of a plan as a stream.
class PlanSource {
 public:
  virtual ~PlanSource() = default;
  /// Replaces the block by the next invocations, by time and then function; an empty block is the end.
  virtual Result<> next(std::vector<PlannedInvocation>& block) = 0;
};

/// What a plan was made of. Written beside it.
struct PlanOptions {
  ArrivalLaw law = ArrivalLaw::exponential;
  std::size_t columns = std::numeric_limits<std::size_t>::max();  ///< Columns planned, warm-up included.
  std::size_t warmup_columns = 0;                                 ///< Those at the start that are warm-up.
  std::uint64_t seed = default_seed;
  /// Invocations merged at a time. Only speed and memory depend on it.
  double invocations_per_slice = 32768;
  /// Of recordings with durations: what ends later is left out, too.
  double end_ms = std::numeric_limits<double>::infinity();
};

/// The law of plans of exact instants.
inline constexpr std::string_view recorded_law = "recorded";

/// A plan: its functions and the stream that refers to them.
struct ArrivalPlan {
  std::vector<TraceFunction> functions;
  double column_ms = 60000;
  std::size_t columns = 0;
  std::size_t warmup_columns = 0;
  std::uint64_t seed = default_seed;
  std::string law;  ///< Name of the law, or recorded_law.
  std::unique_ptr<PlanSource> source;
  /// Of a recording with durations, for each function: columns up to its last invocation, planned or not. Else empty.
  std::vector<std::size_t> recorded_columns = {};
  /// Where that is not the columns: how long the plan lasts, 0 else.
  double length_ms = 0;
};

/// Plans the columns 0 … options.columns-1 of a trace of counts.
/// Errors: bad_usage when the trace has fewer columns; bad_input for unusable statistics.
Result<ArrivalPlan> plan_from_counts(const ArrivalCounts& trace, const PlanOptions& options);

/// Replays recorded instants with recorded execution times, as for the Azure 2021 trace: what ends after the window
/// is left out, so is a function of which nothing is left. Execution time is rounded to ms, at least 1; memory is
/// the function's. Columns are minutes.
/// Errors: bad_input for a time below 0.
Result<ArrivalPlan> plan_from_recording(Trace trace, const PlanOptions& options);

/// Totals of a plan.
struct PlanTotals {
  std::uint64_t functions = 0;
  std::uint64_t invocations = 0;
  std::uint64_t warmup_invocations = 0;
  std::uint64_t total_runtime_ms = 0;
  double last_ms = 0;  ///< The last arrival.

  /// Adds a block of a plan that has so many columns of warm-up.
  void add(std::span<const PlannedInvocation> block, std::size_t warmup_columns);
};

/// Spends the plan's stream and adds it up.
Result<PlanTotals> add_up(ArrivalPlan& plan);

/// Times and functions of a plan as a trace's stream, execution times included.
std::unique_ptr<InvocationSource> invocations_of(std::unique_ptr<PlanSource> plan);

/// The whole list of one function of a plan from counts, as the predecessor's specification files hold it.
struct FunctionSchedule {
  FunctionArrivals arrivals;
  std::vector<Execution> executions;  ///< One for each arrival.
};
/// Errors: as plan_from_counts.
Result<FunctionSchedule> schedule_function(const ArrivalCounts& trace, FunctionIndex function,
                                           const PlanOptions& options);

}  // namespace thaw
