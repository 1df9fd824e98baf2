#include "stats/effect_size.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "stats/reference_streams.h"
#include "stats/summary.h"
#include "stats/tests.h"

namespace thaw {
namespace {

using reference::part;
using reference::transformed;
using reference::Values;

Values all_differences(const Values& baseline, const Values& treatment) {
  Values differences;
  for (const double b : baseline) {
    for (const double t : treatment) differences.push_back(t - b);
  }
  return sorted_copy(differences);
}

TEST(RankBiserial, OfMeasuredTimesIsOneOrMinusOne) {
  EXPECT_EQ(rank_biserial(mann_whitney(reference::sleep_fast, reference::sleep_slow).statistic, 10, 10), 1);
  EXPECT_EQ(rank_biserial(mann_whitney(reference::sleep_slow, reference::sleep_fast).statistic, 10, 10), -1);
}

TEST(CliffsDelta, CountsThePairs) {
  // Of the 6 pairs the treatment wins 3, loses 1 and ties 2.
  EXPECT_DOUBLE_EQ(cliffs_delta(Values{1, 2}, Values{1, 2, 3}), 2.0 / 6);
}

TEST(CliffsDelta, IsTheRankBiserialCorrelation) {
  const Values baseline = reference::normal(20);
  const Values treatment = transformed(reference::lognormal(30), 100, 0);

  EXPECT_NEAR(cliffs_delta(baseline, treatment),
              rank_biserial(mann_whitney(baseline, treatment).statistic, 20, 30), 1e-15);
  EXPECT_NEAR(cliffs_delta(baseline, treatment), 0.15666666666666673, 1e-15);  // From U of scipy 1.17.1.
}

TEST(VarghaDelaney, OfOneSampleAgainstItselfIsOneHalf) {
  const Values values = reference::cycle(17);

  EXPECT_DOUBLE_EQ(vargha_delaney_a(values, values), 0.5);
}

TEST(CohensD, MatchesTheClosedForm) {
  // Means 1 and 3, both variances 2.
  EXPECT_DOUBLE_EQ(cohens_d(Values{0, 2}, Values{2, 4}), std::sqrt(2.0));
}

TEST(CohensD, WithoutDeviationIsMissing) { EXPECT_TRUE(std::isnan(cohens_d(Values{1, 1}, Values{2, 2}))); }

TEST(HodgesLehmann, OfAShiftedCopyIsTheShift) {
  const Values baseline = {1, 2, 4, 8, 16, 32, 64};
  const Shift shift = hodges_lehmann(baseline, transformed(baseline, 1, 5));

  EXPECT_EQ(shift.estimate, 5);
  EXPECT_TRUE(shift.interval.contains(5));
}

TEST(HodgesLehmann, IntervalInvertsTheExactTest) {
  const Values values = reference::normal(30);
  const Shift shift = hodges_lehmann(part(values, 0, 12), part(values, 12, 30));

  // scipy 1.17.1: the null distribution gives P(U <= 61) = 0.0239 < 2.5 % < P(U <= 62), so ranks 62 and 155
  // of 216.
  EXPECT_NEAR(shift.estimate, 0.0609775, 1e-9);
  EXPECT_NEAR(shift.interval.low, -5.091655, 1e-9);
  EXPECT_NEAR(shift.interval.high, 4.142063, 1e-9);
}

TEST(HodgesLehmann, OfManyValuesMatchesAllDifferences) {
  const Values values = reference::normal(400);
  const Values baseline = part(values, 0, 160);
  const Values treatment = transformed(part(values, 160, 400), 1, 2);
  const Values differences = all_differences(baseline, treatment);

  const Shift shift = hodges_lehmann(baseline, treatment);

  // The ranks by the normal approximation: ⌊nm/2 - 1.959964·√(nm(n+m+1)/12)⌋ from either end.
  const auto pairs = static_cast<double>(differences.size());
  const auto rank = static_cast<std::size_t>(pairs / 2 - 1.9599639845400545 * std::sqrt(pairs * 401 / 12));
  EXPECT_EQ(shift.estimate, median(differences));
  EXPECT_EQ(shift.interval.low, differences[rank - 1]);
  EXPECT_EQ(shift.interval.high, differences[differences.size() - rank]);
}

TEST(HodgesLehmann, OfTenThousandMillionPairsNeedsNoTable) {
  const Values ramp = reference::ramp(100'000);
  const Shift shift = hodges_lehmann(ramp, transformed(ramp, 1, 1000));

  EXPECT_EQ(shift.estimate, 1000);
  EXPECT_TRUE(shift.interval.contains(1000));
  EXPECT_LT(shift.interval.width(), 1000);
}

TEST(HodgesLehmann, OfThreeAgainstThreeHasNoIntervalAtNinetyFivePercent) {
  const Shift shift = hodges_lehmann(Values{1, 2, 3}, Values{4, 5, 6});

  EXPECT_EQ(shift.estimate, 3);
  EXPECT_TRUE(shift.interval.is_missing());
}

TEST(HodgesLehmann, OfEqualSamplesIsPositiveZero) {
  const Shift shift = hodges_lehmann(Values(8, 1.0), Values(9, 1.0));

  EXPECT_EQ(shift.estimate, 0);
  EXPECT_FALSE(std::signbit(shift.estimate));
}

TEST(HodgesLehmann, TurnsItsSignWithTheOrder) {
  const Values baseline = reference::lognormal(25);
  const Values treatment = reference::cycle(21);
  const Shift forth = hodges_lehmann(baseline, treatment);
  const Shift back = hodges_lehmann(treatment, baseline);

  EXPECT_NEAR(forth.estimate, -back.estimate, 1e-12);
  EXPECT_NEAR(forth.interval.low, -back.interval.high, 1e-12);
}

TEST(HodgesLehmann, OfAnEmptySideIsMissing) {
  EXPECT_TRUE(std::isnan(hodges_lehmann({}, Values{1}).estimate));
}

}  // namespace
}  // namespace thaw
