#include "trace/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "trace/rate_plan.h"

namespace thaw {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TraceFunction named(std::string name) {
  TraceFunction function;
  function.name = std::move(name);
  function.duration = DurationStatistics{50, 1, 0, 100, 0, 1, 25, 50, 75, 99, 100};
  function.memory = MemoryStatistics{1, 5000, 100, 500, 2500, 5000, 7500, 9500, 9900, 10000};
  return function;
}

ArrivalCounts counts_of(std::vector<std::vector<std::uint32_t>> rows) {
  ArrivalCounts trace;
  for (std::size_t i = 0; i < rows.size(); ++i) trace.functions.push_back(named("f" + std::to_string(i)));
  trace.counts = std::move(rows);
  return trace;
}

/// Busy, quiet and uneven functions.
ArrivalCounts mixed_counts() {
  return counts_of({{3, 0, 2000, 1}, {0, 0, 0, 0}, {1, 1, 1, 1}, {0, 500, 0, 7}, {40, 41, 42, 43}});
}

std::vector<PlannedInvocation> all_of(ArrivalPlan plan) {
  std::vector<PlannedInvocation> all;
  std::vector<PlannedInvocation> block;
  while (true) {
    if (!plan.source->next(block).has_value() || block.empty()) return all;
    all.insert(all.end(), block.begin(), block.end());
  }
}

bool operator_equal(const PlannedInvocation& a, const PlannedInvocation& b) {
  return a.time_ms == b.time_ms && a.function == b.function && a.runtime_ms == b.runtime_ms &&
         a.memory_mib == b.memory_mib && a.column == b.column && a.number == b.number;
}

class PlanOfEveryLaw : public ::testing::TestWithParam<ArrivalLaw> {};

TEST_P(PlanOfEveryLaw, StreamsWhatTheListsHold) {
  const ArrivalCounts trace = mixed_counts();
  const PlanOptions options{.law = GetParam(), .seed = 5};
  const auto all = all_of(plan_from_counts(trace, options).value());
  for (FunctionIndex f = 0; f < trace.functions.size(); ++f) {
    const FunctionSchedule schedule = schedule_function(trace, f, options).value();
    std::vector<double> expected;
    double at = 0;
    for (const double iat : schedule.arrivals.iat_us) expected.push_back((at += iat) / 1000);
    std::vector<double> streamed;
    std::size_t k = 0;
    for (const PlannedInvocation& invocation : all) {
      if (invocation.function != f) continue;
      streamed.push_back(invocation.time_ms);
      ASSERT_EQ(invocation.runtime_ms, schedule.executions.at(k).runtime_ms);
      ASSERT_EQ(invocation.memory_mib, schedule.executions.at(k).memory_mib);
      ++k;
    }
    EXPECT_EQ(streamed, expected);
  }
}

TEST_P(PlanOfEveryLaw, IsSortedByTimeThenFunction) {
  const auto all = all_of(plan_from_counts(mixed_counts(), {.law = GetParam()}).value());
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.time_ms < b.time_ms || (a.time_ms == b.time_ms && a.function < b.function);
  }));
}

TEST_P(PlanOfEveryLaw, DoesNotDependOnTheSizeOfItsSlices) {
  const auto whole = all_of(plan_from_counts(mixed_counts(), {.law = GetParam()}).value());
  for (const double slice : {1.0, 17.0, 1e9}) {
    const auto other =
        all_of(plan_from_counts(mixed_counts(), {.law = GetParam(), .invocations_per_slice = slice}).value());
    ASSERT_EQ(whole.size(), other.size());
    EXPECT_TRUE(std::equal(whole.begin(), whole.end(), other.begin(), operator_equal)) << slice;
  }
}

TEST_P(PlanOfEveryLaw, NumbersTheInvocationsOfEachColumn) {
  std::map<std::pair<FunctionIndex, std::uint32_t>, std::uint32_t> next;
  for (const auto& invocation : all_of(plan_from_counts(mixed_counts(), {.law = GetParam()}).value())) {
    ASSERT_EQ(invocation.number, (next[{invocation.function, invocation.column}]++));
    ASSERT_GE(invocation.time_ms, invocation.column * 60000 - 1e-6);
    ASSERT_LE(invocation.time_ms, (invocation.column + 1) * 60000 + 1e-6);
  }
}

INSTANTIATE_TEST_SUITE_P(All, PlanOfEveryLaw,
                         ::testing::Values(ArrivalLaw::exponential, ArrivalLaw::uniform,
                                           ArrivalLaw::equidistant, ArrivalLaw::exponential_shift,
                                           ArrivalLaw::uniform_shift, ArrivalLaw::poisson));

TEST(Plan, KeepsAFunctionsArrivalsWhenAnotherIsRemoved) {
  ArrivalCounts trace = mixed_counts();
  const auto before = schedule_function(trace, 3, {}).value();
  trace.functions.erase(trace.functions.begin());
  trace.counts.erase(trace.counts.begin());
  EXPECT_EQ(schedule_function(trace, 2, {})->arrivals.iat_us, before.arrivals.iat_us);
}

TEST(Plan, ChangesWithTheSeed) {
  const auto one = schedule_function(mixed_counts(), 0, {.seed = 1}).value();
  const auto two = schedule_function(mixed_counts(), 0, {.seed = 2}).value();
  EXPECT_NE(one.arrivals.iat_us, two.arrivals.iat_us);
}

TEST(Plan, CountsWarmUpByColumn) {
  auto plan =
      plan_from_counts(counts_of({{5, 5}}), {.law = ArrivalLaw::equidistant, .warmup_columns = 1}).value();
  const PlanTotals totals = add_up(plan).value();
  EXPECT_EQ(totals.invocations, 10U);
  EXPECT_EQ(totals.warmup_invocations, 5U);
}

TEST(Plan, TakesTheFirstColumnsOnly) {
  auto plan = plan_from_counts(mixed_counts(), {.columns = 2}).value();
  EXPECT_EQ(add_up(plan)->invocations, 3U + 2 + 500 + 81);
}

TEST(Plan, RefusesMoreColumnsThanTheTraceHas) {
  const auto plan = plan_from_counts(mixed_counts(), {.columns = 5});
  ASSERT_FALSE(plan.has_value());
  EXPECT_EQ(plan.error().kind, ErrorKind::bad_usage);
  EXPECT_THAT(plan.error().what, HasSubstr("which has 4"));
}

/// One function with (start, duration) in seconds.
Trace recorded(std::vector<std::pair<double, double>> invocations) {
  Trace trace;
  trace.functions.push_back({.name = "f", .memory_mb = 200});
  for (const auto& [start, duration] : invocations) {
    trace.invocations.time_ms.push_back(start * 1000);
    trace.invocations.function.push_back(0);
    trace.invocations.duration_ms.push_back(duration * 1000);
  }
  return trace;
}

struct KnownRecording {
  std::vector<std::pair<double, double>> invocations;
  std::size_t minutes;
  std::vector<double> iat_ms;
  std::vector<std::uint32_t> per_minute;
  std::vector<std::uint32_t> runtime_ms;
};

const std::vector<KnownRecording> known_recordings = {
    {{{1, 1}}, 2, {1e3}, {1}, {1000}},
    {{{1, 1}, {2, 1}, {3, 1}}, 2, {1e3, 1e3, 1e3}, {3}, {1000, 1000, 1000}},
    {{{3, 5}, {21, 6}}, 2, {3e3, 18e3}, {2}, {5000, 6000}},
    {{{30, 20}, {71, 5}, {95, 17}}, 3, {30e3, 41e3, 24e3}, {1, 2}, {20000, 5000, 17000}},
};

class RecordedPlan : public ::testing::TestWithParam<KnownRecording> {};

TEST_P(RecordedPlan, ReplaysTheInstants) {
  const KnownRecording& known = GetParam();
  const auto all =
      all_of(plan_from_recording(recorded(known.invocations), {.columns = known.minutes}).value());
  std::vector<double> iat_ms;
  std::vector<std::uint32_t> per_minute;
  std::vector<std::uint32_t> runtime_ms;
  double last = 0;
  for (const PlannedInvocation& invocation : all) {
    iat_ms.push_back(invocation.time_ms - last);
    last = invocation.time_ms;
    per_minute.resize(std::max<std::size_t>(per_minute.size(), invocation.column + 1));
    ++per_minute[invocation.column];
    runtime_ms.push_back(invocation.runtime_ms);
    EXPECT_EQ(invocation.memory_mib, 200U);
  }
  EXPECT_EQ(iat_ms, known.iat_ms);
  EXPECT_EQ(per_minute, known.per_minute);
  EXPECT_EQ(runtime_ms, known.runtime_ms);
}

INSTANTIATE_TEST_SUITE_P(Known, RecordedPlan, ::testing::ValuesIn(known_recordings));

TEST(RecordedPlan, DropsAFunctionThatEndsAfterTheWindow) {
  const auto plan = plan_from_recording(recorded({{61, 5}, {70, 5}}), {.columns = 1}).value();
  EXPECT_TRUE(plan.functions.empty());
}

TEST(RecordedPlan, EndsAtAnyInstant) {
  auto plan =
      plan_from_recording(recorded({{1, 1}, {4.5, 0.6}, {4.6, 0.4}}), {.columns = 1, .end_ms = 5000}).value();
  EXPECT_EQ(add_up(plan)->invocations, 2U);
  EXPECT_EQ(plan.length_ms, 5000);
}

TEST(RecordedPlan, OfTheWholeTraceLastsUntilItsLastInvocation) {
  EXPECT_EQ(plan_from_recording(recorded({{1, 1}, {4.5, 0.6}}), {}).value().length_ms, 4500);
}

TEST(RecordedPlan, KeepsAShorterInvocationAfterOneThatIsTooLong) {
  auto plan = plan_from_recording(recorded({{10, 100}, {20, 1}}), {.columns = 1}).value();
  EXPECT_EQ(add_up(plan)->invocations, 1U);
}

TEST(RecordedPlan, RunsAtLeastOneMillisecond) {
  auto plan = plan_from_recording(recorded({{10, 0}}), {.columns = 1}).value();
  EXPECT_EQ(add_up(plan)->total_runtime_ms, 1U);
}

TEST(RecordedPlan, RefusesATimeBeforeTheStart) {
  EXPECT_FALSE(plan_from_recording(recorded({{-1, 1}}), {.columns = 1}).has_value());
}

}  // namespace
}  // namespace thaw
