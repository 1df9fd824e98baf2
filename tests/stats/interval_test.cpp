#include "stats/interval.h"

#include <gtest/gtest.h>

#include "stats/reference_streams.h"
#include "stats/summary.h"

namespace thaw {
namespace {

using reference::Values;

// The Monte Carlo error of an interval's end at 20 000 resamples is far below this share of its width.
constexpr double bootstrap_tolerance = 0.03;
constexpr BootstrapOptions many = {.confidence = 0.95, .resamples = 20'000};

TEST(MeanInterval, OfTwoValuesUsesTheCauchyQuantile) {
  const Interval interval = mean_interval(Values{-1, 1});

  // t(0.975, 1) = tan(0.475π), s/√n = 1.
  EXPECT_NEAR(interval.high, std::tan(0.475 * std::numbers::pi), 1e-12);
  EXPECT_NEAR(interval.low, -interval.high, 1e-12);
}

TEST(MeanInterval, OfOneValueIsMissing) { EXPECT_TRUE(mean_interval(Values{1}).is_missing()); }

TEST(MedianInterval, OfTenValuesIsTheSecondToTheNinth) {
  // P(Binomial(10, 1/2) <= 1) = 11/1024 < 2.5 % < 56/1024.
  const Interval interval = median_interval(reference::ramp(10));

  EXPECT_EQ(interval.low, 2);
  EXPECT_EQ(interval.high, 9);
}

TEST(MedianInterval, NeedsSixValuesAtNinetyFivePercent) {
  EXPECT_TRUE(median_interval(reference::ramp(5)).is_missing());
  EXPECT_EQ(median_interval(reference::ramp(6)).low, 1);
  EXPECT_EQ(median_interval(reference::ramp(6)).high, 6);
}

// scipy 1.17.1: stats.quantile_test(x, q=0, p=p).confidence_interval().
TEST(QuantileInterval, OfTheLognormalStreamMatchesKnownAnswers) {
  const Values sorted = sorted_copy(reference::lognormal(200));

  EXPECT_EQ(quantile_interval(sorted, 0.5).low, 0.922334);
  EXPECT_EQ(quantile_interval(sorted, 0.5).high, 1.055388);
  EXPECT_EQ(quantile_interval(sorted, 0.95).low, 2.170972);
  EXPECT_EQ(quantile_interval(sorted, 0.95).high, 3.108219);
}

TEST(QuantileInterval, OfAHighPercentileOfFewValuesHasNoUpperEnd) {
  const Interval interval = quantile_interval(reference::ramp(100), 0.99);

  EXPECT_GT(interval.low, 90);
  EXPECT_TRUE(std::isnan(interval.high));
  EXPECT_TRUE(interval.is_missing());
}

TEST(QuantileInterval, CoversTheTrueQuantileAsOftenAsItSays) {
  RandomStream stream(1, "test.coverage");
  int covered = 0;
  for (int trial = 0; trial < 2000; ++trial) {
    Values sample(40);
    for (double& value : sample) value = stream.uniform();
    covered += quantile_interval(sorted_copy(sample), 0.25).contains(0.25) ? 1 : 0;
  }

  EXPECT_GE(covered, 1900);
}

TEST(ProportionInterval, MatchesKnownAnswers) {
  // scipy 1.17.1: stats.binomtest(k, n).proportion_ci(method="wilson").
  EXPECT_NEAR(proportion_interval(8, 10).low, 0.4901624715366418, 1e-12);
  EXPECT_NEAR(proportion_interval(8, 10).high, 0.9433178485456248, 1e-12);
  EXPECT_NEAR(proportion_interval(45, 100).low, 0.35614537979511984, 1e-12);
  EXPECT_NEAR(proportion_interval(0, 10).high, 0.27753279986288926, 1e-12);
}

TEST(ProportionInterval, EndsExactlyAtZeroAndOne) {
  EXPECT_EQ(proportion_interval(0, 10).low, 0);
  EXPECT_EQ(proportion_interval(10, 10).high, 1);
}

TEST(ProportionInterval, OfNoTrialsIsMissing) { EXPECT_TRUE(proportion_interval(0, 0).is_missing()); }

struct Shortest {
  const char* name;
  Values values;
  double low, high, relative;
};
class ShortestInterval : public testing::TestWithParam<Shortest> {};

TEST_P(ShortestInterval, OfSixteenValuesIsKnown) {
  const Shortest& expected = GetParam();
  const Interval interval = shortest_interval(sorted_copy(expected.values), 0.89);

  EXPECT_NEAR(interval.low, expected.low, 5e-7);
  EXPECT_NEAR(interval.high, expected.high, 5e-7);
  EXPECT_NEAR(interval.width() / mean(expected.values), expected.relative, 5e-7);
}

INSTANTIATE_TEST_SUITE_P(ReferenceStreams, ShortestInterval,
                         testing::Values(Shortest{"cycle", reference::cycle(16), 10, 14, 0.336842},
                                         Shortest{"ramp", reference::ramp(16), 1, 15, 1.647059},
                                         Shortest{"sine", reference::sine(16), 9.048943, 10.951057, 0.186622},
                                         Shortest{"uniform", reference::uniform(16), 10.033372, 10.808729,
                                                  0.073890}),
                         [](const auto& trial) { return trial.param.name; });

TEST(ShortestInterval, OfEverythingIsTheRange) {
  const Interval interval = shortest_interval(Values{1, 2, 4}, 1);

  EXPECT_EQ(interval.low, 1);
  EXPECT_EQ(interval.high, 4);
}

TEST(ShortestInterval, OfOneValueIsThatValue) {
  EXPECT_EQ(shortest_interval(Values{7}, 0.5).low, 7);
  EXPECT_EQ(shortest_interval(Values{7}, 0.5).high, 7);
}

// scipy 1.17.1: stats.bootstrap of the first 40 values with 200 000 resamples.
TEST(BootstrapInterval, OfTheMeanMatchesKnownAnswers) {
  RandomStream stream(1, "test.bootstrap");
  const Interval interval = bootstrap_interval(reference::lognormal(40), mean, stream, many);

  EXPECT_NEAR(interval.low, 1.012796, bootstrap_tolerance * 0.4);
  EXPECT_NEAR(interval.high, 1.412263, bootstrap_tolerance * 0.4);
}

TEST(BcaInterval, OfTheMeanMatchesKnownAnswers) {
  RandomStream stream(1, "test.bootstrap");
  const Interval interval = bca_interval(reference::lognormal(40), mean, stream, many);

  EXPECT_NEAR(interval.low, 1.025677, bootstrap_tolerance * 0.4);
  EXPECT_NEAR(interval.high, 1.428478, bootstrap_tolerance * 0.4);
}

TEST(BcaInterval, OfAConstantIsThatConstant) {
  RandomStream stream(1, "test.bootstrap");
  const Interval interval = bca_interval(Values(12, 3.0), mean, stream);

  EXPECT_EQ(interval.low, 3);
  EXPECT_EQ(interval.high, 3);
}

TEST(BootstrapQuantileInterval, OfAnEvenSampleMatchesResampling) {
  RandomStream stream(1, "test.bootstrap");
  const Interval interval =
      bootstrap_quantile_interval(sorted_copy(reference::lognormal(40)), 0.5, stream, many);

  EXPECT_NEAR(interval.low, 0.930911, bootstrap_tolerance * 0.4);
  EXPECT_NEAR(interval.high, 1.320786, bootstrap_tolerance * 0.4);
}

TEST(BootstrapQuantileInterval, OfAnOddSampleMatchesResampling) {
  RandomStream stream(1, "test.bootstrap");
  const Interval interval =
      bootstrap_quantile_interval(sorted_copy(reference::lognormal(41)), 0.5, stream, many);

  EXPECT_EQ(interval.low, 0.932301);
  EXPECT_EQ(interval.high, 1.307018);
}

TEST(BootstrapQuantileInterval, OfAFarPercentileAgreesWithPlainResampling) {
  const Values sorted = sorted_copy(reference::normal(150));
  RandomStream fast(1, "test.bootstrap");
  RandomStream plain(2, "test.bootstrap");

  const Interval drawn = bootstrap_quantile_interval(sorted, 0.9, fast, many);
  const Interval resampled = bootstrap_interval(
      sorted, [](std::span<const double> x) { return quantile_sorted(sorted_copy(x), 0.9); }, plain, many);

  EXPECT_NEAR(drawn.low, resampled.low, bootstrap_tolerance * resampled.width());
  EXPECT_NEAR(drawn.high, resampled.high, bootstrap_tolerance * resampled.width());
}

TEST(BootstrapInterval, IsTheSameForTheSameSeed) {
  const Values values = reference::normal(30);
  RandomStream one(7, "test.bootstrap");
  RandomStream two(7, "test.bootstrap");

  const Interval first = bootstrap_interval(values, median, one);
  const Interval second = bootstrap_interval(values, median, two);

  EXPECT_EQ(first.low, second.low);
  EXPECT_EQ(first.high, second.high);
}

TEST(BootstrapInterval, OfAStatisticThatFailsOnAResampleIsMissing) {
  RandomStream stream(1, "test.bootstrap");
  const Interval interval = bootstrap_interval(
      Values{0, 1}, [](std::span<const double> x) { return 1 / mean(x); }, stream);

  EXPECT_TRUE(interval.is_missing());
}

TEST(RatioIntervals, MatchKnownAnswers) {
  // scipy 1.17.1: stats.bootstrap with 100 000 resamples of both samples.
  const Values baseline = reference::lognormal(60);
  const Values treatment = reference::transformed(reference::normal(50), 0.01, 0);
  RandomStream stream(1, "test.bootstrap");

  const Interval medians = median_ratio_interval(baseline, treatment, stream, many);
  const Interval means = mean_ratio_interval(baseline, treatment, stream, many);

  EXPECT_NEAR(medians.low, 0.842703, bootstrap_tolerance * 0.24);
  EXPECT_NEAR(medians.high, 1.081697, bootstrap_tolerance * 0.24);
  EXPECT_NEAR(means.low, 0.715655, bootstrap_tolerance * 0.24);
  EXPECT_NEAR(means.high, 0.952147, bootstrap_tolerance * 0.24);
}

TEST(RatioIntervals, AgainstAZeroBaselineAreMissing) {
  RandomStream stream(1, "test.bootstrap");

  EXPECT_TRUE(median_ratio_interval(Values{0, 0, 0}, Values{1, 2, 3}, stream).is_missing());
  EXPECT_TRUE(mean_ratio_interval(Values{0, 0, 0}, Values{1, 2, 3}, stream).is_missing());
}

TEST(Intervals, ContainTheirEstimate) {
  for (const Values& values : {reference::uniform(64), reference::normal(65), reference::lognormal(200),
                               reference::cycle(33), reference::sine(50)}) {
    const Values sorted = sorted_copy(values);
    RandomStream stream(3, "test.bootstrap");
    EXPECT_TRUE(mean_interval(values).contains(mean(values)));
    EXPECT_TRUE(median_interval(sorted).contains(median(values)));
    EXPECT_TRUE(bootstrap_interval(values, mean, stream).contains(mean(values)));
    EXPECT_TRUE(bca_interval(values, mean, stream).contains(mean(values)));
    EXPECT_TRUE(bootstrap_quantile_interval(sorted, 0.5, stream).contains(median(values)));
  }
}

}  // namespace
}  // namespace thaw
