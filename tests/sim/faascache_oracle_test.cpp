#include <gtest/gtest.h>

#include "sim/faascache/simulator.h"
#include "sim/naive_faascache.h"

namespace thaw {
namespace {

/// Few distinct memories, durations and times, so that priorities tie all the time. The load changes between
/// idle and hopeless, and gaps of hours let containers expire.
Trace make_trace(std::uint64_t seed, std::size_t functions, std::size_t invocations) {
  RandomStream random(seed, "test.oracle");
  Trace trace;
  for (std::size_t f = 0; f < functions; ++f) {
    TraceFunction function;
    function.name = "f" + std::to_string(f);
    function.memory_mb = static_cast<double>(64 * (1 + random.below(4)));
    function.warm_ms = static_cast<double>(500 * random.below(4));
    function.cold_ms = function.warm_ms + static_cast<double>(1000 * random.below(4));
    trace.functions.push_back(function);
  }
  double now = 0;
  const std::uint64_t gaps[] = {1, 2, 1000, 60000, 400000};
  for (std::size_t i = 0; i < invocations; ++i) {
    const std::uint64_t gap = gaps[random.below(200) == 0 ? 4 : (i / 97 + random.below(2)) % 4];
    now += static_cast<double>(random.below(gap + 1));
    const auto rank = random.below(functions);
    trace.invocations.function.push_back(static_cast<FunctionIndex>(random.below(rank + 1)));
    trace.invocations.time_ms.push_back(now);
  }
  return trace;
}

/// Functions that are called every few minutes, nearly or exactly, so that HIST pre-warms and unloads.
Trace make_regular_trace(std::uint64_t seed, std::size_t functions, std::size_t minutes) {
  RandomStream random(seed, "test.oracle.regular");
  Trace trace = make_trace(seed, functions, 0);
  for (std::size_t minute = 0; minute < minutes; ++minute) {
    for (std::size_t f = 0; f < functions; ++f) {
      if (minute % (2 + 3 * f) != 0 || random.below(10) == 0) continue;
      trace.invocations.function.push_back(static_cast<FunctionIndex>(f));
      trace.invocations.time_ms.push_back(60000.0 * static_cast<double>(minute));
    }
  }
  return trace;
}

/// The first place in which the arrays differ, or "".
std::string difference(faascache::Simulator& fast, const naive::Simulator& plain) {
  if (fast.pool().size() != plain.pool.size()) return "size";
  for (std::size_t i = 0; i < plain.pool.size(); ++i) {
    const faascache::Container& container = fast.container(fast.pool().id_at(i));
    const naive::Container& wanted = *plain.pool[i];
    const bool is_same =
        container.function == wanted.function && container.last_access_ms == wanted.last_access &&
        container.frequency == wanted.frequency && fast.pool().priority_at(i) == wanted.priority;
    if (!is_same) return "place " + std::to_string(i);
  }
  return {};
}

/// A crowd of functions, and a memory that is tight, right or ample by the seed.
struct OracleCase {
  Trace trace;
  double memory_mb;
};
OracleCase make_case(std::uint64_t seed) {
  const std::size_t functions = 3 + 5 * seed;
  const double share = seed % 3 == 0 ? 3 : seed % 3 == 1 ? 1.0 : 0.4;
  return {make_trace(seed, functions, 3000), 100.0 * static_cast<double>(functions) * share};
}

class FaascacheOracleOf : public testing::TestWithParam<faascache::PolicyName> {};

TEST_P(FaascacheOracleOf, ArrayEqualsThePlainSimulatorAfterEveryInvocation) {
  std::uint64_t evictions = 0, dropped = 0, largest = 0, expirations = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const auto [trace, memory] = make_case(seed);
    faascache::Simulator fast(trace.functions, {GetParam().policy}, memory, seed, nullptr);
    naive::Simulator plain(trace.functions, GetParam().policy, memory, seed);
    for (std::size_t i = 0; i < trace.invocations.size(); ++i) {
      ASSERT_TRUE(fast.invoke(trace.invocations.time_ms[i], trace.invocations.function[i]));
      plain.invoke(trace.invocations.time_ms[i], trace.invocations.function[i]);
      ASSERT_EQ(difference(fast, plain), "") << "seed " << seed << ", invocation " << i;
    }
    const SimulationOutcome outcome = fast.outcome();
    EXPECT_EQ(outcome.end_used_mb, plain.used_mb);
    evictions += outcome.evictions;
    dropped += outcome.dropped;
    largest = std::max(largest, outcome.max_pool);
    expirations += outcome.expirations;
    for (std::size_t f = 0; f < trace.functions.size(); ++f) {
      EXPECT_EQ(outcome.functions[f].evictions, plain.counts[f].evictions)
          << "seed " << seed << ", function " << f;
      EXPECT_EQ(outcome.functions[f].dropped, plain.counts[f].dropped)
          << "seed " << seed << ", function " << f;
    }
  }
  EXPECT_GT(evictions, 1000U);
  EXPECT_GT(dropped, 1000U);
  EXPECT_GT(largest, 64U);
  const bool expires = GetParam().name == "TTL" || GetParam().name == "LONG-TTL" || GetParam().name == "HIST";
  EXPECT_EQ(expirations > 0, expires);
}

/// Looking at the array makes the simulator do what it would rather put off.
TEST_P(FaascacheOracleOf, ArrayIsTheSameWhenItIsLookedAtSeldom) {
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    const auto [trace, memory] = make_case(seed);
    faascache::Simulator fast(trace.functions, {GetParam().policy}, memory, seed, nullptr);
    naive::Simulator plain(trace.functions, GetParam().policy, memory, seed);
    for (std::size_t i = 0; i < trace.invocations.size(); ++i) {
      ASSERT_TRUE(fast.invoke(trace.invocations.time_ms[i], trace.invocations.function[i]));
      plain.invoke(trace.invocations.time_ms[i], trace.invocations.function[i]);
      if (i % 37 != 36) continue;
      ASSERT_EQ(difference(fast, plain), "") << "seed " << seed << ", invocation " << i;
    }
  }
}

TEST(FaascacheOracle, HistogramEqualsThePlainSimulatorOnRegularTraces) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Trace trace = make_regular_trace(seed, 20, 3000);
    const double memory = 700.0 * static_cast<double>(seed);
    faascache::Simulator fast(trace.functions, {faascache::Policy::histogram}, memory, seed, nullptr);
    naive::Simulator plain(trace.functions, faascache::Policy::histogram, memory, seed);
    for (std::size_t i = 0; i < trace.invocations.size(); ++i) {
      ASSERT_TRUE(fast.invoke(trace.invocations.time_ms[i], trace.invocations.function[i]));
      plain.invoke(trace.invocations.time_ms[i], trace.invocations.function[i]);
      ASSERT_EQ(difference(fast, plain), "") << "seed " << seed << ", invocation " << i;
    }
    EXPECT_GT(fast.outcome().prewarms, 1000U) << "seed " << seed;
    EXPECT_GT(fast.outcome().expirations, 1000U) << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(EveryPolicy, FaascacheOracleOf,
                         testing::ValuesIn(faascache::policies().begin(), faascache::policies().end()),
                         [](const auto& instance) {
                           std::string name(instance.param.name);
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace thaw
