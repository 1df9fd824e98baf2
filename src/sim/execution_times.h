#pragma once
// How long an execution lasts, in whole nanoseconds, by the rules of the clean model (docs/simulation.md).

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "trace/trace.h"

namespace thaw {

/// Milliseconds of a trace as nanoseconds, the unit of all simulated time.
inline std::int64_t to_nanoseconds(double ms) { return std::llround(ms * 1e6); }

/// Durations of one invocation, in ns.
struct ExecutionTime {
  std::int64_t warm = 0;
  std::int64_t cold = 0;
  [[nodiscard]] std::int64_t shortest() const { return std::min(warm, cold); }
  [[nodiscard]] std::int64_t longest() const { return std::max(warm, cold); }
};

/// Durations by function; where the trace records the duration of each invocation, that is its warm time, and a cold
/// start adds the function's initialisation.
class ExecutionTimes {
 public:
  explicit ExecutionTimes(std::span<const TraceFunction> functions) {
    for (const TraceFunction& function : functions) {
      times_.push_back({to_nanoseconds(function.warm_ms), to_nanoseconds(function.cold_ms)});
      init_.push_back(to_nanoseconds(function.init_ms()));
    }
  }

  /// The i-th invocation of a block.
  [[nodiscard]] ExecutionTime of(const InvocationBlock& block, std::size_t i) const {
    const FunctionIndex function = block.function[i];
    if (block.duration_ms.empty()) return times_[function];
    const std::int64_t warm = to_nanoseconds(block.duration_ms[i]);
    return {warm, warm + init_[function]};
  }

 private:
  std::vector<ExecutionTime> times_;
  std::vector<std::int64_t> init_;
};

}  // namespace thaw
