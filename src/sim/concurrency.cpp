#include "sim/concurrency.h"

#include <algorithm>
#include <limits>

#include "sim/running.h"
#include "sim/trace_units.h"

namespace thaw {

Result<double> peak_running_mb(std::span<const TraceFunction> functions, InvocationSource& invocations,
                               Assumed assumed) {
  const std::vector<std::int64_t> memory = memory_bytes(functions);
  const ExecutionTimes times(functions);
  RunningExecutions running;
  std::int64_t in_use = 0, peak = 0;
  InvocationBlock block;
  while (true) {
    THAW_CHECK(invocations.next(block));
    if (block.size() == 0) break;
    for (std::size_t i = 0; i < block.size(); ++i) {
      const std::int64_t now = to_nanoseconds(block.time_ms[i]);
      running.finish_until(now, [&](const auto& execution) { in_use -= memory[execution.function]; });
      const ExecutionTime time = times.of(block, i);
      running.start(now + (assumed == Assumed::warm ? time.warm : time.cold), block.function[i]);
      in_use += memory[block.function[i]];
      peak = std::max(peak, in_use);
    }
  }
  return static_cast<double>(peak) / 1e6;
}

Result<SimulationOutcome> simulate_unlimited(std::span<const TraceFunction> functions,
                                             InvocationSource& invocations) {
  const ExecutionTimes times(functions);
  SimulationOutcome outcome;
  outcome.point = {.policy = "unlimited", .memory_mb = std::numeric_limits<double>::infinity()};
  outcome.functions.resize(functions.size());
  outcome.slowdown_p50 = outcome.slowdown_p99 = std::numeric_limits<double>::quiet_NaN();
  RunningExecutions running;
  // Idle containers by the instant since when they are, oldest first.
  std::vector<std::vector<std::int64_t>> idle(functions.size());
  double idle_mb_ns = 0;
  std::int64_t now = 0;
  InvocationBlock block;
  while (true) {
    THAW_CHECK(invocations.next(block));
    if (block.size() == 0) break;
    outcome.invocations += block.size();
    for (std::size_t i = 0; i < block.size(); ++i) {
      now = to_nanoseconds(block.time_ms[i]);
      running.finish_until(now, [&](const auto& each) { idle[each.function].push_back(each.end); });
      const FunctionIndex f = block.function[i];
      const ExecutionTime time = times.of(block, i);
      const bool is_warm = !idle[f].empty();
      running.start(now + (is_warm ? time.warm : time.cold), f);
      if (is_warm) {
        idle_mb_ns += functions[f].memory_mb * static_cast<double>(now - idle[f].back());
        idle[f].pop_back();
        ++outcome.functions[f].warm;
        ++outcome.warm;
      } else {
        ++outcome.functions[f].cold;
        ++outcome.cold;
        outcome.end_used_mb += functions[f].memory_mb;
      }
    }
  }
  for (std::size_t f = 0; f < functions.size(); ++f)
    for (const std::int64_t since : idle[f])
      idle_mb_ns += functions[f].memory_mb * static_cast<double>(now - since);
  outcome.end_pool = outcome.max_pool = outcome.cold;
  outcome.idle_gb_s = idle_mb_ns * 1e-12;
  return outcome;
}

}  // namespace thaw
