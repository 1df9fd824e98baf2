// Tests of core/error.h: an error's parts, how it is rendered and how it travels.

#include "core/error.h"

#include <gtest/gtest.h>

namespace thaw {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return fail(ErrorKind::bad_input, "{} is odd", number);
  return number / 2;
}

Result<int> quarter(int number) {
  THAW_TRY(const int once, half(number));
  THAW_TRY(const int twice, half(once));
  return twice;
}

Result<> check_quarter(int number) {
  if (auto result = quarter(number); !result) return tl::unexpected(std::move(result).error().in("check"));
  return {};
}

Result<> check_twice(int number) {
  THAW_CHECK(check_quarter(number));
  return {};
}

TEST(Error, PutsAnEnclosingPlaceInFront) {
  const Error error = Error{ErrorKind::bad_input, "x", "17:3", ""}.in("x.yaml");

  EXPECT_EQ(error.where, "x.yaml:17:3");
}

TEST(Error, TakesThePlaceWhereItHadNone) {
  const Error error = Error{ErrorKind::bad_usage, "x", "", ""}.in("--rate");

  EXPECT_EQ(error.where, "--rate");
}

TEST(Error, ReplacesItsAdvice) {
  const Error error = Error{ErrorKind::bad_usage, "x", "", "old"}.with_hint("new");

  EXPECT_EQ(error.hint, "new");
}

TEST(Error, RendersMessagePlaceAndAdviceOnALineEach) {
  const Error error{ErrorKind::bad_usage, "rate must be positive, got -5/s", "--rate", "write 5/s"};

  EXPECT_EQ(render(error), "thaw: error: rate must be positive, got -5/s\n  at   --rate\n  hint write 5/s\n");
}

TEST(Error, RendersNoLineForWhatItDoesNotKnow) {
  EXPECT_EQ(render(Error{ErrorKind::internal, "broken", "", ""}), "thaw: error: broken\n");
}

TEST(ThawTry, BindsTheValueOfASuccess) { EXPECT_EQ(quarter(12).value(), 3); }

TEST(ThawTry, ReturnsTheFirstError) {
  const auto result = quarter(6);

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().what, "3 is odd");
}

TEST(ThawCheck, ReturnsTheErrorWithItsPlaces) {
  const auto result = check_twice(5);

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().where, "check");
}

TEST(ThawAssertDeathTest, ExitsWithTheCodeOfABug) {
  EXPECT_EXIT(THAW_ASSERT(1 > 2, "one is {}", 1), testing::ExitedWithCode(70), "one is 1");
}

}  // namespace
}  // namespace thaw
