#include "stats/mixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "core/random.h"

namespace thaw {
namespace {

std::vector<double> two_modes(std::size_t count) {
  RandomStream random(1, "mixture test");
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i) {
    values.push_back(random.uniform() < 0.25 ? 10 + random.normal() : 20 + 2 * random.normal());
  }
  return values;
}

GaussianMixture fit(const WeightedPoints& points, std::size_t components, bool shares_variance,
                    const MixtureSettings& settings = {}) {
  return GaussianMixture::fit(points, OptimalPartition(points.at, points.weight, components), components,
                              shares_variance, settings);
}

TEST(GaussianMixture, OfOneComponentIsMeanAndPopulationVariance) {
  const auto points = WeightedPoints::of(std::vector<double>{1, 2, 3, 4, 4});

  const auto mixture = fit(points, 1, false, {.added_variance = 0});

  EXPECT_DOUBLE_EQ(mixture.components()[0].mean, 2.8);
  EXPECT_DOUBLE_EQ(mixture.components()[0].variance, 1.36);
  // n (-1/2 ln 2πσ² - 1/2)
  EXPECT_NEAR(mixture.log_likelihood(points), -2.5 * (std::log(2 * std::numbers::pi * 1.36) + 1), 1e-12);
}

TEST(GaussianMixture, RecoversTheModesItCameFrom) {
  const auto points = WeightedPoints::of(two_modes(20000));

  const auto mixture = fit(points, 2, false, {.tolerance = 1e-8, .most_iterations = 1000});

  EXPECT_NEAR(mixture.components()[0].weight, 0.25, 0.01);
  EXPECT_NEAR(mixture.components()[0].mean, 10, 0.1);
  EXPECT_NEAR(mixture.components()[1].mean, 20, 0.1);
  EXPECT_NEAR(std::sqrt(mixture.components()[0].variance), 1, 0.05);
  EXPECT_NEAR(std::sqrt(mixture.components()[1].variance), 2, 0.05);
}

TEST(GaussianMixture, SharesOneVarianceWhenAskedTo) {
  const auto mixture = fit(WeightedPoints::of(two_modes(1000)), 2, true);

  EXPECT_EQ(mixture.components()[0].variance, mixture.components()[1].variance);
  EXPECT_EQ(mixture.parameters(), 4);
  EXPECT_EQ(fit(WeightedPoints::of(two_modes(1000)), 2, false).parameters(), 5);
}

TEST(GaussianMixture, NeverLosesLikelihoodByIterating) {
  const auto points = WeightedPoints::of(two_modes(300));
  double before = -1e300;
  for (int iterations = 1; iterations < 40; ++iterations) {
    const double now =
        fit(points, 4, false, {.added_variance = 0, .tolerance = 0, .most_iterations = iterations})
            .log_likelihood(points);
    EXPECT_GE(now, before - 1e-9);
    before = now;
  }
}

TEST(GaussianMixture, OfEqualValuesIsAsSharpAsTheAddedVarianceAllows) {
  const auto points = WeightedPoints::of(std::vector<double>(33, 10.0));

  const double mean_log_likelihood = fit(points, 1, false).log_likelihood(points) / 33;

  EXPECT_NEAR(mean_log_likelihood, -0.5 * std::log(2 * std::numbers::pi * 1e-6), 1e-9);
}

TEST(MixtureSearch, FindsTwoSeparateModes) {
  const MixtureSearch search(two_modes(400), {});

  EXPECT_EQ(search.best().mixture.components().size(), 2);
}

TEST(MixtureSearch, FindsOneModeInNormalValues) {
  RandomStream random(2, "mixture test");
  std::vector<double> values;
  for (int i = 0; i < 400; ++i) values.push_back(random.normal());

  EXPECT_EQ(MixtureSearch(values, {}).best().mixture.components().size(), 1);
}

TEST(MixtureSearch, FindsTheFiveLevelsOfACycle) {
  std::vector<double> values;
  for (int i = 0; i < 33; ++i) values.push_back(10 + i % 5);

  const MixtureSearch search(values, {});
  const auto& best = search.best();

  EXPECT_EQ(best.mixture.components().size(), 5);
  EXPECT_TRUE(best.mixture.shares_variance());
  EXPECT_NEAR(best.mean_log_likelihood, 4.38216, 1e-5);
}

TEST(WeightedPoints, CountEqualValues) {
  const auto points = WeightedPoints::of(std::vector<double>{3, 1, 3, 2, 3});

  EXPECT_THAT(points.at, testing::ElementsAre(1, 2, 3));
  EXPECT_THAT(points.weight, testing::ElementsAre(1, 1, 3));
}

TEST(WeightedPoints, KeepMeanAndTotalWhenMerged) {
  const auto points = WeightedPoints::of(two_modes(5000));
  const auto merged = points.merged_to(100);

  double before = 0;
  double after = 0;
  for (std::size_t i = 0; i < points.at.size(); ++i) before += points.at[i] * points.weight[i];
  for (std::size_t i = 0; i < merged.at.size(); ++i) after += merged.at[i] * merged.weight[i];
  EXPECT_LE(merged.at.size(), 100);
  EXPECT_EQ(merged.total(), 5000);
  EXPECT_NEAR(before, after, 1e-6);
}

}  // namespace
}  // namespace thaw
