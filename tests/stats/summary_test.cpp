#include "stats/summary.h"

#include <gtest/gtest.h>

#include <cmath>

#include "stats/reference_streams.h"

namespace thaw {
namespace {

using reference::Values;

TEST(Summary, OfOneToTenMatchesTheClosedForm) {
  const Summary s = summarize(reference::ramp(10));

  EXPECT_EQ(s.n, 10U);
  EXPECT_EQ(s.mean, 5.5);
  EXPECT_EQ(s.median, 5.5);
  EXPECT_NEAR(s.stddev, std::sqrt(82.5 / 9), 1e-15);
  EXPECT_NEAR(s.stderr_of_mean, 0.95743, 5e-6);
  EXPECT_NEAR(s.cv, 0.55048, 5e-6);
  EXPECT_DOUBLE_EQ(s.p95, 9.55);
  EXPECT_DOUBLE_EQ(s.p99, 9.91);
  EXPECT_NEAR(s.ci95.low, 3.33415, 5e-6);
  EXPECT_NEAR(s.ci95.high, 7.66585, 5e-6);
}

TEST(Summary, OfTheUniformStreamMatchesKnownAnswers) {
  const Summary s = summarize(reference::uniform(200));

  EXPECT_NEAR(s.min, 10.00366, 5e-6);
  EXPECT_NEAR(s.median, 10.53228, 5e-6);
  EXPECT_NEAR(s.mean, 10.52095, 5e-6);
  EXPECT_NEAR(s.ci95.low, 10.47961, 5e-6);
  EXPECT_NEAR(s.ci95.high, 10.5623, 5e-6);
  EXPECT_NEAR(s.p95, 10.96543, 5e-6);
  EXPECT_NEAR(s.p99, 10.99462, 5e-6);
  EXPECT_NEAR(s.max, 10.99984, 5e-6);
  EXPECT_NEAR(s.stddev, 0.29653, 5e-6);
}

TEST(Summary, OfMeasuredTimesMatchesKnownAnswers) {
  const Summary fast = summarize(reference::sleep_fast);
  const Summary slow = summarize(reference::sleep_slow);

  EXPECT_NEAR(fast.median, 0.4119, 5e-6);
  EXPECT_NEAR(fast.mean, 0.41289, 5e-6);
  EXPECT_NEAR(fast.stddev, 0.01282, 5e-6);
  EXPECT_NEAR(fast.ci95.low, 0.40372, 5e-6);
  EXPECT_NEAR(fast.ci95.high, 0.42206, 5e-6);
  EXPECT_NEAR(fast.p95, 0.43282, 5.1e-6);
  EXPECT_NEAR(fast.p99, 0.43624, 5.1e-6);
  EXPECT_NEAR(fast.cv, 0.03104, 5e-6);
  EXPECT_EQ(slow.mode, 0.5084);
  EXPECT_NEAR(slow.ci95.low, 0.49776, 5e-6);
  EXPECT_NEAR(slow.ci95.high, 0.51278, 5e-6);
  EXPECT_NEAR(slow.p95, 0.5193, 5e-6);
  EXPECT_NEAR(slow.p99, 0.5261, 5e-6);
}

struct FirstSixteen {
  const char* name;
  Values values;
  double mean, stddev, relative_error, relative_interval;
};

class FirstSixteenValues : public testing::TestWithParam<FirstSixteen> {};

TEST_P(FirstSixteenValues, HaveTheKnownMeanDeviationAndErrors) {
  const FirstSixteen& expected = GetParam();
  const Summary s = summarize(expected.values);

  EXPECT_NEAR(s.mean, expected.mean, 5e-7);
  EXPECT_NEAR(s.stddev, expected.stddev, 5e-7);
  EXPECT_NEAR(s.stderr_of_mean / s.mean, expected.relative_error, 5e-7);
  // One-sided 95 % is the upper end of a 90 % interval.
  EXPECT_NEAR(mean_interval(expected.values, 0.90).width() / 2 / s.mean, expected.relative_interval, 5e-7);
}

INSTANTIATE_TEST_SUITE_P(
    ReferenceStreams, FirstSixteenValues,
    testing::Values(FirstSixteen{"cycle", reference::cycle(16), 11.875, 1.5, 0.031579, 0.055359},
                    FirstSixteen{"ramp", reference::ramp(16), 8.5, 4.760952, 0.140028, 0.245476},
                    FirstSixteen{"sine", reference::sine(16), 10.192355, 0.678626, 0.016645, 0.029180},
                    FirstSixteen{"uniform", reference::uniform(16), 10.493396, 0.253603, 0.006042, 0.010592}),
    [](const auto& trial) { return trial.param.name; });

TEST(Summary, OfNothingIsMissing) {
  const Summary s = summarize({});

  EXPECT_EQ(s.n, 0U);
  EXPECT_TRUE(std::isnan(s.mean));
  EXPECT_TRUE(std::isnan(s.median));
  EXPECT_TRUE(std::isnan(s.max));
  EXPECT_TRUE(s.ci95.is_missing());
}

TEST(Summary, OfOneValueHasNoDeviation) {
  const Summary s = summarize(Values{3.5});

  EXPECT_EQ(s.mean, 3.5);
  EXPECT_EQ(s.p99, 3.5);
  EXPECT_TRUE(std::isnan(s.stddev));
  EXPECT_TRUE(std::isnan(s.cv));
  EXPECT_TRUE(s.ci95.is_missing());
}

TEST(Summary, ModeIsTheSmallestOfTheMostFrequent) {
  EXPECT_EQ(summarize(Values{3, 2, 2, 9, 3, 1}).mode, 2);
  EXPECT_EQ(summarize(Values{3, 2, 9, 1}).mode, 1);
}

TEST(Summary, VariationCoefficientOfAZeroMeanIsMissing) {
  EXPECT_TRUE(std::isnan(summarize(Values{-1, 1}).cv));
}

TEST(Mean, OfAConstantIsThatConstantExactly) {
  for (std::size_t n = 1; n < 200; ++n) EXPECT_EQ(mean(Values(n, 0.1)), 0.1);
}

TEST(Mean, KeepsSmallTermsBesideLargeOnes) { EXPECT_EQ(mean(Values{1e16, 1, -1e16, 1}), 0.5); }

TEST(Variance, OfAConstantIsExactlyZero) { EXPECT_EQ(variance(Values(7, 0.1)), 0); }

TEST(Variance, DoesNotDependOnAFarOrigin) {
  const Values near = {4, 7, 13, 16};

  EXPECT_EQ(variance(reference::transformed(near, 1, 1e9)), 30);
}

TEST(Quantile, InterpolatesBetweenOrderStatistics) {
  const Values sorted = {1, 2, 4, 8};

  EXPECT_DOUBLE_EQ(quantile_sorted(sorted, 0.25), 1.75);
  EXPECT_DOUBLE_EQ(quantile_sorted(sorted, 0.5), 3);
  EXPECT_DOUBLE_EQ(quantile_sorted(sorted, 0.9), 6.8);
}

TEST(Quantile, ReachesTheExtremesAtZeroAndOne) {
  const Values sorted = {1, 2, 4, 8};

  EXPECT_EQ(quantile_sorted(sorted, 0), 1);
  EXPECT_EQ(quantile_sorted(sorted, 1), 8);
  EXPECT_EQ(quantile_sorted(sorted, -0.1), 1);
  EXPECT_EQ(quantile_sorted(sorted, 1.1), 8);
}

TEST(Quantile, NeverFallsAsTheProbabilityGrows) {
  const Values sorted = sorted_copy(reference::lognormal(97));

  double before = sorted.front();
  for (int i = 0; i <= 10'000; ++i) {
    const double now = quantile_sorted(sorted, i / 10'000.0);
    ASSERT_GE(now, before);
    before = now;
  }
}

TEST(Quantile, OfNothingIsMissing) { EXPECT_TRUE(std::isnan(quantile_sorted({}, 0.5))); }

TEST(Median, DoesNotNeedASortedSample) {
  EXPECT_EQ(median(Values{9, 1, 5}), 5);
  EXPECT_EQ(median(Values{9, 1, 5, 6}), 5.5);
}

TEST(MedianAbsoluteDeviation, IgnoresOneWildValue) {
  EXPECT_EQ(median_absolute_deviation(Values{1, 1, 2, 2, 4, 6, 1e9}), 1);
}

// scipy 1.17.1: stats.skew, stats.kurtosis, stats.median_abs_deviation of the first 200 values.
TEST(Moments, OfTheLognormalStreamMatchKnownAnswers) {
  const Values values = reference::lognormal(200);

  EXPECT_NEAR(skewness(values), 1.4405738480518273, 1e-12);
  EXPECT_NEAR(excess_kurtosis(values), 2.2415914813715956, 1e-12);
  EXPECT_NEAR(median_absolute_deviation(values), 0.32046, 1e-12);
}

TEST(Moments, OfTwoEqualHeapsMatchTheClosedForm) {
  const Values values = {0, 0, 1, 1};

  EXPECT_EQ(skewness(values), 0);
  EXPECT_EQ(excess_kurtosis(values), -2);
}

TEST(Moments, OfAConstantAreMissing) {
  EXPECT_TRUE(std::isnan(skewness(Values(5, 2.0))));
  EXPECT_TRUE(std::isnan(excess_kurtosis(Values(5, 2.0))));
}

TEST(DropMissing, KeepsTheOrderOfWhatIsPresent) {
  EXPECT_EQ(drop_missing(Values{3, missing, 1, missing}), (Values{3, 1}));
}

}  // namespace
}  // namespace thaw
