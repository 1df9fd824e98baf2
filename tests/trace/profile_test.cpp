#include "trace/profile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/random.h"
#include "trace/files.h"
#include "trace/writer.h"

namespace thaw {
namespace {

using tests::expect_value;

TraceProfile profile_of(Trace trace) { return expect_value(profile(*as_trace_file(std::move(trace)))); }

/// Function a: 100 MB, 50 ms; b: 30 MB, 10 ms.
Trace trace_of(std::vector<double> times, std::vector<FunctionIndex> functions) {
  Trace trace;
  trace.functions = {{.name = "a", .memory_mb = 100, .cold_ms = 200, .warm_ms = 50},
                     {.name = "b", .memory_mb = 30, .cold_ms = 20, .warm_ms = 10},
                     {.name = "never", .memory_mb = 1, .cold_ms = 1, .warm_ms = 1}};
  trace.invocations.time_ms = std::move(times);
  trace.invocations.function = std::move(functions);
  return trace;
}

TEST(TraceProfile, CountsFunctionsAndThoseInvoked) {
  const TraceProfile result = profile_of(trace_of({0, 1}, {0, 1}));
  EXPECT_EQ(result.functions, 3U);
  EXPECT_EQ(result.invoked_functions, 2U);
  EXPECT_EQ(result.invocations, 2U);
}

TEST(TraceProfile, CountsInvocationsPerMinute) {
  const TraceProfile result = profile_of(trace_of({0, 59999, 60000, 180001}, {0, 0, 0, 1}));
  EXPECT_EQ(result.rate, (std::vector<std::uint64_t>{2, 1, 0, 1}));
  EXPECT_EQ(result.peak_per_minute, 2U);
  EXPECT_EQ(result.peak_minute_ms, 0);
}

TEST(TraceProfile, WidensTheBinsOfALongTrace) {
  const double year = 365.0 * 24 * 60 * 60000;
  const TraceProfile result = profile_of(trace_of({0, 60000, year}, {0, 0, 0}));
  EXPECT_EQ(result.rate_bin_ms, 64 * 60000);
  EXPECT_LE(result.rate.size(), 10080U);
  EXPECT_EQ(result.rate.front(), 2U);
  EXPECT_EQ(result.rate.back(), 1U);
}

TEST(TraceProfile, HasAFanoFactorOfZeroForAnEvenRate) {
  const TraceProfile result = profile_of(trace_of({0, 60000, 120000, 180000}, {0, 0, 0, 0}));
  EXPECT_EQ(result.fano_per_minute, 0);
  EXPECT_EQ(result.iat_cv, 0);
  EXPECT_EQ(result.iat_mean_ms, 60000);
}

TEST(TraceProfile, CountsEmptyMinutesInTheFanoFactor) {
  // Counts 2, 0, 0, 2: mean 1, variance 4/3.
  const TraceProfile result = profile_of(trace_of({0, 1, 180000, 180001}, {0, 0, 0, 0}));
  EXPECT_DOUBLE_EQ(result.fano_per_minute, 4.0 / 3);
}

TEST(TraceProfile, FindsThePeakOfWhatRunsAtOnce) {
  const TraceProfile result = profile_of(trace_of({0, 10, 20, 45}, {0, 0, 1, 1}));
  EXPECT_EQ(result.peak_running, 3U);
  EXPECT_EQ(result.peak_running_mb, 230);
}

TEST(TraceProfile, EndsARunBeforeAnArrivalAtTheSameInstant) {
  const TraceProfile result = profile_of(trace_of({0, 50, 100}, {0, 0, 0}));
  EXPECT_EQ(result.peak_running, 1U);
  EXPECT_EQ(result.peak_running_mb, 100);
}

TEST(TraceProfile, AgreesWithCountingEveryPairOfRuns) {
  RandomStream stream(1, "tests.profile");
  Trace trace = trace_of({}, {});
  double time = 0;
  for (int i = 0; i < 3000; ++i) {
    // Gaps and durations over many powers of two, whole numbers among them so that ends meet arrivals.
    time += std::floor(std::exp(8 * stream.uniform()) - 1);
    trace.invocations.time_ms.push_back(time);
    trace.invocations.function.push_back(stream.uniform() < 0.5 ? 0 : 1);
    trace.invocations.duration_ms.push_back(std::floor(std::exp(14 * stream.uniform()) - 1));
  }
  std::uint64_t peak = 0;
  double peak_mb = 0;
  const auto& all = trace.invocations;
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::uint64_t running = 1;
    double mb = trace.functions[all.function[i]].memory_mb;
    for (std::size_t j = 0; j < i; ++j) {
      if (all.time_ms[j] + all.duration_ms[j] <= all.time_ms[i]) continue;
      ++running;
      mb += trace.functions[all.function[j]].memory_mb;
    }
    peak = std::max(peak, running);
    peak_mb = std::max(peak_mb, mb);
  }
  const TraceProfile result = profile_of(trace);
  EXPECT_EQ(result.peak_running, peak);
  EXPECT_EQ(result.peak_running_mb, peak_mb);
}

TEST(TraceProfile, GivesTheMeanOfWhatRuns) {
  // 50 ms of a and 10 ms of b within 100 ms.
  const TraceProfile result = profile_of(trace_of({0, 90}, {0, 1}));
  EXPECT_DOUBLE_EQ(result.mean_running, 0.6);
  EXPECT_DOUBLE_EQ(result.mean_running_mb, (50 * 100 + 10 * 30) / 100.0);
}

TEST(TraceProfile, GivesTheSharesOfTheMostInvoked) {
  const TraceProfile result = profile_of(trace_of({0, 1, 2, 3}, {1, 1, 0, 1}));
  ASSERT_EQ(result.popularity.size(), 2U);
  EXPECT_EQ(result.popularity[0].functions, 1U);
  EXPECT_DOUBLE_EQ(result.popularity[0].share, 0.75);
  EXPECT_DOUBLE_EQ(result.popularity[1].share, 1);
}

TEST(TraceProfile, WeighsMemoryByInvocations) {
  const TraceProfile result = profile_of(trace_of({0, 1, 2, 3}, {1, 1, 0, 1}));
  EXPECT_DOUBLE_EQ(result.memory_mb.by_function.mean, 131.0 / 3);
  EXPECT_DOUBLE_EQ(result.memory_mb.by_invocation.mean, (100 + 3 * 30) / 4.0);
  EXPECT_EQ(result.memory_mb.by_invocation.p50, 30);
  EXPECT_EQ(result.memory_mb.by_invocation.maximum, 100);
}

TEST(TraceProfile, TakesRecordedDurationsWhereThereAre) {
  Trace trace = trace_of({0, 10}, {0, 0});
  trace.invocations.duration_ms = {5, 7};
  const TraceProfile result = profile_of(trace);
  EXPECT_TRUE(result.has_recorded);
  EXPECT_EQ(result.peak_running, 1U);
  EXPECT_EQ(result.recorded_ms.mean, 6);
  EXPECT_EQ(result.recorded_ms.maximum, 7);
}

TEST(TraceProfile, OfNothingIsMissingNotZero) {
  const TraceProfile result = profile_of(trace_of({}, {}));
  EXPECT_EQ(result.invocations, 0U);
  EXPECT_TRUE(std::isnan(result.mean_per_s));
  EXPECT_TRUE(std::isnan(result.iat_cv));
  EXPECT_TRUE(std::isnan(result.memory_mb.by_invocation.p50));
  EXPECT_EQ(result.memory_mb.by_function.p50, 30);
}

TEST(TraceProfile, OfTheRealTraceCountsItsInvocations) {
  const auto file = open_trace(tests::fixtures / "traces/azure2019-20b");
  ASSERT_TRUE(file);
  const TraceProfile result = expect_value(profile(**file));
  EXPECT_EQ(result.invocations, 104666U);
  EXPECT_EQ(result.functions, 20U);
  EXPECT_EQ(result.memory_mb.by_function.mean, 1299.0 / 20);
  EXPECT_EQ(result.cold_ms.by_function.maximum, 184255);
}

TEST(WeightedSpread, TakesTheLeastValueThatHoldsTheShare) {
  const std::vector<double> values = {30, 10, 20}, weights = {1, 1, 2};
  const Spread spread = weighted_spread(values, weights);
  EXPECT_EQ(spread.p25, 10);
  EXPECT_EQ(spread.p50, 20);
  EXPECT_EQ(spread.p75, 20);
  EXPECT_EQ(spread.p95, 30);
  EXPECT_EQ(spread.mean, 20);
}

}  // namespace
}  // namespace thaw
