#include <gtest/gtest.h>

#include <cmath>

#include "stats/reference_streams.h"
#include "stats/tests.h"

namespace thaw {
namespace {

using reference::Values;

const Values first = reference::normal(20);
const Values second = reference::transformed(reference::lognormal(30), 100, 0);

// scipy 1.17.1: stats.ttest_ind(first, second, equal_var=…).
TEST(StudentTest, MatchesKnownAnswers) {
  const StudentResult result = student_t_test(first, second);

  EXPECT_NEAR(result.t, -1.784051842533563, 1e-12);
  EXPECT_EQ(result.degrees_of_freedom, 48);
  EXPECT_NEAR(result.p_value, 0.080737208303002, 1e-12);
}

TEST(WelchTest, MatchesKnownAnswers) {
  const StudentResult result = welch_t_test(first, second);

  EXPECT_NEAR(result.t, -2.1849380665697087, 1e-12);
  EXPECT_NEAR(result.degrees_of_freedom, 29.72318912033786, 1e-10);
  EXPECT_NEAR(result.p_value, 0.036915083766090116, 1e-12);
}

TEST(StudentTest, OfTwoPairsMatchesTheClosedForm) {
  // Means 1 and 3, variances 2 and 2: t = -2/√2 with 2 degrees of freedom, p = 1 - t/√(t² + 2).
  const StudentResult result = student_t_test(Values{0, 2}, Values{2, 4});

  EXPECT_NEAR(result.t, -std::sqrt(2.0), 1e-15);
  EXPECT_NEAR(result.p_value, 1 - std::sqrt(0.5), 1e-14);
}

TEST(StudentTest, OfOneConstantTwiceIsMissing) {
  EXPECT_TRUE(std::isnan(student_t_test(Values{1, 1}, Values{1, 1}).p_value));
  EXPECT_TRUE(std::isnan(welch_t_test(Values{1, 1}, Values{1, 1}).p_value));
}

TEST(StudentTest, OfTwoConstantsIsCertain) {
  EXPECT_EQ(student_t_test(Values{1, 1}, Values{2, 2}).p_value, 0);
  EXPECT_EQ(welch_t_test(Values{1, 1}, Values{2, 2}).p_value, 0);
}

TEST(StudentTest, OfOneValueIsMissing) { EXPECT_TRUE(std::isnan(student_t_test(Values{1}, Values{2, 3}).t)); }

}  // namespace
}  // namespace thaw
