#include "stats/distribution_class.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numbers>
#include <vector>

#include "core/random.h"
#include "stats/reference_streams.h"

namespace thaw {
namespace {

std::vector<double> sample(std::size_t count, const std::function<double(RandomStream&, double)>& draw) {
  RandomStream random(42, "distribution class test");
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(draw(random, static_cast<double>(i)));
  return values;
}

TEST(Classify, EqualValuesAsConstant) {
  EXPECT_EQ(classify(std::vector<double>(500, 50.0)).value, DistributionClass::constant);
}

TEST(Classify, ValuesWithinFivePercentAsConstant) {
  EXPECT_EQ(classify(std::vector<double>{100, 104.9, 99.9}).value, DistributionClass::constant);
  EXPECT_NE(classify(std::vector<double>{100, 106, 99.9}).value, DistributionClass::constant);
}

TEST(Classify, ValuesThatNeverFallOrNeverRiseAsMonotonic) {
  EXPECT_EQ(classify(std::vector<double>{1, 2, 2, 3, 9}).value, DistributionClass::monotonic);
  EXPECT_EQ(classify(std::vector<double>{9, 3, 3, 1}).value, DistributionClass::monotonic);
}

TEST(Classify, ANoisySineAsAutocorrelated) {
  const auto values = sample(500, [](RandomStream& random, double i) {
    return 50 + 10 * std::sin(2 * std::numbers::pi * i / 50) + random.normal();
  });

  EXPECT_EQ(classify(values).value, DistributionClass::autocorrelated);
}

TEST(Classify, NormalValuesAsGaussian) {
  const auto found =
      classify(sample(500, [](RandomStream& random, double) { return 100 + 5 * random.normal(); }));

  EXPECT_EQ(found.value, DistributionClass::gaussian);
  EXPECT_GT(found.gaussian_p, 0.1);
}

TEST(Classify, ShiftedLognormalValuesAsLognormal) {
  const auto values =
      sample(500, [](RandomStream& random, double) { return 10 + 2 * std::exp(0.95 * random.normal()); });

  EXPECT_EQ(classify(values).value, DistributionClass::lognormal);
}

TEST(Classify, TwoModesInRandomOrderAsMultimodal) {
  const auto values = sample(500, [](RandomStream& random, double) {
    return random.uniform() < 0.5 ? 50 + 5 * random.normal() : 100 + 5 * random.normal();
  });

  EXPECT_EQ(classify(values).value, DistributionClass::multimodal);
}

TEST(Classify, UniformValuesAsUniform) {
  const auto found =
      classify(sample(500, [](RandomStream& random, double) { return 100 * random.uniform(); }));

  EXPECT_EQ(found.value, DistributionClass::uniform);
  EXPECT_GT(found.uniform_p, 0.1);
}

TEST(Classify, ThreeSpikesAsUnknown) {
  const auto values = sample(60, [](RandomStream& random, double) {
    return std::pow(10, 2.0 * static_cast<double>(random.below(3)));
  });

  EXPECT_EQ(classify(values).value, DistributionClass::unknown);
}

TEST(FitShiftedLognormal, RecoversItsParameters) {
  const auto values =
      sample(4000, [](RandomStream& random, double) { return 10 + 2 * std::exp(0.8 * random.normal()); });

  const auto law = fit_shifted_lognormal(values);

  EXPECT_NEAR(law.shape, 0.8, 0.05);
  EXPECT_NEAR(law.location, 10, 0.1);
  EXPECT_NEAR(law.scale, 2, 0.15);
}

TEST(FitShiftedLognormal, AgreesWithAReferenceFit) {
  // scipy.stats.lognorm.fit of the same values.
  const auto law = fit_shifted_lognormal(reference::lognormal(55));

  EXPECT_NEAR(law.shape, 0.461028, 2e-4);
  EXPECT_NEAR(law.location, -0.100863, 2e-4);
  EXPECT_NEAR(law.scale, 1.194031, 2e-4);
}

TEST(ShiftedLognormal, HasNoMassBelowItsLocation) {
  const ShiftedLognormal law{0.5, 3, 2};

  EXPECT_EQ(law.cdf(3), 0);
  EXPECT_DOUBLE_EQ(law.cdf(5), 0.5);
}

/// Times of a function with a fast and a slow path, in seconds, times `unit`.
std::vector<double> two_paths(double unit) {
  return sample(500, [&](RandomStream& random, double) {
    return random.uniform() < 0.5 ? unit * (0.010 + 0.001 * random.normal())
                                  : unit * (0.020 + 0.001 * random.normal());
  });
}

TEST(IsMultimodal, DoesNotDependOnTheUnitWithoutALimitOfGoodness) {
  const auto one_path = [](double unit) {
    return sample(300,
                  [&](RandomStream& random, double) { return unit * (0.010 + 0.0001 * random.normal()); });
  };
  for (const double unit : {1e-6, 1e-3, 1.0, 1e3, 1e6, 1e9}) {
    EXPECT_TRUE(is_multimodal(two_paths(unit), {.goodness = 0})) << unit;
    EXPECT_FALSE(is_multimodal(one_path(unit), {.goodness = 0})) << unit;
    EXPECT_EQ(classify(two_paths(unit), {.goodness = 0}).value, DistributionClass::multimodal) << unit;
  }
}

}  // namespace
}  // namespace thaw
