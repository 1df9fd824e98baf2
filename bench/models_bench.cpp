// Speed of the predecessors' models: invocations a second on one core, trace in memory, no logs. Zipf
// popularity, 2 M invocations in 24 h over 1,000 functions (64 … 1024 MB, 20 ms … 5 s warm, up to 10 s more
// cold). At 200,000 MB the pool holds seven hundred to a thousand containers. And the mixed traces (a quarter of the
// functions periodic, the others uniform) on which the predecessor's own speed was measured.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "core/random.h"
#include "sim/course/course_simulation.h"
#include "sim/faascache/faascache_simulation.h"
#include "trace/mixed_trace.h"

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

/// The seed is the one that the predecessor's figures were taken with.
struct MixedCase {
  const char* name;
  std::size_t functions;
  std::uint64_t invocations;
  std::uint64_t seed;
  std::vector<int> memories_mb;
};

const MixedCase mixed_cases[] = {
    {"200x200k", 200, 200'000, 42, {4000, 8000, 16'000, 32'000}},
    {"1000x100k", 1000, 100'000, 5, {200'000}},
    {"200x1m", 200, 1'000'000, 42, {32'000}},
};

const Trace& mixed_trace(const MixedCase& options) {
  static std::map<std::string, Trace> traces;
  Trace& trace = traces[options.name];
  if (trace.functions.empty()) {
    trace = *make_mixed_trace(
        {.functions = options.functions, .invocations = options.invocations, .seed = options.seed});
  }
  return trace;
}

template <class Simulation>
void simulate(benchmark::State& state, const Trace& trace, const char* policy, int memory_mb) {
  const SimulationPoint point{.policy = policy, .memory_mb = static_cast<double>(memory_mb)};
  SimulationOutcome outcome;
  for (auto _ : state) {
    auto simulation = Simulation::create(point, trace.functions);
    if (!simulation || !simulation->take(trace.invocations)) {
      state.SkipWithError("the simulation failed");
      return;
    }
    outcome = simulation->finish();
  }
  const auto invocations = static_cast<double>(trace.invocations.size());
  state.SetItemsProcessed(
      static_cast<std::int64_t>(state.iterations() * static_cast<std::int64_t>(trace.invocations.size())));
  state.counters["cold_pct"] = 100 * static_cast<double>(outcome.cold) / invocations;
  state.counters["max_pool"] = static_cast<double>(outcome.max_pool);
  // What HIST does besides, per hundred invocations.
  state.counters["expired_pct"] = 100 * static_cast<double>(outcome.expirations) / invocations;
  state.counters["prewarmed_pct"] = 100 * static_cast<double>(outcome.prewarms) / invocations;
}

void faascache(benchmark::State& state, const char* policy) {
  simulate<FaascacheSimulation>(state, zipf_trace(), policy, static_cast<int>(state.range(0)));
}
void course(benchmark::State& state, const char* policy) {
  simulate<CourseSimulation>(state, zipf_trace(), policy, static_cast<int>(state.range(0)));
}

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

void register_mixed_cases() {
  for (const char* policy : {"gd", "lru", "ttl", "long_ttl", "freq", "size", "lnd", "rand", "hist"}) {
    for (const MixedCase& mixed : mixed_cases) {
      for (const int memory_mb : mixed.memories_mb) {
        const std::string name =
            std::string("faascache/") + policy + "/mixed_" + mixed.name + "/" + std::to_string(memory_mb);
        const auto run = [&mixed, policy, memory_mb](benchmark::State& state) {
          simulate<FaascacheSimulation>(state, mixed_trace(mixed), policy, memory_mb);
        };
        benchmark::RegisterBenchmark(name.c_str(), run)->Unit(benchmark::kMillisecond);
      }
    }
  }
}

}  // namespace
}  // namespace thaw

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  thaw::register_mixed_cases();
  benchmark::RunSpecifiedBenchmarks();
}
