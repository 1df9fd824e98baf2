#include "trace/execution_law.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "trace/listed_draws.h"

namespace thaw {
namespace {

using ::testing::HasSubstr;
using testing::ListedDraws;

/// The statistics of the known samples.
TraceFunction known_function() {
  TraceFunction function;
  function.name = "f";
  function.duration = DurationStatistics{50, 1, 0, 100, 0, 1, 25, 50, 75, 99, 100};
  function.memory = MemoryStatistics{1, 5000, 100, 500, 2500, 5000, 7500, 9500, 9900, 10000};
  return function;
}

/// The execution for two quantiles, then places inside the buckets.
Execution drawn(const TraceFunction& function, std::deque<double> uniforms) {
  ListedDraws draws;
  draws.uniforms = std::move(uniforms);
  return ExecutionLaw::of(function)->draw(draws);
}

TEST(ExecutionLaw, TakesTheBucketOfTheQuantile) {
  // Lowest place inside each bucket.
  EXPECT_EQ(drawn(known_function(), {.7650, .8052, 0, 0}).runtime_ms, 75U);
  EXPECT_EQ(drawn(known_function(), {.7650, .8052, 0, 0}).memory_mib, 7500U);
  EXPECT_EQ(drawn(known_function(), {.0937, .9941, 0, 0}).runtime_ms, 1U);
  EXPECT_EQ(drawn(known_function(), {.0937, .9941, 0, 0}).memory_mib, 9900U);
}

struct KnownPair {
  double runtime_quantile, memory_quantile;
  std::uint32_t runtime_ms, memory_mib;
};

class KnownQuantiles : public ::testing::TestWithParam<KnownPair> {};

TEST_P(KnownQuantiles, LeadToBucketsThatHoldTheKnownSample) {
  const auto [runtime_quantile, memory_quantile, runtime_ms, memory_mib] = GetParam();
  const Execution low = drawn(known_function(), {runtime_quantile, memory_quantile, 0, 0});
  const Execution high = drawn(known_function(), {runtime_quantile, memory_quantile, .999999, .999999});
  EXPECT_LE(low.runtime_ms, runtime_ms);
  EXPECT_GE(high.runtime_ms, runtime_ms);
  EXPECT_LE(low.memory_mib, memory_mib);
  EXPECT_GE(high.memory_mib, memory_mib);
}

INSTANTIATE_TEST_SUITE_P(FirstFive, KnownQuantiles,
                         ::testing::Values(KnownPair{.7650, .8052, 89, 8217},
                                           KnownPair{.0937, .9941, 18, 9940},
                                           KnownPair{.5946, .6129, 67, 7490},
                                           KnownPair{.7783, .8644, 85, 7836},
                                           KnownPair{.7371, .1555, 50, 1222}));

TEST(ExecutionLaw, TakesTheLowerBucketOnABoundary) {
  EXPECT_EQ(drawn(known_function(), {.25, .05, .999999, .999999}).runtime_ms, 24U);
  EXPECT_EQ(drawn(known_function(), {.25, .05, .999999, .999999}).memory_mib, 499U);
  EXPECT_EQ(drawn(known_function(), {.99, .99, .999999, .999999}).runtime_ms, 98U);
  EXPECT_EQ(drawn(known_function(), {.99, .99, .999999, .999999}).memory_mib, 9899U);
}

TEST(ExecutionLaw, TakesTheSmallestPercentileItselfAtTheLowEnd) {
  EXPECT_EQ(drawn(known_function(), {0.5, .01, 0}).memory_mib, 100U);
}

TEST(ExecutionLaw, NeverGivesTheUpperBoundOfABucket) {
  EXPECT_EQ(drawn(known_function(), {.5, .5, .999999, .999999}).runtime_ms, 49U);
  EXPECT_EQ(drawn(known_function(), {.995, .995, .999999, .999999}).runtime_ms, 99U);
}

TEST(ExecutionLaw, MakesOneOfZero) { EXPECT_EQ(drawn(known_function(), {.005, .5, 0, 0}).runtime_ms, 1U); }

TEST(ExecutionLaw, DrawsTimeBeforeMemoryInsideTheBuckets) {
  const Execution execution = drawn(known_function(), {.5, .5, 0, .5});
  EXPECT_EQ(execution.runtime_ms, 25U);
  EXPECT_EQ(execution.memory_mib, 3750U);
}

TEST(ExecutionLaw, OfEqualPercentilesIsConstantAndTakesNoFurtherDraw) {
  TraceFunction function = known_function();
  function.duration = DurationStatistics{7, 1, 7, 7, 7, 7, 7, 7, 7, 7, 7};
  function.memory = MemoryStatistics{1, 9, 9, 9, 9, 9, 9, 9, 9, 9};
  for (const double quantile : {0.001, 0.3, 0.999}) {
    const Execution execution = drawn(function, {quantile, quantile});
    EXPECT_EQ(execution.runtime_ms, 7U);
    EXPECT_EQ(execution.memory_mib, 9U);
  }
}

TEST(ExecutionLaw, LimitsTimeAndMemory) {
  TraceFunction function = known_function();
  function.duration = DurationStatistics{1, 1, 1, 1, 70000, 70000, 70000, 70000, 70000, 70000, 70000};
  function.memory = MemoryStatistics{1, 1, 20000, 20000, 20000, 20000, 20000, 20000, 20000, 20000};
  const Execution execution = drawn(function, {.5, .5});
  EXPECT_EQ(execution.runtime_ms, 60000U);
  EXPECT_EQ(execution.memory_mib, 10240U);
}

TEST(ExecutionLaw, RefusesPercentilesThatFall) {
  TraceFunction function = known_function();
  function.duration->p25 = 0;
  const auto law = ExecutionLaw::of(function);
  ASSERT_FALSE(law.has_value());
  EXPECT_EQ(law.error().kind, ErrorKind::bad_input);
  EXPECT_THAT(law.error().what, HasSubstr("\"f\""));
}

TEST(ExecutionLaw, RefusesStatisticsWithoutSamples) {
  TraceFunction function = known_function();
  function.memory->count = 0;
  EXPECT_FALSE(ExecutionLaw::of(function).has_value());
}

TEST(ExecutionLaw, WithoutStatisticsIsTheWarmTimeAndTheMemory) {
  TraceFunction function;
  function.warm_ms = 12;
  function.memory_mb = 256;
  const Execution execution = drawn(function, {.3, .9});
  EXPECT_EQ(execution.runtime_ms, 12U);
  EXPECT_EQ(execution.memory_mib, 256U);
}

TEST(ExecutionLaw, HasTheProbabilitiesOfItsBuckets) {
  const auto law = ExecutionLaw::of(known_function()).value();
  StreamDraws draws(RandomStream(1, "trace.test"));
  constexpr int n = 200000;
  int below_p25 = 0;
  int below_p95 = 0;
  for (int i = 0; i < n; ++i) {
    const Execution execution = law.draw(draws);
    below_p25 += execution.runtime_ms < 25 ? 1 : 0;
    below_p95 += execution.memory_mib < 9500 ? 1 : 0;
  }
  EXPECT_NEAR(below_p25, n * 0.25, 4 * std::sqrt(n * 0.25 * 0.75));
  EXPECT_NEAR(below_p95, n * 0.95, 4 * std::sqrt(n * 0.95 * 0.05));
}

}  // namespace
}  // namespace thaw
