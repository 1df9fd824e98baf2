#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "sim/faascache/faascache_simulation.h"
#include "sim/faascache/policy.h"

namespace thaw {
namespace {

TraceFunction function(std::string name, double memory_mb, double cold_ms, double warm_ms) {
  TraceFunction made;
  made.name = std::move(name);
  made.memory_mb = memory_mb;
  made.cold_ms = cold_ms;
  made.warm_ms = warm_ms;
  return made;
}

Trace trace_of(std::vector<TraceFunction> functions, std::vector<double> times,
               std::vector<FunctionIndex> calls) {
  Trace trace;
  trace.functions = std::move(functions);
  trace.invocations.time_ms = std::move(times);
  trace.invocations.function = std::move(calls);
  return trace;
}

Result<SimulationOutcome> replay(const Trace& trace, const std::string& policy, double memory_mb) {
  return simulate_faascache({.policy = policy, .memory_mb = memory_mb}, trace.functions, *source_of(trace));
}

const Trace one_function = trace_of({function("a", 100, 600, 100)}, {0, 1000, 2000}, {0, 0, 0});

TEST(FaascacheModel, CountsIdleMemoryFromTheEndOfARunToTheLastInvocation) {
  // Idle from 600 to 1000 and from 1100 to 2000 ms.
  EXPECT_DOUBLE_EQ(replay(one_function, "lru", 200)->idle_gb_s, 100e6 * 1.3 / 1e9);
}

TEST(FaascacheModel, SlowdownOfAColdRunIsItsDurationOverTheWarmOne) {
  const SimulationOutcome outcome = *replay(one_function, "lru", 200);
  EXPECT_EQ(outcome.slowdown_p50, 1);
  EXPECT_EQ(outcome.slowdown_p99, 6);
}

TEST(FaascacheModel, SlowdownIsMissingWhenNothingWasServed) {
  EXPECT_TRUE(std::isnan(replay(one_function, "lru", 50)->slowdown_p50));
}

TEST(FaascacheModel, PolicyNamesIgnoreCaseAndKindOfDash) {
  for (const char* name : {"LONG-TTL", "long_ttl", "Long-TTL"}) {
    EXPECT_EQ(replay(one_function, name, 200)->point.policy, "LONG-TTL");
  }
  EXPECT_EQ(replay(one_function, "hist-faascache", 200)->point.policy, "HIST");
}

TEST(FaascacheModel, SuggestsTheNearestPolicy) {
  const auto outcome = replay(one_function, "long-tll", 200);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::bad_usage);
  EXPECT_NE(outcome.error().hint.find("long-ttl"), std::string::npos);
}

TEST(FaascacheModel, DescribedPolicyReadsBack) {
  const auto choice = faascache::parse_policy("lru:ties=oldest");
  ASSERT_TRUE(choice);
  EXPECT_EQ(faascache::describe(*choice), "LRU:ties=oldest");
}

TEST(FaascacheModel, RandomPolicyRepeatsWithItsSeed) {
  Trace trace = trace_of(
      {function("a", 100, 600, 100), function("b", 100, 600, 100), function("c", 100, 600, 100)}, {}, {});
  for (int i = 0; i < 300; ++i) {
    trace.invocations.time_ms.push_back(1000.0 * i);
    trace.invocations.function.push_back(static_cast<FunctionIndex>(i * i % 7 % 3));
  }
  std::vector<std::uint64_t> cold;
  for (const std::uint64_t seed : {1, 1, 2, 3, 4, 5}) {
    cold.push_back(simulate_faascache({.policy = "rand", .memory_mb = 200, .seed = seed}, trace.functions,
                                      *source_of(trace))
                       ->cold);
  }
  EXPECT_EQ(cold[0], cold[1]);
  EXPECT_TRUE(std::any_of(cold.begin(), cold.end(), [&](std::uint64_t other) { return other != cold[0]; }));
}

TEST(FaascacheModel, RefusesAnImpossibleFunction) {
  for (const TraceFunction& wrong : {function("a", 0, 600, 100), function("a", -1, 600, 100),
                                     function("a", 100, -1, 100), function("a", 100, 600, std::nan("")),
                                     function("a", std::numeric_limits<double>::infinity(), 600, 100)}) {
    const auto outcome = replay(trace_of({wrong}, {0}, {0}), "gd", 200);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, ErrorKind::bad_input);
  }
}

TEST(FaascacheModel, RefusesAnImpossibleMemory) {
  for (const double memory : {0.0, -1.0, std::nan("")}) {
    const auto outcome = replay(one_function, "gd", memory);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, ErrorKind::bad_usage);
  }
}

TEST(FaascacheModel, RefusesATimeThatFallsAndAnUnknownFunction) {
  for (const Trace& wrong :
       {trace_of(one_function.functions, {5, 4}, {0, 0}), trace_of(one_function.functions, {5}, {1}),
        trace_of(one_function.functions, {-1}, {0}), trace_of(one_function.functions, {std::nan("")}, {0})}) {
    const auto outcome = replay(wrong, "gd", 200);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, ErrorKind::bad_input);
  }
}

}  // namespace
}  // namespace thaw
