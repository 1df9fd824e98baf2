#include "sim/idle_gaps.h"

#include "sim/running.h"
#include "sim/trace_units.h"

namespace thaw {

std::vector<IdleGap> nested_gaps(const Trace& trace) {
  const ExecutionTimes times(trace.functions);
  const InvocationBlock& all = trace.invocations;
  std::vector<std::vector<std::int64_t>> ends(trace.functions.size());
  RunningExecutions running;
  std::vector<IdleGap> gaps;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::int64_t now = to_nanoseconds(all.time_ms[i]);
    running.finish_until(now, [&](const auto& each) { ends[each.function].push_back(each.end); });
    const FunctionIndex f = all.function[i];
    if (!ends[f].empty()) {
      gaps.push_back({ends[f].back(), now, f});
      ends[f].pop_back();
    }
    running.start(now + times.of(all, i).warm, f);
  }
  return gaps;
}

CertainExecutions certain_executions(const Trace& trace, std::int64_t capacity_bytes) {
  const std::vector<std::int64_t> memory = memory_bytes(trace.functions);
  const ExecutionTimes times(trace.functions);
  const InvocationBlock& all = trace.invocations;
  CertainExecutions certain;
  RunningExecutions running;
  std::int64_t most_running = 0;  // if nothing had been dropped and all had been cold
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::int64_t now = to_nanoseconds(all.time_ms[i]);
    running.finish_until(now, [&](const auto& each) { most_running -= memory[each.function]; });
    const FunctionIndex f = all.function[i];
    const ExecutionTime time = times.of(all, i);
    if (most_running + memory[f] <= capacity_bytes) {
      certain.intervals.push_back({now, now + time.warm, f});
    } else {
      ++certain.droppable;
    }
    running.start(now + time.cold, f);
    most_running += memory[f];
  }
  return certain;
}

}  // namespace thaw
