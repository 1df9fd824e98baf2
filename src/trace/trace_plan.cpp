#include "trace/trace_plan.h"

#include <algorithm>
#include <cmath>

namespace thaw {
namespace {

constexpr auto all_columns = std::numeric_limits<std::size_t>::max();

/// Replays a stream of instants; nothing but a block is held.
class ReplayedStream final : public PlanSource {
 public:
  ReplayedStream(const std::vector<TraceFunction>& functions, std::unique_ptr<InvocationSource> source,
                 double end_ms, double column_ms)
      : source_(std::move(source)), end_ms_(end_ms), column_ms_(column_ms), places_(functions.size()) {
    for (const TraceFunction& function : functions) {
      executions_.push_back({static_cast<std::uint32_t>(std::clamp(std::round(function.warm_ms), 1.0, 4e9)),
                             static_cast<std::uint32_t>(std::clamp(function.memory_mb, 1.0, 4e9))});
    }
  }

  Result<> next(std::vector<PlannedInvocation>& block) override {
    block.clear();
    while (block.empty()) {
      THAW_CHECK(source_->next(recorded_));
      if (recorded_.size() == 0 || recorded_.time_ms.front() >= end_ms_) return {};
      for (std::size_t k = 0; k < recorded_.size(); ++k)
        add(recorded_.time_ms[k], recorded_.function[k], block);
    }
    return {};
  }

 private:
  struct Place {
    std::uint32_t column = 0, number = 0;
  };

  void add(double time_ms, FunctionIndex function, std::vector<PlannedInvocation>& block) {
    const Execution& execution = executions_[function];
    if (time_ms + execution.runtime_ms > end_ms_) return;
    Place& place = places_[function];
    const auto column = static_cast<std::uint32_t>(time_ms / column_ms_);
    if (column != place.column) place = {column, 0};
    block.push_back({time_ms, function, execution.runtime_ms, execution.memory_mib, column, place.number++});
  }

  std::unique_ptr<InvocationSource> source_;
  double end_ms_, column_ms_;
  InvocationBlock recorded_;
  std::vector<Execution> executions_;
  std::vector<Place> places_;
};

Result<std::size_t> whole_columns(double ms, double column_ms, const char* option) {
  const double columns = ms / column_ms;
  if (columns >= 0 && columns == std::floor(columns) && columns < 1e9)
    return static_cast<std::size_t>(columns);
  return fail_at(ErrorKind::bad_usage,
                 fmt::format("{} ms is no whole number of columns of {} ms", ms, column_ms), option,
                 column_ms > 1000 ? "take whole minutes, or --granularity second" : "take whole seconds");
}

/// Counts of recorded instants, in the first `columns` columns.
Result<ArrivalCounts> count_instants(const TraceFile& file, double column_ms, std::size_t columns) {
  ArrivalCounts counts{.functions = file.functions(), .column_ms = column_ms};
  counts.counts.resize(counts.functions.size());
  THAW_TRY(const std::unique_ptr<InvocationSource> source, file.open());
  InvocationBlock block;
  std::size_t used = columns == all_columns ? 0 : columns;
  while (true) {
    THAW_CHECK(source->next(block));
    if (block.size() == 0 || block.time_ms.front() / column_ms >= static_cast<double>(columns)) break;
    for (std::size_t k = 0; k < block.size(); ++k) {
      const auto column = static_cast<std::size_t>(block.time_ms[k] / column_ms);
      if (column >= columns) continue;
      auto& row = counts.counts[block.function[k]];
      if (row.size() <= column) row.resize(column + 1, 0);
      ++row[column];
      used = std::max(used, column + 1);
    }
  }
  for (auto& row : counts.counts) row.resize(used, 0);
  return counts;
}

}  // namespace

Result<PlanOptions> plan_options(const TracePlanOptions& options) {
  PlanOptions plan{.law = options.law.value_or(ArrivalLaw::exponential), .seed = options.seed};
  THAW_TRY(plan.warmup_columns, whole_columns(options.warmup_ms, options.column_ms, "--warmup"));
  if (!options.duration_ms) return plan;
  THAW_TRY(const std::size_t columns, whole_columns(*options.duration_ms, options.column_ms, "--duration"));
  if (columns == 0) return fail_at(ErrorKind::bad_usage, "the plan has no duration", "--duration");
  plan.columns = columns + plan.warmup_columns;
  return plan;
}

Result<std::optional<ArrivalCounts>> counts_to_plan(const TraceFile& file, const TracePlanOptions& options) {
  THAW_TRY(const PlanOptions plan, plan_options(options));
  if (auto counts = file.counts()) {
    counts->column_ms = options.column_ms;
    return counts;
  }
  if (!options.law || file.has_durations()) return std::nullopt;
  THAW_TRY(ArrivalCounts counted, count_instants(file, options.column_ms, plan.columns));
  return counted;
}

Result<ArrivalPlan> plan_trace(const TraceFile& file, const TracePlanOptions& options) {
  THAW_TRY(const PlanOptions plan_of, plan_options(options));
  THAW_TRY(const std::optional<ArrivalCounts> counts, counts_to_plan(file, options));
  if (counts) return plan_from_counts(*counts, plan_of);
  if (file.has_durations()) {
    PlanOptions by_minute = plan_of;
    if (options.duration_ms) {
      by_minute.end_ms = *options.duration_ms + options.warmup_ms;
      by_minute.columns = static_cast<std::size_t>(std::ceil(by_minute.end_ms / 60000));
      by_minute.warmup_columns = static_cast<std::size_t>(options.warmup_ms / 60000);
    }
    THAW_TRY(Trace trace, load_trace(file));
    return plan_from_recording(std::move(trace), by_minute);
  }
  ArrivalPlan plan;
  plan.functions = file.functions();
  plan.column_ms = options.column_ms;
  plan.columns = plan_of.columns == all_columns ? 0 : plan_of.columns;
  plan.warmup_columns = plan_of.warmup_columns;
  plan.seed = options.seed;
  plan.law = recorded_law;
  const double end_ms = plan_of.columns == all_columns
                            ? std::numeric_limits<double>::infinity()
                            : static_cast<double>(plan_of.columns) * options.column_ms;
  THAW_TRY(std::unique_ptr<InvocationSource> source, file.open());
  plan.source =
      std::make_unique<ReplayedStream>(plan.functions, std::move(source), end_ms, options.column_ms);
  return plan;
}

}  // namespace thaw
