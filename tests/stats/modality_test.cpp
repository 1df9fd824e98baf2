#include "stats/modality.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "stats/reference_streams.h"

namespace thaw {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

TEST(DipStatistic, MatchesReferenceValues) {
  // diptest 0.8 on the first 200 values of each stream.
  EXPECT_NEAR(dip_statistic(reference::uniform(200)), 0.022955687531100645, 1e-12);
  EXPECT_NEAR(dip_statistic(reference::normal(200)), 0.016290863575378994, 1e-12);
  EXPECT_NEAR(dip_statistic(reference::lognormal(200)), 0.018180300600722763, 1e-12);
  EXPECT_NEAR(dip_statistic(reference::bimodal(200)), 0.23592551254620148, 1e-12);
  EXPECT_NEAR(dip_statistic(reference::cycle(200)), 0.1, 1e-12);
}

TEST(DipStatistic, IsLeastForAnEvenGrid) {
  EXPECT_NEAR(dip_statistic(reference::ramp(50)), 1.0 / 100, 1e-12);
}

TEST(DipStatistic, IsAQuarterForTwoFarAtomsOfTheSameSize) {
  EXPECT_NEAR(dip_statistic(std::vector<double>{0, 0, 0, 0, 1, 1, 1, 1}), 0.25, 1e-12);
}

TEST(DipStatistic, DoesNotChangeWithUnitAndOrigin) {
  const double dip = dip_statistic(reference::lognormal(100));

  EXPECT_NEAR(dip_statistic(reference::transformed(reference::lognormal(100), 1000, 5)), dip, 1e-12);
  EXPECT_NEAR(dip_statistic(reference::transformed(reference::lognormal(100), -1, 0)), dip, 1e-12);
}

TEST(DipTest, TellsTwoModesFromOne) {
  RandomStream random(1, "modality test");

  EXPECT_EQ(dip_test(reference::bimodal(100), random).p_value, 0);
  EXPECT_GT(dip_test(reference::normal(100), random).p_value, 0.5);
}

TEST(DipTest, HasItsLevelOnUniformValues) {
  RandomStream random(2, "modality test");
  int rejected = 0;
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<double> values(40);
    for (double& value : values) value = random.uniform();
    rejected += dip_test(values, random, 100).p_value < 0.1 ? 1 : 0;
  }

  EXPECT_NEAR(rejected, 20, 13);
}

TEST(DipTest, NeedsFourValues) {
  RandomStream random(1, "modality test");

  EXPECT_TRUE(std::isnan(dip_test(std::vector<double>{1, 2, 3}, random).p_value));
}

TEST(Modes, AreThePeaksOfTheDensity) {
  const auto found = modes(reference::bimodal(200));

  ASSERT_THAT(found, SizeIs(2));
  EXPECT_NEAR(found[0].at, 10, 0.2);
  EXPECT_NEAR(found[1].at, 20, 0.2);
  EXPECT_THAT(modes(reference::normal(200)), SizeIs(1));
}

TEST(Modes, OfEqualValuesAreOne) {
  EXPECT_THAT(modes(reference::constant(5)), SizeIs(1));
  EXPECT_THAT(modes(std::vector<double>{}), IsEmpty());
}

}  // namespace
}  // namespace thaw
