// Speed of the predecessors' models: invocations a second on one core, trace in memory, no logs. Zipf
// popularity, 2 M invocations in 24 h over 1,000 functions (64 … 1024 MB, 20 ms … 5 s warm, up to 10 s more
// cold). At 200,000 MB the pool holds seven hundred to a thousand containers.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/random.h"
#include "sim/course/course_simulation.h"
#include "sim/faascache/faascache_simulation.h"

namespace thaw {
namespace {

constexpr std::size_t invocation_count = 2'000'000;
constexpr std::size_t function_count = 1000;

std::vector<TraceFunction> make_functions() {
  constexpr double sizes[] = {64, 128, 128, 192, 256, 256, 384, 512, 1024};
  RandomStream random(1, "bench-functions");
  std::vector<TraceFunction> functions(function_count);
  for (TraceFunction& function : functions) {
    function.memory_mb = sizes[random.below(std::size(sizes))];
    function.warm_ms = std::floor(20 + 4980 * std::pow(random.uniform(), 3));
    function.cold_ms = std::floor(function.warm_ms + 100 + 9900 * std::pow(random.uniform(), 2));
  }
  return functions;
}

const Trace& zipf_trace() {
  static Trace trace;
  if (!trace.functions.empty()) return trace;
  trace.functions = make_functions();
  std::vector<double> cumulated(function_count);
  double sum = 0;
  for (std::size_t i = 0; i < function_count; ++i) cumulated[i] = sum += 1.0 / static_cast<double>(i + 1);
  RandomStream random(1, "bench-arrivals");
  for (std::size_t i = 0; i < invocation_count; ++i) {
    const auto rank = std::lower_bound(cumulated.begin(), cumulated.end(), random.uniform() * sum);
    trace.invocations.function.push_back(static_cast<FunctionIndex>(rank - cumulated.begin()));
    trace.invocations.time_ms.push_back(
        std::floor(86'400'000.0 * static_cast<double>(i) / static_cast<double>(invocation_count)));
  }
  return trace;
}

template <class Simulation>
void simulate(benchmark::State& state, const char* policy) {
  const Trace& trace = zipf_trace();
  const SimulationPoint point{.policy = policy, .memory_mb = static_cast<double>(state.range(0))};
  SimulationOutcome outcome;
  for (auto _ : state) {
    auto simulation = Simulation::create(point, trace.functions);
    if (!simulation || !simulation->take(trace.invocations)) {
      state.SkipWithError("the simulation failed");
      return;
    }
    outcome = simulation->finish();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * invocation_count));
  state.counters["cold_pct"] = 100 * static_cast<double>(outcome.cold) / invocation_count;
  state.counters["max_pool"] = static_cast<double>(outcome.max_pool);
}

void faascache(benchmark::State& state, const char* policy) { simulate<FaascacheSimulation>(state, policy); }
void course(benchmark::State& state, const char* policy) { simulate<CourseSimulation>(state, policy); }

#define THAW_MODEL_SPEED(model, policy)     \
  BENCHMARK_CAPTURE(model, policy, #policy) \
      ->Arg(100'000)                        \
      ->Arg(200'000)                        \
      ->Arg(300'000)                        \
      ->Arg(400'000)                        \
      ->Unit(benchmark::kMillisecond)
THAW_MODEL_SPEED(faascache, gd);
THAW_MODEL_SPEED(faascache, lru);
THAW_MODEL_SPEED(faascache, ttl);
THAW_MODEL_SPEED(faascache, long_ttl);
THAW_MODEL_SPEED(faascache, freq);
THAW_MODEL_SPEED(faascache, size);
THAW_MODEL_SPEED(faascache, lnd);
THAW_MODEL_SPEED(faascache, rand);
THAW_MODEL_SPEED(faascache, hist);
THAW_MODEL_SPEED(course, lru);
THAW_MODEL_SPEED(course, lfu_classic);
THAW_MODEL_SPEED(course, rand);

}  // namespace
}  // namespace thaw
