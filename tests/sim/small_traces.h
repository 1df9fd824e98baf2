#pragma once
// Traces for tests: written by hand as words, or drawn at random.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/random.h"
#include "trace/trace.h"

namespace thaw::testing {

/// A function with memory, initialisation and warm time.
inline TraceFunction function(std::string name, double memory_mb, double init_ms = 100, double warm_ms = 10) {
  TraceFunction made;
  made.name = std::move(name);
  made.memory_mb = memory_mb;
  made.cold_ms = init_ms + warm_ms;
  made.warm_ms = warm_ms;
  return made;
}

/// One invocation a second for each letter, which is the name of its function.
inline Trace trace_of(std::vector<TraceFunction> functions, std::string_view letters, double step_ms = 1000) {
  Trace trace;
  trace.functions = std::move(functions);
  double time = 0;
  for (const char letter : letters) {
    for (std::size_t f = 0; f < trace.functions.size(); ++f) {
      if (trace.functions[f].name != std::string(1, letter)) continue;
      trace.invocations.time_ms.push_back(time);
      trace.invocations.function.push_back(static_cast<FunctionIndex>(f));
    }
    time += step_ms;
  }
  return trace;
}

/// Shape of a random trace.
struct RandomTrace {
  std::size_t functions = 20;
  std::size_t invocations = 1000;
  double zipf = 1;  ///< Popularity of the k-th function: k^-zipf.
  double duration_ms = 1e6;
  double longest_warm_ms = 2000;
  double longest_init_ms = 5000;
  double granularity_mb = 1;  ///< Memory is a multiple of it.
  std::uint64_t seed = 1;
};

inline Trace draw(const RandomTrace& shape) {
  RandomStream stream(shape.seed, "tests.sim.trace");
  Trace trace;
  std::vector<double> cumulative;
  double sum = 0;
  for (std::size_t f = 0; f < shape.functions; ++f) {
    const double memory = std::ceil(1 + stream.uniform() * 500) * shape.granularity_mb;
    const double init = std::floor(stream.uniform() * shape.longest_init_ms);
    const double warm = std::floor(stream.uniform() * shape.longest_warm_ms);
    trace.functions.push_back(function("f" + std::to_string(f), memory, init, warm));
    sum += std::pow(static_cast<double>(f + 1), -shape.zipf);
    cumulative.push_back(sum);
  }
  for (std::size_t i = 0; i < shape.invocations; ++i)
    trace.invocations.time_ms.push_back(std::floor(stream.uniform() * shape.duration_ms));
  std::sort(trace.invocations.time_ms.begin(), trace.invocations.time_ms.end());
  for (std::size_t i = 0; i < shape.invocations; ++i) {
    const auto chosen = std::lower_bound(cumulative.begin(), cumulative.end(), stream.uniform() * sum);
    trace.invocations.function.push_back(static_cast<FunctionIndex>(chosen - cumulative.begin()));
  }
  return trace;
}

/// Small and full of coincidences: few distinct instants and durations, functions that do not fit at all.
struct Crowd {
  Trace trace;
  double memory_mb = 0;
};

inline Crowd draw_crowd(std::uint64_t seed) {
  RandomStream random(seed, "tests.sim.crowd");
  Crowd crowd;
  const std::size_t functions = 1 + random.below(5);
  for (std::size_t f = 0; f < functions; ++f) {
    const auto memory = static_cast<double>(1 + random.below(6));
    const auto init = static_cast<double>(random.below(4) * 5);
    const auto warm = static_cast<double>(random.below(4) * 5);
    crowd.trace.functions.push_back(function(std::string(1, static_cast<char>('a' + f)), memory, init, warm));
  }
  crowd.memory_mb = static_cast<double>(1 + random.below(16));
  InvocationBlock& block = crowd.trace.invocations;
  const bool has_durations = random.below(3) == 0;
  const std::uint64_t longest_gap = 1 + random.below(12);
  const std::size_t invocations = 1 + random.below(300);
  double time = 0;
  while (block.size() < invocations) {
    if (random.below(3) != 0) time += static_cast<double>(random.below(longest_gap));
    if (random.below(40) == 0) time += static_cast<double>(random.below(100));
    if (random.below(100) == 0) time += 1e6 * static_cast<double>(random.below(9));  // beyond keep-alives
    const std::size_t burst = random.below(8) == 0 ? 1 + random.below(6) : 1;
    const auto function = static_cast<FunctionIndex>(random.below(functions));
    for (std::size_t i = 0; i < burst; ++i) {
      block.time_ms.push_back(time);
      block.function.push_back(function);
      if (has_durations) block.duration_ms.push_back(static_cast<double>(random.below(20)));
    }
  }
  return crowd;
}

}  // namespace thaw::testing
