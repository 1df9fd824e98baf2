#include <gtest/gtest.h>

#include <cmath>

#include "stats/reference_streams.h"
#include "stats/tests.h"

namespace thaw {
namespace {

using reference::Values;

struct KnownNormality {
  std::size_t n;
  double w, p;
};
class ShapiroWilkOfTheLognormalStream : public testing::TestWithParam<KnownNormality> {};

TEST_P(ShapiroWilkOfTheLognormalStream, IsKnown) {
  const TestResult result = shapiro_wilk(reference::lognormal(GetParam().n));

  EXPECT_NEAR(result.statistic, GetParam().w, 1e-9);
  EXPECT_NEAR(result.p_value, GetParam().p, 1e-7 * GetParam().p);
}

// scipy 1.17.1: stats.shapiro of the first n values.
INSTANTIATE_TEST_SUITE_P(Sizes, ShapiroWilkOfTheLognormalStream,
                         testing::Values(KnownNormality{3, 0.7995734093876227, 0.11348029080111333},
                                         KnownNormality{5, 0.9257377652970831, 0.5676075938275793},
                                         KnownNormality{10, 0.8461318106342248, 0.05223969279903713},
                                         KnownNormality{11, 0.8523468614929406, 0.04579300219395921},
                                         KnownNormality{12, 0.8515850236312744, 0.038407229471470454},
                                         KnownNormality{50, 0.8942077879679161, 0.00031104700617124565},
                                         KnownNormality{200, 0.8807046238208084, 1.745168302971427e-11}),
                         [](const auto& trial) { return "n" + std::to_string(trial.param.n); });

TEST(ShapiroWilk, AcceptsTheNormalStream) {
  const TestResult result = shapiro_wilk(reference::normal(200));

  EXPECT_NEAR(result.statistic, 0.9944098323782876, 1e-9);  // scipy, as above
  EXPECT_NEAR(result.p_value, 0.6619274582360342, 1e-7);
}

TEST(ShapiroWilk, OfThreeEvenlySpacedValuesIsOne) {
  const TestResult result = shapiro_wilk(Values{1, 2, 3});

  EXPECT_NEAR(result.statistic, 1, 1e-15);
  EXPECT_NEAR(result.p_value, 1, 1e-7);
}

TEST(ShapiroWilk, DoesNotDependOnScaleAndOrigin) {
  const Values values = reference::lognormal(30);

  EXPECT_NEAR(shapiro_wilk(values).statistic, shapiro_wilk(reference::transformed(values, 1e-6, 5)).statistic,
              1e-8);
}

TEST(ShapiroWilk, OfAConstantOrTwoValuesIsMissing) {
  EXPECT_TRUE(std::isnan(shapiro_wilk(Values(10, 1.0)).p_value));
  EXPECT_TRUE(std::isnan(shapiro_wilk(Values{1, 2}).p_value));
}

}  // namespace
}  // namespace thaw
