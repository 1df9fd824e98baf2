#include "stats/density.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <numeric>

#include "stats/reference_streams.h"

namespace thaw {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<double> uniform_200 = reference::uniform(200);

TEST(FreedmanDiaconis, MatchesTheKnownAnswer) {
  const auto [bins, width] = freedman_diaconis(uniform_200);

  EXPECT_EQ(bins, 10);
  EXPECT_NEAR(width, 0.171364, 5e-7);
}

TEST(FreedmanDiaconis, NeverUsesMoreThanAHundredBins) {
  std::vector<double> values = uniform_200;
  values.push_back(1e6);

  EXPECT_EQ(freedman_diaconis(values).bins, 100);
}

TEST(FreedmanDiaconis, FallsBackToThirtyBinsWithoutQuartileRange) {
  EXPECT_EQ(freedman_diaconis(std::vector<double>{1, 1, 1, 1, 1, 1, 1, 4}).bins, 30);
  EXPECT_DOUBLE_EQ(freedman_diaconis(std::vector<double>{1, 1, 1, 1, 1, 1, 1, 4}).width, 0.1);
  EXPECT_EQ(freedman_diaconis(std::vector<double>{2, 2}).width, 1);
}

TEST(KernelDensity, MatchesTheKnownAnswer) {
  // scipy.stats.gaussian_kde of the same values at the points 0, 50, 100 and 199 of 200.
  const Curve curve = kernel_density(uniform_200);

  EXPECT_NEAR(scott_bandwidth(uniform_200), 0.10276794993531495, 1e-12);
  EXPECT_NEAR(curve.y[0], 0.4962836, 1e-7);
  EXPECT_NEAR(curve.y[50], 0.89764979, 1e-7);
  EXPECT_NEAR(curve.y[100], 1.03039971, 1e-7);
  EXPECT_NEAR(curve.y[199], 0.62126261, 1e-7);
}

TEST(KernelDensity, HasAnAreaOfOne) {
  const Curve curve = kernel_density(uniform_200, 8, 13, 1001);

  EXPECT_NEAR(std::accumulate(curve.y.begin(), curve.y.end(), 0.0) * 0.005, 1, 1e-9);
}

TEST(KernelDensity, OfEqualValuesDoesNotExist) {
  EXPECT_THAT(kernel_density(std::vector<double>{2, 2, 2}).y, IsEmpty());
}

TEST(Bars, CountEveryValueOnce) {
  const auto result = bars(std::vector<double>{0, 1, 1.5, 2, 4}, 4);

  EXPECT_EQ(result.low, 0);
  EXPECT_EQ(result.width, 1);
  EXPECT_THAT(result.counts, ElementsAre(1, 2, 1, 1));
}

TEST(Bars, OfEqualValuesHaveARangeOfOne) {
  const auto result = bars(std::vector<double>{3, 3}, 2);

  EXPECT_EQ(result.low, 2.5);
  EXPECT_THAT(result.counts, ElementsAre(0, 2));
}

TEST(DistributionFunction, StepsAtTheDistinctValues) {
  const Curve curve = distribution_function(std::vector<double>{2, 1, 2, 3});

  EXPECT_THAT(curve.x, ElementsAre(1, 2, 3));
  EXPECT_THAT(curve.y, ElementsAre(0.25, 0.75, 1));
}

}  // namespace
}  // namespace thaw
