// What one repetition costs inside each stopping rule with about 1000 values in the sample. Every rule has its maximum
// raised, so that it judges; its answer is ignored. The program a rule watches should never notice it: the bound is
// 1 ms a repetition.

#include <benchmark/benchmark.h>

#include <cmath>
#include <string>
#include <vector>

#include "bench/stop_rule.h"
#include "core/random.h"

namespace {

using namespace thaw;

enum class Values { normal, lognormal, bimodal, uniform };

double draw(Values kind, RandomStream& random) {
  switch (kind) {
    case Values::normal:
      return 1 + 0.1 * random.normal();
    case Values::lognormal:
      return std::exp(0.5 * random.normal());
    case Values::bimodal:
      return (random.uniform() < 0.5 ? 10 : 20) + random.normal();
    case Values::uniform:
      return 10 + random.uniform();
  }
  return 0;
}

/// Times `add` for the repetitions from 1000 to 1099, over and over.
void add_at_1000(benchmark::State& state, const std::string& rule, Values kind) {
  constexpr int before = 1000;
  constexpr int timed = 100;
  int left = 0;
  std::unique_ptr<StopRule> subject;
  RandomStream random(1, "stop rule bench");
  const auto take = [&](auto&& into) {
    const double value = draw(kind, random);
    into({&value, 1});
  };
  for (auto _ : state) {
    if (left == 0) {
      state.PauseTiming();
      subject = *make_stop_rule(rule, 1);
      random = RandomStream(1, "stop rule bench");
      for (int i = 0; i < before; ++i) {
        take([&](std::span<const double> values) { subject->take(values, std::chrono::milliseconds(i)); });
      }
      (void)subject->decide();
      left = timed;
      state.ResumeTiming();
    }
    take([&](std::span<const double> values) {
      benchmark::DoNotOptimize(subject->add(values, std::chrono::seconds(1)).stop);
    });
    --left;
  }
}

/// Times a whole run of 1000 repetitions; the counter is the mean cost of one.
void first_1000(benchmark::State& state, const std::string& rule, Values kind) {
  constexpr int repetitions = 1000;
  for (auto _ : state) {
    const auto subject = *make_stop_rule(rule, 1);
    RandomStream random(1, "stop rule bench");
    for (int i = 0; i < repetitions; ++i) {
      const double value = draw(kind, random);
      benchmark::DoNotOptimize(subject->add({&value, 1}, std::chrono::milliseconds(i)).stop);
    }
  }
  state.counters["per_repetition"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * repetitions,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

const char* const rules_without_limits[] = {
    "count:max=none",
    "duration:24h",
    "budget:24h",
    "precision:width=1e-9,max=none",
    "precision:width=1e-9,max=none,method=bootstrap",
    "rse:threshold=1e-9,max=none",
    "ci:threshold=1e-9,max=none",
    "hdi:threshold=1e-9,max=none",
    "bb:threshold=1e-9,max=none",
    "bb:threshold=1e-9,max=none,epsilon=1",
    "gmm:goodness=100,max=none",
    "gmm:goodness=0.7,max=none",
    "ks:threshold=1e-9,max=none",
    "decision:max=none,bb_max=none,ci_max=none,ci_threshold=1e-9,hdi_max=none,gmm_max=none,gmm_goodness=100",
};

const int registered = [] {
  const std::pair<const char*, Values> kinds[] = {{"normal", Values::normal},
                                                  {"lognormal", Values::lognormal},
                                                  {"bimodal", Values::bimodal},
                                                  {"uniform", Values::uniform}};
  for (const std::string rule : rules_without_limits) {
    for (const auto& [name, kind] : kinds) {
      benchmark::RegisterBenchmark(("add_at_1000/" + rule + "/" + name).c_str(), add_at_1000, rule, kind)
          ->Unit(benchmark::kMicrosecond);
      benchmark::RegisterBenchmark(("first_1000/" + rule + "/" + name).c_str(), first_1000, rule, kind)
          ->Unit(benchmark::kMillisecond);
    }
  }
  return 0;
}();

}  // namespace
