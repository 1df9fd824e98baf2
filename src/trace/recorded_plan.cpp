#include <algorithm>
#include <cmath>
#include <numeric>

#include "trace/plan.h"

namespace thaw {
namespace {

constexpr double minute_ms = 60000;
constexpr std::size_t block_size = 16384;

/// Instants in memory, sorted, a block at a time.
class RecordedPlan final : public PlanSource {
 public:
  explicit RecordedPlan(std::vector<PlannedInvocation> all) : all_(std::move(all)) {}

  Result<> next(std::vector<PlannedInvocation>& block) override {
    const std::size_t end = std::min(position_ + block_size, all_.size());
    block.assign(all_.begin() + static_cast<std::ptrdiff_t>(position_),
                 all_.begin() + static_cast<std::ptrdiff_t>(end));
    position_ = end;
    return {};
  }

 private:
  std::vector<PlannedInvocation> all_;
  std::size_t position_ = 0;
};

/// Gives every invocation its column and its place among the function's of that column.
void number_within_columns(std::vector<PlannedInvocation>& planned, std::size_t functions) {
  std::vector<std::uint32_t> last_column(functions, 0);
  std::vector<std::uint32_t> next_number(functions, 0);
  for (PlannedInvocation& invocation : planned) {
    const FunctionIndex function = invocation.function;
    invocation.column = static_cast<std::uint32_t>(invocation.time_ms / minute_ms);
    if (invocation.column != last_column[function]) next_number[function] = 0;
    last_column[function] = invocation.column;
    invocation.number = next_number[function]++;
  }
}

/// Leaves out functions without invocations, and their columns; indices follow.
std::vector<TraceFunction> keep_used(std::vector<TraceFunction> functions, std::vector<std::size_t>& columns,
                                     std::vector<PlannedInvocation>& planned) {
  constexpr auto unused = std::numeric_limits<FunctionIndex>::max();
  std::vector<FunctionIndex> place(functions.size(), unused);
  for (const PlannedInvocation& invocation : planned) place[invocation.function] = 0;
  std::vector<TraceFunction> used;
  for (std::size_t i = 0; i < functions.size(); ++i) {
    if (place[i] == unused) continue;
    place[i] = static_cast<FunctionIndex>(used.size());
    columns[used.size()] = columns[i];
    used.push_back(std::move(functions[i]));
  }
  columns.resize(used.size());
  for (PlannedInvocation& invocation : planned) invocation.function = place[invocation.function];
  return used;
}

std::uint32_t whole_ms(double duration_ms) {
  return static_cast<std::uint32_t>(std::clamp(std::round(duration_ms), 1.0, 4e9));
}

}  // namespace

Result<ArrivalPlan> plan_from_recording(Trace trace, const PlanOptions& options) {
  const InvocationBlock& recorded = trace.invocations;
  constexpr auto all = std::numeric_limits<std::size_t>::max();
  const double columns_end_ms = options.columns == all ? std::numeric_limits<double>::infinity()
                                                       : static_cast<double>(options.columns) * minute_ms;
  const double end_ms = std::min(columns_end_ms, options.end_ms);
  std::vector<PlannedInvocation> planned;
  std::vector<std::size_t> columns(trace.functions.size());
  for (std::size_t k = 0; k < recorded.size(); ++k) {
    const FunctionIndex function = recorded.function[k];
    const TraceFunction& described = trace.functions[function];
    const double duration = recorded.duration_ms.empty() ? described.warm_ms : recorded.duration_ms[k];
    if (recorded.time_ms[k] < 0) {
      return fail(ErrorKind::bad_input,
                  "function \"{}\" has an invocation that starts at {} ms, before the trace", described.name,
                  recorded.time_ms[k]);
    }
    columns[function] =
        std::max(columns[function], static_cast<std::size_t>(recorded.time_ms[k] / minute_ms) + 1);
    if (recorded.time_ms[k] + duration > end_ms) continue;
    planned.push_back({.time_ms = recorded.time_ms[k],
                       .function = function,
                       .runtime_ms = whole_ms(duration),
                       .memory_mib = static_cast<std::uint32_t>(std::clamp(described.memory_mb, 1.0, 4e9))});
  }
  std::stable_sort(planned.begin(), planned.end(),
                   [](const PlannedInvocation& a, const PlannedInvocation& b) {
                     return a.time_ms < b.time_ms || (a.time_ms == b.time_ms && a.function < b.function);
                   });
  number_within_columns(planned, trace.functions.size());
  ArrivalPlan plan;
  plan.functions = keep_used(std::move(trace.functions), columns, planned);
  plan.recorded_columns = std::move(columns);
  plan.columns = planned.empty() ? 0 : planned.back().column + 1;
  if (options.columns != all) plan.columns = options.columns;
  if (std::isfinite(end_ms)) {
    plan.length_ms = end_ms;
  } else if (!planned.empty()) {
    plan.length_ms = planned.back().time_ms;
  }
  plan.warmup_columns = options.warmup_columns;
  plan.seed = options.seed;
  plan.law = recorded_law;
  plan.source = std::make_unique<RecordedPlan>(std::move(planned));
  return plan;
}

}  // namespace thaw
