#include "stats/multiple.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace thaw {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsNan;
using PValues = std::vector<double>;

TEST(Holm, MultipliesTheSmallestByTheCountAndNeverFalls) {
  // 0.005·5, 0.01·4, 0.03·3, then 0.04·2 raised to 0.09, 0.2·1.
  EXPECT_THAT(holm(PValues{0.01, 0.04, 0.03, 0.005, 0.2}),
              ElementsAre(DoubleEq(0.04), DoubleEq(0.09), DoubleEq(0.09), DoubleEq(0.025), DoubleEq(0.2)));
}

TEST(BenjaminiHochberg, MatchesKnownAnswers) {
  // scipy 1.17.1: stats.false_discovery_control.
  EXPECT_THAT(benjamini_hochberg(PValues{0.01, 0.04, 0.03, 0.005, 0.2}),
              ElementsAre(DoubleEq(0.025), DoubleEq(0.05), DoubleEq(0.05), DoubleEq(0.025), DoubleEq(0.2)));
}

TEST(Adjustment, NeverExceedsOne) {
  EXPECT_THAT(holm(PValues{0.6, 0.9}), ElementsAre(1.0, 1.0));
  EXPECT_THAT(benjamini_hochberg(PValues{0.6, 0.9}), ElementsAre(0.9, 0.9));
}

TEST(Adjustment, OfOneHypothesisChangesNothing) {
  EXPECT_THAT(holm(PValues{0.03}), ElementsAre(0.03));
  EXPECT_THAT(benjamini_hochberg(PValues{0.03}), ElementsAre(0.03));
}

TEST(Adjustment, LeavesMissingOutOfTheCount) {
  const double nan = std::numeric_limits<double>::quiet_NaN();

  EXPECT_THAT(holm(PValues{0.01, nan, 0.02}), ElementsAre(DoubleEq(0.02), IsNan(), DoubleEq(0.02)));
  EXPECT_THAT(benjamini_hochberg(PValues{0.01, nan, 0.02}),
              ElementsAre(DoubleEq(0.02), IsNan(), DoubleEq(0.02)));
}

TEST(Adjustment, OfNothingIsNothing) {
  EXPECT_THAT(holm({}), IsEmpty());
  EXPECT_THAT(benjamini_hochberg({}), IsEmpty());
}

}  // namespace
}  // namespace thaw
