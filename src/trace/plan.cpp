#include "trace/plan.h"

#include <algorithm>
#include <cmath>

#include "trace/plan_train.h"

namespace thaw {
namespace {

class MergedPlan final : public PlanSource {
 public:
  MergedPlan(std::vector<PlannedFunction> functions, SliceGrid grid)
      : functions_(std::move(functions)), grid_(std::move(grid)), next_ms_(functions_.size()) {
    for (std::size_t i = 0; i < functions_.size(); ++i) next_ms_[i] = functions_[i].train->next_ms();
  }

  Result<> next(std::vector<PlannedInvocation>& block) override {
    block.clear();
    const double start = earliest(next_ms_);
    if (!std::isfinite(start)) return {};
    const double end = grid_.end_of_slice(start);
    for (std::size_t i = 0; i < functions_.size(); ++i) {
      if (next_ms_[i] >= end) continue;
      const std::size_t before = block.size();
      functions_[i].train->emit(end, block);
      next_ms_[i] = functions_[i].train->next_ms();
      fill_in(functions_[i], static_cast<FunctionIndex>(i), std::span(block).subspan(before));
    }
    sorter_.sort(block, start, end);
    return {};
  }

 private:
  static void fill_in(PlannedFunction& function, FunctionIndex index,
                      std::span<PlannedInvocation> invocations) {
    for (PlannedInvocation& invocation : invocations) {
      const Execution execution = function.executions.draw(function.draws);
      invocation.function = index;
      invocation.runtime_ms = execution.runtime_ms;
      invocation.memory_mib = execution.memory_mib;
    }
  }

  std::vector<PlannedFunction> functions_;
  SliceGrid grid_;
  std::vector<double> next_ms_;
  SliceSorter<PlannedInvocation> sorter_;
};

class PlanInvocations final : public InvocationSource {
 public:
  explicit PlanInvocations(std::unique_ptr<PlanSource> plan) : plan_(std::move(plan)) {}

  Result<> next(InvocationBlock& block) override {
    THAW_CHECK(plan_->next(planned_));
    block.clear();
    for (const PlannedInvocation& invocation : planned_) {
      block.time_ms.push_back(invocation.time_ms);
      block.function.push_back(invocation.function);
      block.duration_ms.push_back(invocation.runtime_ms);
    }
    return {};
  }

 private:
  std::unique_ptr<PlanSource> plan_;
  std::vector<PlannedInvocation> planned_;
};

/// The number of columns to plan.
Result<std::size_t> columns_of(const ArrivalCounts& trace, const PlanOptions& options) {
  constexpr auto all = std::numeric_limits<std::size_t>::max();
  if (options.columns == all || options.columns <= trace.columns()) {
    return std::min(options.columns, trace.columns());
  }
  return fail_at(
      ErrorKind::bad_usage,
      fmt::format("the plan needs {} columns of the trace, which has {}", options.columns, trace.columns()),
      "--duration", "shorten --duration or --warmup");
}

std::vector<std::uint32_t> first_counts(const ArrivalCounts& trace, std::size_t function,
                                        std::size_t columns) {
  const auto begin = trace.counts[function].begin();
  return {begin, begin + static_cast<std::ptrdiff_t>(columns)};
}

SliceGrid grid_of(const ArrivalCounts& trace, std::size_t columns, const PlanOptions& options) {
  std::vector<double> totals(columns, 0.0);
  for (const auto& row : trace.counts)
    for (std::size_t column = 0; column < columns; ++column) totals[column] += row[column];
  return SliceGrid::for_columns(totals, trace.column_ms, options.invocations_per_slice);
}

}  // namespace

StreamDraws arrival_draws(std::uint64_t seed, const TraceFunction& function) {
  return StreamDraws(RandomStream(seed, "trace.arrivals", stream_index(function.name)));
}

StreamDraws execution_draws(std::uint64_t seed, const TraceFunction& function) {
  return StreamDraws(RandomStream(seed, "trace.executions", stream_index(function.name)));
}

std::unique_ptr<PlanSource> merge_trains(std::vector<PlannedFunction> functions, SliceGrid grid) {
  return std::make_unique<MergedPlan>(std::move(functions), std::move(grid));
}

Result<ArrivalPlan> plan_from_counts(const ArrivalCounts& trace, const PlanOptions& options) {
  THAW_TRY(const std::size_t columns, columns_of(trace, options));
  std::vector<PlannedFunction> planned;
  planned.reserve(trace.functions.size());
  for (std::size_t i = 0; i < trace.functions.size(); ++i) {
    const TraceFunction& function = trace.functions[i];
    THAW_TRY(const ExecutionLaw executions, ExecutionLaw::of(function));
    planned.push_back({column_train(first_counts(trace, i, columns), options.law, trace.column_ms,
                                    arrival_draws(options.seed, function)),
                       executions, execution_draws(options.seed, function)});
  }
  return ArrivalPlan{trace.functions,
                     trace.column_ms,
                     columns,
                     options.warmup_columns,
                     options.seed,
                     std::string(name_of(options.law)),
                     merge_trains(std::move(planned), grid_of(trace, columns, options))};
}

Result<FunctionSchedule> schedule_function(const ArrivalCounts& trace, FunctionIndex function,
                                           const PlanOptions& options) {
  THAW_TRY(const std::size_t columns, columns_of(trace, options));
  const TraceFunction& described = trace.functions[function];
  THAW_TRY(const ExecutionLaw executions, ExecutionLaw::of(described));
  StreamDraws arrivals = arrival_draws(options.seed, described);
  FunctionSchedule schedule;
  THAW_TRY(schedule.arrivals,
           lay_out(first_counts(trace, function, columns), options.law, trace.column_ms * 1000, arrivals));
  StreamDraws draws = execution_draws(options.seed, described);
  for (std::size_t k = 0; k < schedule.arrivals.iat_us.size(); ++k)
    schedule.executions.push_back(executions.draw(draws));
  return schedule;
}

Result<PlanTotals> add_up(ArrivalPlan& plan) {
  PlanTotals totals{.functions = plan.functions.size()};
  std::vector<PlannedInvocation> block;
  while (true) {
    THAW_CHECK(plan.source->next(block));
    if (block.empty()) return totals;
    totals.add(block, plan.warmup_columns);
  }
}

void PlanTotals::add(std::span<const PlannedInvocation> block, std::size_t warmup_columns) {
  if (block.empty()) return;
  invocations += block.size();
  last_ms = block.back().time_ms;
  for (const PlannedInvocation& invocation : block) {
    total_runtime_ms += invocation.runtime_ms;
    warmup_invocations += invocation.column < warmup_columns ? 1 : 0;
  }
}

std::unique_ptr<InvocationSource> invocations_of(std::unique_ptr<PlanSource> plan) {
  return std::make_unique<PlanInvocations>(std::move(plan));
}

}  // namespace thaw
