// What hit-ratio curves cost, exact and by sampling, and what bounds cost. Items are invocations.
//
// The trace is in memory: Zipf popularity (exponent 0.9), uniform arrivals, 64 to 1024 MB; the argument is the number
// of functions.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/random.h"
#include "sim/bounds.h"
#include "sim/concurrency.h"
#include "sim/farthest.h"
#include "sim/hit_ratio_curve.h"
#include "sim/shards.h"

namespace thaw {
namespace {

Trace zipf_trace(std::size_t functions, std::size_t invocations) {
  RandomStream stream(1, "bench.curve");
  Trace trace;
  std::vector<double> cumulative;
  double sum = 0;
  for (std::size_t f = 0; f < functions; ++f) {
    TraceFunction function;
    function.name = "f" + std::to_string(f);
    function.memory_mb = 64 * static_cast<double>(1 + stream.below(16));
    function.warm_ms = static_cast<double>(stream.below(2000));
    function.cold_ms = function.warm_ms + static_cast<double>(stream.below(5000));
    trace.functions.push_back(function);
    sum += std::pow(static_cast<double>(f + 1), -0.9);
    cumulative.push_back(sum);
  }
  for (std::size_t i = 0; i < invocations; ++i) {
    trace.invocations.time_ms.push_back(static_cast<double>(i) * 86.4e6 / static_cast<double>(invocations));
    const auto chosen = std::lower_bound(cumulative.begin(), cumulative.end(), stream.uniform() * sum);
    trace.invocations.function.push_back(static_cast<FunctionIndex>(chosen - cumulative.begin()));
  }
  return trace;
}

/// One trace at a time is kept, so that the program stays small.
const Trace& trace_with(std::int64_t functions, std::size_t invocations) {
  static Trace trace;
  if (trace.functions.size() != static_cast<std::size_t>(functions) ||
      trace.invocations.size() != invocations) {
    trace = zipf_trace(static_cast<std::size_t>(functions), invocations);
  }
  return trace;
}

constexpr std::size_t curve_length = 5'000'000;

void exact_curve(benchmark::State& state) {
  const Trace& trace = trace_with(state.range(0), curve_length);
  for (auto _ : state) {
    const auto source = source_of(trace);
    benchmark::DoNotOptimize(measure_curve(trace.functions, *source).value());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(curve_length));
}
BENCHMARK(exact_curve)->Arg(1000)->Arg(50000)->Unit(benchmark::kMillisecond);

/// Mean absolute error of the hit ratio against the exact curve, over ten seeds.
double error_of(const Trace& trace, ShardsOptions options) {
  const HitRatioCurve exact = measure_curve(trace.functions, *source_of(trace)).value();
  double sum = 0;
  for (options.seed = 1; options.seed <= 10; ++options.seed)
    sum += mean_absolute_error(sample_curve(trace.functions, *source_of(trace), options).value(), exact);
  return sum / 10;
}

void sample(benchmark::State& state, const ShardsOptions& options) {
  const Trace& trace = trace_with(state.range(0), curve_length);
  for (auto _ : state) {
    const auto source = source_of(trace);
    benchmark::DoNotOptimize(sample_curve(trace.functions, *source, options).value());
  }
  state.counters["mean_absolute_error"] = error_of(trace, options);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(curve_length));
}

void shards_rate(benchmark::State& state) { sample(state, {.rate = 0.01}); }
BENCHMARK(shards_rate)->Arg(1000)->Arg(50000)->Unit(benchmark::kMillisecond);

void shards_size(benchmark::State& state) { sample(state, {.rate = 1, .most = 500}); }
BENCHMARK(shards_size)->Arg(50000)->Unit(benchmark::kMillisecond);

constexpr std::size_t bound_length = 1'000'000;

/// A tenth of what all functions need together.
double tight_memory(const Trace& trace) {
  double sum = 0;
  for (const TraceFunction& function : trace.functions) sum += function.memory_mb;
  return sum / 10;
}

void unlimited(benchmark::State& state) {
  const Trace& trace = trace_with(state.range(0), bound_length);
  for (auto _ : state) {
    const auto source = source_of(trace);
    benchmark::DoNotOptimize(simulate_unlimited(trace.functions, *source).value());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(bound_length));
}
BENCHMARK(unlimited)->Arg(1000)->Arg(50000)->Unit(benchmark::kMillisecond);

void farthest(benchmark::State& state, FarthestRule rule) {
  const Trace& trace = trace_with(state.range(0), bound_length);
  for (auto _ : state) benchmark::DoNotOptimize(simulate_farthest(trace, tight_memory(trace), rule));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(bound_length));
}
BENCHMARK_CAPTURE(farthest, plain, FarthestRule::plain)->Arg(1000)->Arg(50000)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(farthest, cost_aware, FarthestRule::cost_aware)
    ->Arg(1000)
    ->Arg(50000)
    ->Unit(benchmark::kMillisecond);

void bound(benchmark::State& state) {
  const Trace& trace = trace_with(state.range(0), bound_length);
  for (auto _ : state) benchmark::DoNotOptimize(lower_bound(trace, tight_memory(trace)));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(bound_length));
}
BENCHMARK(bound)->Arg(1000)->Arg(50000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace thaw
