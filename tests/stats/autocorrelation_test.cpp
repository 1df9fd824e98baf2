#include "stats/autocorrelation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "core/random.h"

namespace thaw {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;

std::vector<double> autoregressive(double coefficient, std::size_t count) {
  RandomStream random(1, "autocorrelation test");
  std::vector<double> series;
  double value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    value = coefficient * value + random.normal();
    series.push_back(value);
  }
  return series;
}

TEST(Autocorrelations, FollowTheDefinitionOnASmallSeries) {
  // Deviations -2 -1 0 1 2: products 10, 4, -1, -4, -4 over 10.
  const std::vector<double> series = {1, 2, 3, 4, 5};

  EXPECT_THAT(autocorrelations(series, 9), ElementsAre(1, DoubleNear(0.4, 1e-12), DoubleNear(-0.1, 1e-12),
                                                       DoubleNear(-0.4, 1e-12), DoubleNear(-0.4, 1e-12)));
}

TEST(Autocorrelations, OfASeriesWithPeriodFiveAreTheShareOfOverlapAtLagFive) {
  std::vector<double> series;
  for (int i = 0; i < 35; ++i) series.push_back(10 + i % 5);

  EXPECT_NEAR(autocorrelations(series, 5)[5], 30.0 / 35, 1e-12);
}

TEST(Autocorrelations, OfEqualValuesAreUndefined) {
  const std::vector<double> series(7, 0.1);

  for (const double r : autocorrelations(series, 3)) EXPECT_TRUE(std::isnan(r));
}

TEST(FirstNegligibleLag, StartsAtOne) {
  const std::vector<double> series = {1, 2, 3, 4, 5};

  EXPECT_EQ(first_negligible_lag(series, 0.2), 2);
  EXPECT_EQ(first_negligible_lag(series, 2), 1);
}

TEST(FirstNegligibleLag, DoesNotExistForEqualValues) {
  EXPECT_EQ(first_negligible_lag(std::vector<double>(30, 10.0), 0.01), std::nullopt);
}

TEST(StrongestAutocorrelation, OfAShortSineIsItsFirst) {
  std::vector<double> series;
  for (int i = 0; i < 25; ++i) series.push_back(10 + std::sin(2 * std::numbers::pi * i / 10));

  const auto strongest = strongest_autocorrelation(series);

  EXPECT_EQ(strongest.lag, 1);
  EXPECT_NEAR(strongest.correlation, 0.80776666, 1e-8);
}

TEST(MemoryOf, ReportsTheFirstLagBelowAFifth) {
  // An autoregressive series with coefficient 0.8 has r_j = 0.8^j, below 0.2 from lag 8 on.
  const auto memory = memory_of(autoregressive(0.8, 20000));

  EXPECT_NEAR(static_cast<double>(memory.lag), 8, 1);
  EXPECT_NEAR(memory.strongest, 0.8, 0.02);
}

TEST(MemoryOf, NeedsTenValues) {
  const auto memory = memory_of(std::vector<double>{1, 2, 1, 2, 1, 2, 1, 2, 1});

  EXPECT_EQ(memory.lag, 0);
  EXPECT_TRUE(std::isnan(memory.strongest));
}

TEST(EffectiveSampleSize, OfAnAutoregressiveSeriesShrinksByItsKnownFactor) {
  // (1 - a) / (1 + a) for coefficient a.
  const double size = effective_sample_size(autoregressive(0.5, 60000));

  EXPECT_NEAR(size / 60000, 1.0 / 3, 0.03);
}

TEST(EffectiveSampleSize, OfIndependentValuesIsNearlyTheirNumber) {
  EXPECT_NEAR(effective_sample_size(autoregressive(0, 20000)) / 20000, 1, 0.05);
}

}  // namespace
}  // namespace thaw
