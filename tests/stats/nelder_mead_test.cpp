#include "stats/nelder_mead.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace thaw {
namespace {

using Point = std::array<double, 2>;

TEST(DownhillSimplex, FindsTheFootOfACurvedValley) {
  // Rosenbrock 1960: minimum at (1, 1).
  const auto valley = [](const Point& at) {
    return 100 * std::pow(at[1] - at[0] * at[0], 2) + std::pow(1 - at[0], 2);
  };

  const Point foot = DownhillSimplex<2, decltype(valley)>(valley, {-1.2, 1}).descend(1e-8);

  EXPECT_NEAR(foot[0], 1, 1e-6);
  EXPECT_NEAR(foot[1], 1, 1e-6);
}

TEST(DownhillSimplex, StaysOutOfForbiddenGround) {
  const auto cliff = [](const Point& at) {
    return at[0] < 2 ? std::numeric_limits<double>::infinity() : at[0] * at[0] + at[1] * at[1];
  };

  const Point edge = DownhillSimplex<2, decltype(cliff)>(cliff, {5, 3}).descend();

  EXPECT_GE(edge[0], 2);
  EXPECT_LT(cliff(edge), cliff({5, 3}));
}

TEST(DownhillSimplex, GivesUpOnASlopeWithoutEnd) {
  int evaluations = 0;
  const auto slope = [&](const Point& at) {
    ++evaluations;
    return at[0] + at[1];
  };

  (void)DownhillSimplex<2, decltype(slope)>(slope, {1, 1}).descend();

  EXPECT_LE(evaluations, 400 + 4);
}

}  // namespace
}  // namespace thaw
