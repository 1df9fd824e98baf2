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

}  // namespace thaw::testing
