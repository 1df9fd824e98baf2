#pragma once
// A trace in the units in which it is simulated: whole nanoseconds and whole bytes, so that sums are exact. Durations
// follow the clean model (docs/simulation.md).

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "trace/trace.h"

namespace thaw {

/// Milliseconds of a trace as the nearest nanosecond. REQUIRES: ms >= 0.
inline std::int64_t to_nanoseconds(double ms) { return static_cast<std::int64_t>(ms * 1e6 + 0.5); }

/// Megabytes as the nearest byte; unlimited memory is the largest number.
inline std::int64_t to_bytes(double memory_mb) {
  constexpr double most = 9e18;
  return std::llround(std::min(memory_mb * 1e6, most));
}

/// Memory of each function, in bytes.
inline std::vector<std::int64_t> memory_bytes(std::span<const TraceFunction> functions) {
  std::vector<std::int64_t> bytes;
  bytes.reserve(functions.size());
  for (const TraceFunction& function : functions) bytes.push_back(to_bytes(function.memory_mb));
  return bytes;
}

/// Durations of one invocation, in ns. The cold one is never shorter.
struct ExecutionTime {
  std::int64_t warm = 0;
  std::int64_t cold = 0;
};

/// Durations by function; where the trace records the duration of each invocation, that is its warm time. A cold start
/// adds the function's initialisation.
class ExecutionTimes {
 public:
  explicit ExecutionTimes(std::span<const TraceFunction> functions) {
    for (const TraceFunction& function : functions)
      times_.push_back({to_nanoseconds(function.warm_ms), to_nanoseconds(function.init_ms())});
  }

  /// The i-th invocation of a block.
  [[nodiscard]] ExecutionTime of(const InvocationBlock& block, std::size_t i) const {
    const auto [own, init] = times_[block.function[i]];
    const std::int64_t warm = block.duration_ms.empty() ? own : to_nanoseconds(block.duration_ms[i]);
    return {warm, warm + init};
  }

 private:
  struct Parts {
    std::int64_t warm, init;
  };
  std::vector<Parts> times_;
};

}  // namespace thaw
