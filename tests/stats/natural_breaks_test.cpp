#include "stats/natural_breaks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/random.h"

namespace thaw {
namespace {

using testing::ElementsAre;

const std::vector<double> three_groups = {1, 2, 3, 10, 11, 12, 50, 51, 52};

TEST(NaturalBreaks, LieMidwayBetweenTheGroups) {
  const auto found = natural_breaks(three_groups, 3);

  ASSERT_TRUE(found);
  EXPECT_THAT(found->breaks, ElementsAre(6.5, 31.0));
  EXPECT_NEAR(found->fit, 0.998532, 5e-7);
}

TEST(NaturalBreaks, KeepEqualValuesTogether) {
  const auto found = natural_breaks(std::vector<double>{1, 1, 1, 5, 5, 5, 10, 10, 10}, 3);

  ASSERT_TRUE(found);
  EXPECT_THAT(found->breaks, ElementsAre(3.0, 7.5));
  EXPECT_DOUBLE_EQ(found->fit, 1);
}

TEST(NaturalBreaks, LeaveMissingValuesOut) {
  const double missing_value = std::numeric_limits<double>::quiet_NaN();

  const auto found =
      natural_breaks(std::vector<double>{1, missing_value, 2, 10, 11, missing_value, 50, 51}, 3);

  ASSERT_TRUE(found);
  EXPECT_THAT(found->breaks, ElementsAre(6.0, 30.5));
}

TEST(NaturalBreaks, RefuseFewerThanTwoClassesAndMoreThanDistinctValues) {
  EXPECT_FALSE(natural_breaks(three_groups, 1));
  EXPECT_FALSE(natural_breaks(std::vector<double>{1, 1, 2, 2}, 3));
}

TEST(NaturalBreaksUpTo, StopAtTheFirstGoodFit) {
  const auto found = natural_breaks_up_to(three_groups, 5);

  ASSERT_TRUE(found);
  EXPECT_THAT(found->breaks, ElementsAre(31.0));
}

TEST(NaturalBreaksUpTo, AddClassesOnlyWhileTheyAreWorthIt) {
  // Evenly spread values gain 3/4, then less and less: 1 - 1/k².
  std::vector<double> even;
  for (int i = 0; i < 1000; ++i) even.push_back(i);

  const auto found = natural_breaks_up_to(even, 9, 0.99, 0.1);

  ASSERT_TRUE(found);
  EXPECT_EQ(found->breaks.size(), 2);
  EXPECT_NEAR(found->fit, 1 - 1.0 / 9, 1e-3);
}

TEST(OptimalPartition, IsAsGoodAsTryingEverything) {
  RandomStream random(1, "natural breaks test");
  for (int trial = 0; trial < 50; ++trial) {
    std::vector<double> points;
    std::vector<double> weights;
    double at = 1e6;
    for (int i = 0; i < 12; ++i) {
      points.push_back(at += 0.01 + random.uniform());
      weights.push_back(static_cast<double>(1 + random.below(4)));
    }
    const auto cost_of = [&](std::size_t first, std::size_t end) {
      double weight = 0;
      double mean = 0;
      for (std::size_t i = first; i < end; ++i) weight += weights[i], mean += weights[i] * points[i];
      mean /= weight;
      double cost = 0;
      for (std::size_t i = first; i < end; ++i) cost += weights[i] * (points[i] - mean) * (points[i] - mean);
      return cost;
    };
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t a = 1; a < 12; ++a) {
      for (std::size_t b = a + 1; b < 12; ++b) {
        least = std::min(least, cost_of(0, a) + cost_of(a, b) + cost_of(b, 12));
      }
    }

    EXPECT_NEAR(OptimalPartition(points, weights, 4).cost(3), least, 1e-6);
  }
}

}  // namespace
}  // namespace thaw
