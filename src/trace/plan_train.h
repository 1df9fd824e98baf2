#pragma once
// Inside plans: the arrivals of one function as they are needed, and the merger of all functions.

#include <memory>
#include <vector>

#include "trace/plan.h"
#include "trace/slice_merge.h"

namespace thaw {

/// The planned invocations of one function, in time order.
class PlanTrain {
 public:
  virtual ~PlanTrain() = default;
  /// Time of the next arrival, ms; infinity after the last.
  [[nodiscard]] virtual double next_ms() const = 0;
  /// Appends every arrival before `until_ms`: time, column and number.
  virtual void emit(double until_ms, std::vector<PlannedInvocation>& out) = 0;
};

/// A function's train with the law of its executions.
struct PlannedFunction {
  std::unique_ptr<PlanTrain> train;
  ExecutionLaw executions;
  StreamDraws draws;  ///< For the executions only.
};

/// Merges functions in the order of their index.
std::unique_ptr<PlanSource> merge_trains(std::vector<PlannedFunction> functions, SliceGrid grid);

StreamDraws arrival_draws(std::uint64_t seed, const TraceFunction& function);
StreamDraws execution_draws(std::uint64_t seed, const TraceFunction& function);

/// The arrivals that lay_out() lists, digit by digit, in constant memory: a column is drawn once to know its sum and
/// a second time to emit it.
std::unique_ptr<PlanTrain> column_train(std::vector<std::uint32_t> counts, ArrivalLaw law, double column_ms,
                                        StreamDraws draws);

}  // namespace thaw
