#include "stats/kolmogorov.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace thaw {
namespace {

TEST(KolmogorovDistance, LooksAtBothSidesOfEveryStep) {
  const std::vector<double> sample = {0.1, 0.2, 0.9};

  // Just after 0.2 two thirds of the sample lie below, but only a fifth of the law.
  EXPECT_NEAR(kolmogorov_distance(sample, [](double x) { return x; }), 2.0 / 3 - 0.2, 1e-15);
}

TEST(KolmogorovSurvival, OfOneValueIsLinear) {
  // D_1 = max(u, 1 - u), so P(D_1 >= d) = 2 (1 - d).
  EXPECT_NEAR(kolmogorov_survival(1, 0.6), 0.8, 1e-12);
  EXPECT_NEAR(kolmogorov_survival(1, 0.95), 0.1, 1e-12);
}

TEST(KolmogorovSurvival, OfTwoValuesHasAClosedForm) {
  // P(D_2 < d) = 2 (2d - 1/2)² for 1/4 <= d <= 1/2, and 1 - 2 (1 - d)² above.
  EXPECT_NEAR(kolmogorov_survival(2, 0.4), 1 - 2 * 0.3 * 0.3, 1e-12);
  EXPECT_NEAR(kolmogorov_survival(2, 0.7), 2 * 0.3 * 0.3, 1e-12);
}

TEST(KolmogorovSurvival, AgreesWithPublishedCriticalValues) {
  // Miller 1956, "Table of percentage points of Kolmogorov statistics", to five digits.
  EXPECT_NEAR(kolmogorov_survival(10, 0.40925), 0.05, 2e-5);
  EXPECT_NEAR(kolmogorov_survival(20, 0.29408), 0.05, 2e-5);
  EXPECT_NEAR(kolmogorov_survival(50, 0.18841), 0.05, 2e-5);
  EXPECT_NEAR(kolmogorov_survival(100, 0.16081), 0.01, 1e-5);
}

TEST(KolmogorovSurvival, IsContinuousWhereTheMethodChanges) {
  for (const double z : {0.5, 0.8, 1.0, 1.3}) {
    const double exact = kolmogorov_survival(140, z / std::sqrt(140));
    const double expanded = kolmogorov_survival(141, z / std::sqrt(141));
    EXPECT_NEAR(exact, expanded, 3e-4) << z;
  }
  EXPECT_NEAR(kolmogorov_survival(1000, std::sqrt(2.1999 / 1000)),
              kolmogorov_survival(1000, std::sqrt(2.2001 / 1000)), 2e-5);
}

TEST(KolmogorovSurvival, NearsTheLimitLawForLargeSamples) {
  // Kolmogorov 1933: P(√n D_n >= 1) -> 2 Σ (-1)^(j-1) e^(-2 j²) = 0.26999967.
  EXPECT_NEAR(kolmogorov_survival(100'000'000, 1e-4), 0.26999967, 1e-4);
}

TEST(KolmogorovSurvival, FallsFromOneToZero) {
  for (const std::size_t n : {1UL, 5UL, 60UL, 140UL, 141UL, 3000UL}) {
    double before = 1;
    for (double d = 0.001; d < 1.1; d += 0.001) {
      const double now = kolmogorov_survival(n, d);
      EXPECT_LE(now, before + 1e-6) << n << ' ' << d;
      before = now;
    }
    EXPECT_EQ(kolmogorov_survival(n, 0), 1);
    EXPECT_EQ(kolmogorov_survival(n, 1), 0);
  }
}

}  // namespace
}  // namespace thaw
