#include <gtest/gtest.h>

#include <cmath>

#include "stats/reference_streams.h"
#include "stats/tests.h"

namespace thaw {
namespace {

using reference::part;
using reference::transformed;
using reference::Values;

// "scipy" below is stats.ks_2samp of scipy 1.17.1.

struct HalfAgainstHalf {
  const char* name;
  Values values;
  double d, p;
};
class KolmogorovSmirnovOfHalves : public testing::TestWithParam<HalfAgainstHalf> {};

TEST_P(KolmogorovSmirnovOfHalves, IsKnown) {
  const HalfAgainstHalf& expected = GetParam();
  const TestResult result = kolmogorov_smirnov(part(expected.values, 0, 12), part(expected.values, 12, 24));

  EXPECT_NEAR(result.statistic, expected.d, 5e-7);
  EXPECT_NEAR(result.p_value, expected.p, 2e-6 * expected.p);
  EXPECT_TRUE(result.is_exact);
}

INSTANTIATE_TEST_SUITE_P(ReferenceStreams, KolmogorovSmirnovOfHalves,
                         testing::Values(HalfAgainstHalf{"cycle", reference::cycle(24), 0.166667, 0.998485},
                                         HalfAgainstHalf{"ramp", reference::ramp(24), 1, 7.39602e-07},
                                         HalfAgainstHalf{"uniform", reference::uniform(24), 0.333333,
                                                         0.536098},
                                         HalfAgainstHalf{"constant", reference::constant(24), 0, 1}),
                         [](const auto& trial) { return trial.param.name; });

TEST(KolmogorovSmirnov, OfSeparatedSamplesIsTwoOrdersOfAll) {
  // Only two of the C(20, 10) orders keep the samples apart.
  const TestResult result = kolmogorov_smirnov(reference::sleep_fast, reference::sleep_slow);

  EXPECT_EQ(result.statistic, 1);
  EXPECT_NEAR(result.p_value, 2.0 / 184756, 1e-18);
}

TEST(KolmogorovSmirnov, OfUnequalSizesMatchesKnownAnswers) {
  const Values normal = reference::normal(20);
  const TestResult wide = kolmogorov_smirnov(normal, transformed(reference::lognormal(30), 100, 0));
  const TestResult narrow = kolmogorov_smirnov(part(normal, 0, 7), transformed(part(normal, 7, 20), 1, 3));

  EXPECT_DOUBLE_EQ(wide.statistic, 0.5);
  EXPECT_NEAR(wide.p_value, 0.003356115391389148, 1e-15);  // scipy
  EXPECT_DOUBLE_EQ(narrow.statistic, 56.0 / 91);
  EXPECT_NEAR(narrow.p_value, 0.045820433436532505, 1e-15);  // scipy
}

TEST(KolmogorovSmirnov, KeepsTheAccuracyOfSmallPValues) {
  const Values values = reference::uniform(200);
  const TestResult result =
      kolmogorov_smirnov(part(values, 0, 100), transformed(part(values, 100, 200), 1, 0.3));

  EXPECT_DOUBLE_EQ(result.statistic, 0.47);
  EXPECT_NEAR(result.p_value, 2.359168035084735e-10, 1e-22);  // scipy
}

TEST(KolmogorovSmirnov, CountsTiesOnce) {
  const TestResult result =
      kolmogorov_smirnov(Values{1, 2, 2, 3, 3, 3, 4, 10}, Values{2, 3, 4, 4, 5, 6, 7, 8, 9});

  EXPECT_DOUBLE_EQ(result.statistic, 38.0 / 72);
  EXPECT_NEAR(result.p_value, 0.14232825997531878, 1e-14);  // scipy
}

class LargeSamples : public testing::Test {
 protected:
  LargeSamples() {
    reference::Congruential generator(11);
    for (double& value : first) value = generator.uniform();
    for (double& value : second) value = std::pow(generator.uniform(), 1.03);
  }
  Values first = Values(12'000);
  Values second = Values(15'000);
};

TEST_F(LargeSamples, UseTheLimitingLaw) {
  const TestResult result = kolmogorov_smirnov(first, second);

  EXPECT_FALSE(result.is_exact);
  EXPECT_NEAR(result.statistic, 0.0114, 1e-15);
  EXPECT_NEAR(result.p_value, 0.34897940177400943, 1e-4);  // scipy, which rounds n·m/(n+m)
}

TEST_F(LargeSamples, CanBeForcedToBeExact) {
  EXPECT_NEAR(kolmogorov_smirnov(first, second, PValueMethod::exact).p_value, 0.3490717007469183,
              1e-12);  // scipy
}

TEST(KolmogorovSmirnov, DoesNotDependOnTheOrderOfTheSamples) {
  const Values values = reference::lognormal(50);
  const TestResult one = kolmogorov_smirnov(part(values, 0, 19), part(values, 19, 50));
  const TestResult other = kolmogorov_smirnov(part(values, 19, 50), part(values, 0, 19));

  EXPECT_EQ(one.statistic, other.statistic);
  EXPECT_NEAR(one.p_value, other.p_value, 1e-14);
}

TEST(KolmogorovSmirnov, OfAnEmptySideIsMissing) {
  EXPECT_TRUE(std::isnan(kolmogorov_smirnov(Values{1}, {}).statistic));
}

}  // namespace
}  // namespace thaw
