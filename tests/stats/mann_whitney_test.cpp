#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "stats/reference_streams.h"
#include "stats/tests.h"

namespace thaw {
namespace {

using reference::part;
using reference::Values;

// "scipy" below is stats.mannwhitneyu of scipy 1.17.1.

struct HalfAgainstHalf {
  const char* name;
  Values values;
  double u, p;
};
class MannWhitneyOfHalves : public testing::TestWithParam<HalfAgainstHalf> {};

TEST_P(MannWhitneyOfHalves, IsKnown) {
  const HalfAgainstHalf& expected = GetParam();
  const TestResult result = mann_whitney(part(expected.values, 0, 12), part(expected.values, 12, 24));

  EXPECT_EQ(result.statistic, expected.u);
  EXPECT_NEAR(result.p_value, expected.p, 5e-6 * expected.p);
}

INSTANTIATE_TEST_SUITE_P(ReferenceStreams, MannWhitneyOfHalves,
                         testing::Values(HalfAgainstHalf{"cycle", reference::cycle(24), 62, 0.575794},
                                         HalfAgainstHalf{"ramp", reference::ramp(24), 0, 3.65846e-05},
                                         HalfAgainstHalf{"uniform", reference::uniform(24), 73, 0.976970},
                                         HalfAgainstHalf{"constant", reference::constant(24), 72, 1}),
                         [](const auto& trial) { return trial.param.name; });

TEST(MannWhitney, OfMeasuredTimesMatchesKnownAnswers) {
  const TestResult slower = mann_whitney(reference::sleep_fast, reference::sleep_slow);
  const TestResult faster = mann_whitney(reference::sleep_slow, reference::sleep_fast);
  const TestResult tied = mann_whitney(reference::inner_fast, reference::inner_slow);

  EXPECT_EQ(slower.statistic, 0);
  EXPECT_EQ(faster.statistic, 100);
  EXPECT_NEAR(slower.p_value, 1.7861e-4, 5e-9);
  EXPECT_EQ(slower.p_value, faster.p_value);
  EXPECT_NEAR(tied.p_value, 5.7206e-5, 5e-10);
}

TEST(MannWhitney, IsExactWhenOneSideHasEightValues) {
  const Values values = reference::normal(48);
  const TestResult result = mann_whitney(part(values, 0, 8), part(values, 8, 48));

  EXPECT_TRUE(result.is_exact);
  EXPECT_EQ(result.statistic, 110);
  EXPECT_NEAR(result.p_value, 0.1742134179374545, 1e-13);  // scipy
}

TEST(MannWhitney, IsApproximateWhenBothSidesHaveNine) {
  const Values values = reference::normal(18);

  EXPECT_FALSE(mann_whitney(part(values, 0, 9), part(values, 9, 18)).is_exact);
}

TEST(MannWhitney, WithTiesUsesTheCorrectedApproximation) {
  const TestResult result = mann_whitney(Values{1, 2, 2, 3, 3, 3, 4, 10}, Values{2, 3, 4, 4, 5, 6, 7, 8, 9});

  EXPECT_FALSE(result.is_exact);
  EXPECT_EQ(result.statistic, 17.5);
  EXPECT_NEAR(result.p_value, 0.07986390296935013, 1e-14);  // scipy
}

TEST(MannWhitney, CanBeForcedToBeExact) {
  const Values values = reference::lognormal(70);
  const TestResult automatic = mann_whitney(part(values, 0, 30), part(values, 30, 70));
  const TestResult exact = mann_whitney(part(values, 0, 30), part(values, 30, 70), PValueMethod::exact);

  EXPECT_NEAR(automatic.p_value, 0.18183400987934528, 1e-14);  // scipy, asymptotic
  EXPECT_NEAR(exact.p_value, 0.1830343922333021, 1e-12);       // scipy, exact
}

TEST(MannWhitney, StaysAccurateForExactTestsOfLargeSamples) {
  const Values values = reference::normal(200);
  const Values shifted = reference::transformed(part(values, 100, 200), 1, 4);

  EXPECT_NEAR(mann_whitney(part(values, 0, 100), part(values, 100, 200), PValueMethod::exact).p_value,
              0.3993762382519905, 1e-10);  // scipy
  EXPECT_NEAR(mann_whitney(part(values, 0, 100), shifted, PValueMethod::exact).p_value,
              1.0933144786602192e-05,
              1e-14);  // scipy
}

TEST(MannWhitney, OfThreeAgainstThreeCanReachOneTenth) {
  // The extreme order has probability 1/C(6, 3) on each side.
  EXPECT_NEAR(mann_whitney(Values{1, 2, 3}, Values{4, 5, 6}).p_value, 0.1, 1e-15);
}

TEST(MannWhitney, StatisticsOfBothOrdersAddUpToThePairs) {
  const Values values = reference::cycle(31);
  const Values first = part(values, 0, 14);
  const Values second = part(values, 14, 31);

  EXPECT_EQ(mann_whitney(first, second).statistic + mann_whitney(second, first).statistic, 14 * 17);
}

TEST(MannWhitney, OfAnEmptySideIsMissing) {
  EXPECT_TRUE(std::isnan(mann_whitney({}, Values{1, 2}).statistic));
  EXPECT_TRUE(std::isnan(mann_whitney({}, Values{1, 2}).p_value));
}

TEST(MannWhitneyNull, OfTwoAgainstTwoIsOneOneTwoOneOneSixths) {
  const std::vector<double> null = mann_whitney_null(2, 2, 4);

  ASSERT_EQ(null.size(), 5U);
  EXPECT_NEAR(null[0], 1 / 6.0, 1e-15);
  EXPECT_NEAR(null[1], 1 / 6.0, 1e-15);
  EXPECT_NEAR(null[2], 2 / 6.0, 1e-15);
  EXPECT_NEAR(null[3], 1 / 6.0, 1e-15);
  EXPECT_NEAR(null[4], 1 / 6.0, 1e-15);
}

TEST(MannWhitneyNull, AddsUpToOneAndIsSymmetric) {
  const std::vector<double> null = mann_whitney_null(23, 17, 23 * 17);

  EXPECT_NEAR(std::accumulate(null.begin(), null.end(), 0.0), 1, 1e-12);
  for (std::size_t u = 0; u < null.size(); ++u) EXPECT_NEAR(null[u], null[null.size() - 1 - u], 1e-14);
}

}  // namespace
}  // namespace thaw
