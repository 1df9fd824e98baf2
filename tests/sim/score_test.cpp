#include "sim/score.h"

#include <gmock/gmock.h>

namespace thaw {
namespace {

SimulationOutcome outcome(std::string policy, double memory_mb, std::uint64_t cold, std::uint64_t warm,
                          std::uint64_t dropped = 0, std::uint64_t seed = 1) {
  SimulationOutcome made;
  made.point = {.policy = std::move(policy), .memory_mb = memory_mb, .seed = seed};
  made.invocations = cold + warm + dropped;
  made.cold = cold;
  made.warm = warm;
  made.dropped = dropped;
  return made;
}

TEST(CourseHitRatio, TakesColdOfTheServedAndDroppedOfAll) {
  // cold% = 100·20/80 = 25, dropped% = 100·20/100 = 20
  EXPECT_DOUBLE_EQ(course_hit_ratio(outcome("lru", 1, 20, 60, 20)), 0.55);
}

TEST(CourseHitRatio, OfNothingServedIsZero) {
  EXPECT_DOUBLE_EQ(course_hit_ratio(outcome("lru", 1, 0, 0, 9)), 0);
}

TEST(Score, IsTheMeanDifferenceFromTheBaseline) {
  const std::vector outcomes = {outcome("lru", 10000, 50, 50), outcome("lru", 20000, 10, 90),
                                outcome("gd", 10000, 40, 60), outcome("gd", 20000, 8, 92)};

  const auto scores = score(outcomes).value();

  ASSERT_EQ(scores.size(), 2U);
  EXPECT_EQ(scores[0].policy, "gd");
  EXPECT_NEAR(scores[0].score, (0.10 + 0.02) / 2, 1e-12);
  EXPECT_EQ(scores[0].sizes, 2U);
  EXPECT_DOUBLE_EQ(scores[1].score, 0);
}

TEST(Score, LeavesSmallSizesOut) {
  const std::vector outcomes = {outcome("lru", 9999, 50, 50), outcome("lru", 10000, 50, 50),
                                outcome("gd", 9999, 0, 100), outcome("gd", 10000, 50, 50)};

  EXPECT_DOUBLE_EQ(score(outcomes).value()[0].score, 0);
}

TEST(Score, UsesOnlySizesThatTheBaselineHas) {
  const std::vector outcomes = {outcome("lru", 10000, 50, 50), outcome("gd", 10000, 40, 60),
                                outcome("gd", 30000, 0, 100)};

  EXPECT_NEAR(score(outcomes).value()[0].score, 0.1, 1e-12);
}

TEST(Score, AveragesSeeds) {
  const std::vector outcomes = {outcome("lru", 10000, 50, 50), outcome("rand", 10000, 40, 60, 0, 1),
                                outcome("rand", 10000, 20, 80, 0, 2)};

  EXPECT_NEAR(score(outcomes).value()[0].score, 0.2, 1e-12);
}

TEST(Score, FindsTheBaselineInAnySpelling) {
  const std::vector outcomes = {outcome("long-ttl", 10000, 50, 50), outcome("gd", 10000, 40, 60)};

  EXPECT_TRUE(score(outcomes, {.baseline = "LONG_TTL"}));
}

TEST(Score, NamesTheNearestPolicyWhenTheBaselineIsMissing) {
  const std::vector outcomes = {outcome("lru", 10000, 50, 50)};

  const auto scores = score(outcomes, {.baseline = "lrv"});

  ASSERT_FALSE(scores);
  EXPECT_THAT(scores.error().hint, ::testing::HasSubstr("lru"));
}

TEST(Score, SaysSoWhenNoSizeIsLargeEnough) {
  const std::vector outcomes = {outcome("lru", 4000, 50, 50)};

  const auto scores = score(outcomes);

  ASSERT_FALSE(scores);
  EXPECT_THAT(scores.error().what, ::testing::HasSubstr("10000 MB"));
}

}  // namespace
}  // namespace thaw
