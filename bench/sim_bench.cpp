// Speed of the clean model: invocations a second on one core, trace in memory, no logs. Zipf popularity, 5 M invocations in
// 24 h, memory 30 % of the footprint; functions as the field has them (64 … 1024 MB, 20 ms … 5 s warm, up to 10 s more cold).

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "core/random.h"
#include "sim/clean_simulation.h"
#include "sim/cluster_simulation.h"

namespace thaw {
namespace {

constexpr std::size_t invocation_count = 5'000'000;

std::vector<TraceFunction> make_functions(std::size_t count) {
  constexpr double sizes[] = {64, 128, 128, 192, 256, 256, 384, 512, 1024};
  RandomStream random(1, "bench-functions");
  std::vector<TraceFunction> functions(count);
  for (TraceFunction& function : functions) {
    function.memory_mb = sizes[random.below(std::size(sizes))];
    function.warm_ms = 2 + 498 * std::pow(random.uniform(), 3);
    function.cold_ms = function.warm_ms + 100 + 1900 * std::pow(random.uniform(), 2);
  }
  return functions;
}

const Trace& zipf_trace(std::size_t functions) {
  static std::map<std::size_t, Trace> traces;
  Trace& trace = traces[functions];
  if (!trace.functions.empty()) return trace;
  trace.functions = make_functions(functions);
  std::vector<double> cumulated(functions);
  double sum = 0;
  for (std::size_t i = 0; i < functions; ++i) cumulated[i] = sum += 1.0 / static_cast<double>(i + 1);
  // Popularity has nothing to do with the order of the functions.
  std::vector<FunctionIndex> places(functions);
  for (std::size_t i = 0; i < functions; ++i) places[i] = static_cast<FunctionIndex>(i);
  RandomStream random(1, "bench-arrivals");
  for (std::size_t i = functions; i > 1; --i) std::swap(places[i - 1], places[random.below(i)]);
  for (std::size_t i = 0; i < invocation_count; ++i) {
    const auto rank = std::lower_bound(cumulated.begin(), cumulated.end(), random.uniform() * sum);
    trace.invocations.function.push_back(places[static_cast<std::size_t>(rank - cumulated.begin())]);
    trace.invocations.time_ms.push_back(86'400'000.0 * static_cast<double>(i) / invocation_count);
  }
  return trace;
}

void simulate(benchmark::State& state, const char* policy) {
  const Trace& trace = zipf_trace(static_cast<std::size_t>(state.range(0)));
  double footprint = 0;
  for (const TraceFunction& function : trace.functions) footprint += function.memory_mb;
  const SimulationPoint point{.policy = policy, .memory_mb = 0.3 * footprint};
  double cold = 0, dropped = 0;
  for (auto _ : state) {
    auto simulation = CleanSimulation::create(point, trace.functions);
    if (!simulation->take(trace.invocations)) std::abort();
    const SimulationOutcome outcome = simulation->finish();
    cold = static_cast<double>(outcome.cold);
    dropped = static_cast<double>(outcome.dropped);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(invocation_count));
  state.counters["cold"] = cold / invocation_count;
  state.counters["dropped"] = dropped / invocation_count;
}

/// Eight servers share the memory; the offered load is some 7 of their cores, and initialisations.
void simulate_cluster_of_8(benchmark::State& state, const char* route, std::uint32_t cores) {
  const Trace& trace = zipf_trace(static_cast<std::size_t>(state.range(0)));
  double footprint = 0;
  for (const TraceFunction& function : trace.functions) footprint += function.memory_mb;
  const SimulationPoint point{.policy = "lru", .memory_mb = 0.3 * footprint / 8};
  double wait_ms = 0, cold = 0;
  for (auto _ : state) {
    auto simulation =
        ClusterSimulation::create(point, {.servers = 8, .route = route, .cores = cores}, trace.functions);
    if (!simulation->take(trace.invocations)) std::abort();
    const ClusterOutcome outcome = simulation->finish_cluster();
    wait_ms = outcome.whole.waits.mean_ms;
    cold = static_cast<double>(outcome.whole.cold);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(invocation_count));
  state.counters["cold"] = cold / invocation_count;
  state.counters["wait_ms"] = wait_ms;
}

const int registered_clusters = [] {
  for (const char* route : {"hash", "least-loaded", "locality", "random"}) {
    for (const std::uint32_t cores : {0U, 16U}) {
      const std::string name =
          fmt::format("cluster-8x{}-{}", cores == 0 ? "any" : std::to_string(cores), route);
      benchmark::RegisterBenchmark(name.c_str(), simulate_cluster_of_8, route, cores)
          ->Arg(1000)
          ->Unit(benchmark::kMillisecond);
    }
  }
  return 0;
}();

const int registered = [] {
  for (const char* policy : {"lru", "ttl", "gd", "freq", "size", "lnd", "rand", "gdsf-ewma", "sieve",
                             "s3-fifo", "arc", "w-tinylfu", "hyperbolic", "cidre", "adaptive-ttl", "hist",
                             "hybrid", "rainbowcake-user", "icebreaker"}) {
    benchmark::RegisterBenchmark(policy, simulate, policy)
        ->Arg(1000)
        ->Arg(50000)
        ->Unit(benchmark::kMillisecond);
  }
  return 0;
}();

}  // namespace
}  // namespace thaw
