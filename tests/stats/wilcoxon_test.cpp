#include <gtest/gtest.h>

#include <cmath>

#include "stats/reference_streams.h"
#include "stats/tests.h"

namespace thaw {
namespace {

using reference::part;
using reference::Values;

// "scipy" below is stats.wilcoxon of scipy 1.17.1.

TEST(WilcoxonSignedRank, IsExactForFewPairs) {
  const Values values = reference::normal(40);
  const TestResult result = wilcoxon_signed_rank(part(values, 0, 20), part(values, 20, 40));

  EXPECT_TRUE(result.is_exact);
  EXPECT_EQ(result.statistic, 80);
  EXPECT_NEAR(result.p_value, 0.36827659606933594, 1e-14);  // scipy
}

TEST(WilcoxonSignedRank, IsApproximateForManyPairs) {
  const Values values = reference::normal(160);
  const TestResult result =
      wilcoxon_signed_rank(part(values, 0, 80), reference::transformed(part(values, 80, 160), 1, 1));

  EXPECT_FALSE(result.is_exact);
  EXPECT_EQ(result.statistic, 1569);
  EXPECT_NEAR(result.p_value, 0.8067579195077692, 1e-14);  // scipy
}

TEST(WilcoxonSignedRank, DropsZerosAndCorrectsForTies) {
  const TestResult result = wilcoxon_signed_rank(Values{3, 5, 5, 8, 9, 4, 7, 6, 2, 9, 10, 3, 4, 6, 8, 2},
                                                 Values{1, 5, 4, 6, 9, 6, 3, 6, 1, 5, 9, 5, 3, 2, 7, 4});

  EXPECT_FALSE(result.is_exact);
  EXPECT_EQ(result.statistic, 24);
  EXPECT_NEAR(result.p_value, 0.12772414704774132, 1e-14);  // scipy, asymptotic
}

TEST(WilcoxonSignedRank, OfFivePairsAllOneWayIsOneInSixteen) {
  EXPECT_EQ(wilcoxon_signed_rank(Values{1, 2, 3, 4, 5}, Values{0, 0, 0, 0, 0}).p_value, 2.0 / 32);
}

TEST(WilcoxonSignedRank, OfEqualPairsIsMissing) {
  EXPECT_TRUE(std::isnan(wilcoxon_signed_rank(Values{1, 2}, Values{1, 2}).p_value));
}

}  // namespace
}  // namespace thaw
