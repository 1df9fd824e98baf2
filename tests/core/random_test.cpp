#include "core/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace thaw {
namespace {

std::vector<std::uint64_t> words(RandomStream stream, int count) {
  std::vector<std::uint64_t> result;
  for (int i = 0; i < count; ++i) result.push_back(stream());
  return result;
}

TEST(RandomStream, RepeatsForEqualSeedPurposeAndIndex) {
  EXPECT_EQ(words(RandomStream(7, "arrivals", 3), 10), words(RandomStream(7, "arrivals", 3), 10));
}

TEST(RandomStream, DiffersBySeedPurposeAndIndex) {
  const auto base = words(RandomStream(7, "arrivals", 3), 4);

  EXPECT_NE(base, words(RandomStream(8, "arrivals", 3), 4));
  EXPECT_NE(base, words(RandomStream(7, "memory", 3), 4));
  EXPECT_NE(base, words(RandomStream(7, "arrivals", 4), 4));
}

TEST(RandomStream, KeepsUniformDrawsInTheUnitInterval) {
  RandomStream stream(1, "test");
  double sum = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double u = stream.uniform();
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    sum += u;
  }

  EXPECT_NEAR(sum / 100'000, 0.5, 5 * std::sqrt(1.0 / 12 / 100'000));
}

TEST(RandomStream, DrawsEveryResidueEquallyOften) {
  RandomStream stream(1, "test");
  std::vector<int> counts(7);
  for (int i = 0; i < 70'000; ++i) ++counts[stream.below(7)];

  double chi_square = 0;
  for (const int count : counts) chi_square += (count - 10'000.0) * (count - 10'000.0) / 10'000;
  EXPECT_LT(chi_square, 22.46);  // chi-square quantile 0.999 with 6 degrees of freedom
}

TEST(RandomStream, DrawsStandardNormals) {
  RandomStream stream(1, "test");
  constexpr int count = 100'000;
  double sum = 0, squares = 0;
  for (int i = 0; i < count; ++i) {
    const double z = stream.normal();
    sum += z;
    squares += z * z;
  }

  EXPECT_NEAR(sum / count, 0, 5 / std::sqrt(count));
  EXPECT_NEAR(squares / count, 1, 5 * std::sqrt(2.0 / count));
}

}  // namespace
}  // namespace thaw
