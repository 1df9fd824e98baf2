#include "trace/stage_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace thaw {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

std::vector<PlannedInvocation> all_of(const StagePlanOptions& options) {
  auto plan = plan_from_stages(options).value();
  std::vector<PlannedInvocation> all, block;
  do {
    EXPECT_TRUE(plan.source->next(block));
    all.insert(all.end(), block.begin(), block.end());
  } while (!block.empty());
  return all;
}

TEST(ParseStages, ReadsConstantRatesRampsAndPauses) {
  EXPECT_THAT(parse_stages("100/s for 30s, ramp to 1000/s over 1m, pause 10s, 60/m for 5s").value(),
              ElementsAre(RateStage{100, 100, 30}, RateStage{100, 1000, 60}, RateStage{0, 0, 10},
                          RateStage{1, 1, 5}));
}

TEST(ParseStages, BeginsAFirstRampAtNothing) {
  EXPECT_THAT(parse_stages("ramp to 10/s over 5s").value(), ElementsAre(RateStage{0, 10, 5}));
}

TEST(ParseStages, RefusesWhatIsNoStage) {
  for (const char* text :
       {"", "100/s", "100 for 30s", "100/s for 30", "ramp to over 1m", "100/s for 0s", "fast for 1s"})
    EXPECT_EQ(parse_stages(text).error().kind, ErrorKind::bad_usage) << text;
}

TEST(OperationalTime, IsTheIntegralOfTheRate) {
  const OperationalTime time({{100, 100, 10}, {100, 300, 10}});

  EXPECT_DOUBLE_EQ(time.total(), 3000);
  EXPECT_DOUBLE_EQ(time.at(5), 500);
  EXPECT_DOUBLE_EQ(time.at(15), 1000 + 5 * (100 + 200) / 2.0);
}

TEST(OperationalTime, InvertsItself) {
  const OperationalTime time({{0, 50, 4}, {50, 50, 2}, {0, 0, 3}, {80, 10, 5}});

  for (double arrivals = 0.5; arrivals < time.total(); arrivals += 0.7)
    EXPECT_NEAR(time.at(time.inverse(arrivals)), arrivals, 1e-9);
}

TEST(StagePlan, PutsTheKthArrivalOfARampWhereKAreExpected) {
  const auto all = all_of({.stages = {{0, 100, 10}}});

  ASSERT_THAT(all, SizeIs(500));
  // Λ(t) = 5 t², so the k-th arrival is at √(k/5).
  for (std::size_t k = 0; k < all.size(); ++k)
    EXPECT_NEAR(all[k].time_ms, 1000 * std::sqrt(static_cast<double>(k) / 5), 1e-6);
}

TEST(StagePlan, SendsNothingInAPause) {
  for (const PlannedInvocation& one : all_of({.stages = {{10, 10, 1}, {0, 0, 2}, {10, 10, 1}}}))
    EXPECT_TRUE(one.time_ms < 1000 || one.time_ms >= 3000) << one.time_ms;
}

TEST(StagePlan, HasAnExactNumberOfRandomArrivals) {
  for (const auto law : {ArrivalLaw::exponential, ArrivalLaw::uniform, ArrivalLaw::uniform_shift})
    EXPECT_THAT(all_of({.stages = {{1000, 3000, 5}}, .law = law}), SizeIs(10'000));
}

TEST(StagePlan, FollowsTheRateWithRandomArrivals) {
  const auto all = all_of({.stages = {{0, 2000, 10}}, .law = ArrivalLaw::poisson});

  const auto early = static_cast<double>(
      std::count_if(all.begin(), all.end(), [](const auto& one) { return one.time_ms < 5000; }));
  // A quarter is expected in the first half: 2500, five standard deviations of it.
  EXPECT_NEAR(early, 2500, 250);
}

TEST(StagePlan, IsInOrder) {
  const auto all = all_of({.stages = {{500, 5000, 3}, {5000, 0, 2}}, .law = ArrivalLaw::exponential});

  EXPECT_TRUE(std::is_sorted(all.begin(), all.end(),
                             [](const auto& a, const auto& b) { return a.time_ms < b.time_ms; }));
}

TEST(StagePlan, CountsWithinSeconds) {
  const auto all = all_of({.stages = {{3, 3, 2}}});

  EXPECT_EQ(all.at(3).column, 1U);
  EXPECT_EQ(all.at(3).number, 0U);
  EXPECT_EQ(all.at(5).number, 2U);
}

TEST(StagePlan, IsTheSameForTheSameSeed) {
  const StagePlanOptions options{.stages = {{100, 100, 2}}, .law = ArrivalLaw::poisson, .seed = 4};

  const auto one = all_of(options), other = all_of(options);

  ASSERT_EQ(one.size(), other.size());
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_EQ(one[i].time_ms, other[i].time_ms);
}

TEST(StagePlan, RefusesANegativeRate) { EXPECT_FALSE(plan_from_stages({.stages = {{-1, 1, 1}}})); }

}  // namespace
}  // namespace thaw
