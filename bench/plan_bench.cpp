// How fast traces and plans are generated: invocations a second, by the number of functions.

#include <benchmark/benchmark.h>

#include <vector>

#include "trace/azure_like.h"
#include "trace/plan.h"
#include "trace/wasserstein.h"

namespace thaw {
namespace {

/// A trace like Azure 2019 with so many functions, a pass of 10 million invocations.
void azure_like(benchmark::State& state) {
  const auto trace =
      AzureLikeTrace::create({.functions = static_cast<std::size_t>(state.range(0)), .invocations = 10000000})
          .value();
  InvocationBlock block;
  for (auto _ : state) {
    const auto source = trace.open();
    while (source->next(block).has_value() && block.size() > 0)
      benchmark::DoNotOptimize(block.time_ms.data());
  }
  state.SetItemsProcessed(state.iterations() * 10000000);
}
BENCHMARK(azure_like)->Arg(1000)->Arg(46000)->Unit(benchmark::kMillisecond);

/// A plan of 5 million invocations in an hour by a law of inter-arrival times, executions included.
void plan(benchmark::State& state, ArrivalLaw law) {
  constexpr std::size_t functions = 1000;
  ArrivalCounts counts;
  for (std::size_t i = 0; i < functions; ++i) {
    counts.functions.push_back({.name = "f" + std::to_string(i), .memory_mb = 128, .warm_ms = 100});
    counts.counts.emplace_back(60, static_cast<std::uint32_t>(166.7 / (static_cast<double>(i + 1) / 500)));
  }
  std::int64_t invocations = 0;
  for (const auto& row : counts.counts)
    for (const std::uint32_t count : row) invocations += count;
  std::vector<PlannedInvocation> block;
  for (auto _ : state) {
    ArrivalPlan planned = plan_from_counts(counts, {.law = law}).value();
    while (planned.source->next(block).has_value() && !block.empty()) benchmark::DoNotOptimize(block.data());
  }
  state.SetItemsProcessed(state.iterations() * invocations);
}
BENCHMARK_CAPTURE(plan, exponential, ArrivalLaw::exponential)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(plan, equidistant, ArrivalLaw::equidistant)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(plan, poisson, ArrivalLaw::poisson)->Unit(benchmark::kMillisecond);

/// The distance between two samples, of which nine in ten values are zero.
void wasserstein(benchmark::State& state) {
  RandomStream stream(1, "bench.wasserstein");
  std::vector<double> first(10000), second(46000);
  for (auto* sample : {&first, &second})
    for (double& value : *sample)
      value = stream.uniform() < 0.9 ? 0 : static_cast<double>(stream.below(1000));
  for (auto _ : state) benchmark::DoNotOptimize(wasserstein_distance(first, second));
  state.SetItemsProcessed(state.iterations() * 56000);
}
BENCHMARK(wasserstein);

}  // namespace
}  // namespace thaw
