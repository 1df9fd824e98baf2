#include "core/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace thaw {
namespace {

using testing::ElementsAre;

TEST(Split, KeepsEmptyParts) { EXPECT_THAT(split("a,,b,", ','), ElementsAre("a", "", "b", "")); }

TEST(SplitLines, AcceptsBothLineEnds) {
  EXPECT_THAT(split_lines("a\r\nb\n\nc"), ElementsAre("a", "b", "", "c"));
}

TEST(ParseNumber, ReadsScientificNotation) { EXPECT_EQ(parse_number("1e-05"), 1e-5); }

TEST(ParseNumber, RefusesTrailingText) { EXPECT_EQ(parse_number("1.2s"), std::nullopt); }

TEST(ParseNumber, RefusesInfinity) { EXPECT_EQ(parse_number("inf"), std::nullopt); }

TEST(FormatNumber, RoundTripsExactly) {
  for (const double value : {0.1, 1.0 / 3, 1e300, 5e-324, 123456789.123456789}) {
    EXPECT_EQ(parse_number(format_number(value)), value);
  }
}

TEST(FormatNumber, WritesMissingAsNothing) {
  EXPECT_EQ(format_number(std::numeric_limits<double>::quiet_NaN()), "");
}

struct SignificantCase {
  double value;
  int digits;
  std::string_view text;
};
class SignificantFigures : public testing::TestWithParam<SignificantCase> {};

TEST_P(SignificantFigures, FollowsTheTable) {
  EXPECT_EQ(format_significant(GetParam().value, GetParam().digits), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Table, SignificantFigures,
    testing::Values(SignificantCase{1234567.89, 3, "1.23e+06"}, SignificantCase{5000, 3, "5000"},
                    SignificantCase{0.0001234, 3, "0.000123"}, SignificantCase{0.000001, 3, "1.00e-06"},
                    SignificantCase{123.456, 3, "123"}, SignificantCase{0.1234, 3, "0.123"},
                    SignificantCase{-1234567, 3, "-1.23e+06"}, SignificantCase{1.235, 3, "1.24"},
                    SignificantCase{9.995, 3, "9.99"}, SignificantCase{0, 3, "0"},
                    SignificantCase{std::numeric_limits<double>::quiet_NaN(), 3, "NA"},
                    SignificantCase{12345, 2, "12000"}, SignificantCase{123.456, 4, "123.5"}));

TEST(EditDistance, CountsASwapOfNeighboursAsOne) { EXPECT_EQ(edit_distance("repeat", "repaet"), 1U); }

TEST(Suggest, NamesTheNearestWord) {
  const std::vector<std::string> known = {"perf", "strace"};

  EXPECT_EQ(suggest("pref", known), "did you mean \"perf\"?");
}

TEST(Suggest, ListsTheKnownWordsWhenNoneIsNear) {
  const std::vector<std::string> known = {"perf", "strace"};

  EXPECT_EQ(suggest("kubernetes", known), "known: perf, strace");
}

}  // namespace
}  // namespace thaw
