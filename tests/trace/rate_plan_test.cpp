#include "trace/rate_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace thaw {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct WarmCase {
  std::size_t minutes;
  double per_second;
  double iat_s;
  std::vector<std::uint32_t> per_minute;
};

class WarmSeries : public ::testing::TestWithParam<WarmCase> {};

TEST_P(WarmSeries, HasTheKnownArrivals) {
  const auto& [minutes, per_second, iat_s, per_minute] = GetParam();
  const auto series = warm_series(per_second, minutes);
  ASSERT_THAT(series, SizeIs(1));
  const FunctionArrivals arrivals = arrivals_of(series[0], minutes);
  EXPECT_EQ(arrivals.per_column, per_minute);
  EXPECT_EQ(arrivals.iat_us.front(), 0);
  EXPECT_THAT(std::vector<double>(arrivals.iat_us.begin() + 1, arrivals.iat_us.end()), Each(iat_s * 1e6));
}

INSTANTIATE_TEST_SUITE_P(Known, WarmSeries,
                         ::testing::Values(WarmCase{2, 1, 1, {60, 60}}, WarmCase{2, 0.5, 2, {30, 30}},
                                           WarmCase{2, 0.125, 8, {8, 7}},
                                           WarmCase{6, 0.01, 100, {1, 1, 0, 1, 0, 1}}));

TEST(WarmSeries, OfNoRateIsEmpty) { EXPECT_THAT(warm_series(0, 2), IsEmpty()); }

TEST(WarmSeries, HasAsManyArrivalsAsTheRateSays) {
  EXPECT_EQ(warm_series(7, 1)[0].count, 420U);
  EXPECT_EQ(warm_series(333, 1)[0].count, 19980U);
  EXPECT_EQ(warm_series(3, 1)[0].count, 180U);
  EXPECT_EQ(warm_series(1000, 1)[0].count, 60000U);
}

struct ColdCase {
  std::size_t minutes;
  double per_second, cooldown_s;
  std::size_t functions;
  double first_step_s, iat_s;
  std::vector<std::uint32_t> per_minute;
};

class ColdSeries : public ::testing::TestWithParam<ColdCase> {};

TEST_P(ColdSeries, HasTheKnownArrivals) {
  const auto& [minutes, per_second, cooldown_s, functions, first_step_s, iat_s, per_minute] = GetParam();
  const auto all = cold_series(per_second, cooldown_s, minutes);
  ASSERT_THAT(all, SizeIs(functions));
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_DOUBLE_EQ(all[i].first_us, static_cast<double>(i) * first_step_s * 1e6);
    EXPECT_DOUBLE_EQ(all[i].iat_us, iat_s * 1e6);
    EXPECT_EQ(arrivals_of(all[i], minutes).per_column, per_minute);
  }
}

INSTANTIATE_TEST_SUITE_P(Known, ColdSeries,
                         ::testing::Values(ColdCase{2, 1, 10, 10, 1, 10, {6, 6}},
                                           ColdCase{1, 0.25, 10, 3, 4, 12, {5}},
                                           ColdCase{2, 0.25, 10, 3, 4, 12, {5, 5}},
                                           ColdCase{1, 5, 10, 50, 0.2, 10, {6}},
                                           ColdCase{6, 0.01, 10, 1, 0, 100, {1, 1, 0, 1, 0, 1}}));

TEST(ColdSeries, OfNoRateIsEmpty) { EXPECT_THAT(cold_series(0, 10, 2), IsEmpty()); }

TEST(ColdSeries, SpacesARateThatIsNoWholeNumberEvenly) {
  const auto all = cold_series(2.5, 10, 1);
  ASSERT_THAT(all, SizeIs(25));
  for (std::size_t i = 0; i < all.size(); ++i)
    EXPECT_DOUBLE_EQ(all[i].first_us, static_cast<double>(i) * 0.4e6);
}

TEST(ColdSeries, LeavesOutWhatFallsBehindTheEnd) {
  std::uint64_t invocations = 0;
  for (const RateSeries& series : cold_series(1, 7, 1)) {
    invocations += series.count;
    EXPECT_LT(series.first_us + static_cast<double>(series.count - 1) * series.iat_us, 60e6);
  }
  EXPECT_EQ(invocations, 60U);
}

TEST(ColdSeries, LeavesOutFunctionsThatWouldStartBehindTheEnd) {
  EXPECT_THAT(cold_series(0.5, 120, 1), SizeIs(30));
}

TEST(RatePlan, SplitsTheRateIntoWarmAndCold) {
  auto plan = plan_from_rate({.per_second = 10, .cold_percent = 20, .minutes = 2}).value();
  EXPECT_EQ(plan.functions.size(), 1U + 20);
  EXPECT_EQ(plan.functions[0].name, "warm-function-0");
  EXPECT_EQ(plan.functions[20].name, "cold-function-19");
  EXPECT_EQ(add_up(plan)->invocations, 1200U);
}

TEST(RatePlan, RunsEveryInvocationAsTold) {
  auto plan = plan_from_rate({.per_second = 1, .execution = {25, 512}}).value();
  std::vector<PlannedInvocation> block;
  ASSERT_TRUE(plan.source->next(block).has_value());
  ASSERT_FALSE(block.empty());
  EXPECT_EQ(block[0].runtime_ms, 25U);
  EXPECT_EQ(block[0].memory_mib, 512U);
}

TEST(RatePlan, HasWarmUp) {
  auto plan =
      plan_from_rate({.per_second = 2, .cold_percent = 50, .minutes = 3, .warmup_minutes = 1}).value();
  EXPECT_EQ(add_up(plan)->warmup_invocations, 120U);
}

TEST(RatePlan, FollowsALawOfArrivals) {
  auto even = plan_from_rate({.per_second = 20}).value();
  auto random = plan_from_rate({.per_second = 20, .law = ArrivalLaw::exponential_shift}).value();
  const PlanTotals even_totals = add_up(even).value();
  const PlanTotals random_totals = add_up(random).value();
  EXPECT_EQ(even_totals.invocations, random_totals.invocations);
  EXPECT_NE(even_totals.last_ms, random_totals.last_ms);
}

TEST(RatePlan, RefusesANegativeRate) {
  EXPECT_EQ(plan_from_rate({.per_second = -1}).error().kind, ErrorKind::bad_usage);
}

TEST(RatePlan, RefusesMoreColdFunctionsThanMemoryCanHold) {
  EXPECT_EQ(plan_from_rate({.per_second = 1e6, .cold_percent = 100, .minutes = 100}).error().kind,
            ErrorKind::bad_usage);
}

TEST(RatePlan, RefusesAShareAboveOneHundred) {
  EXPECT_EQ(plan_from_rate({.per_second = 1, .cold_percent = 101}).error().kind, ErrorKind::bad_usage);
}

}  // namespace
}  // namespace thaw
