#include "report/number_text.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/text.h"

namespace thaw {
namespace {

constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();

TEST(PValueText, FollowsTheSizeOfTheValue) {
  EXPECT_EQ(format_p_value(0.00001), "< 0.001");
  EXPECT_EQ(format_p_value(0.005), "0.005");
  EXPECT_EQ(format_p_value(0.05), "0.05");
  EXPECT_EQ(format_p_value(0.5), "0.50");
  EXPECT_EQ(format_p_value(nan_value), "NA");
}

TEST(PValueText, AddsStarsBelowTheUsualLimits) {
  EXPECT_EQ(significance_stars(0.0009), "***");
  EXPECT_EQ(significance_stars(0.009), "**");
  EXPECT_EQ(significance_stars(0.049), "*");
  EXPECT_EQ(significance_stars(0.05), "");
  EXPECT_EQ(significance_stars(nan_value), "");
}

TEST(SignificantDigits, FollowThePredecessor) {
  EXPECT_EQ(format_significant(1234567.89), "1.23e+06");
  EXPECT_EQ(format_significant(5000), "5000");
  EXPECT_EQ(format_significant(0.0001234), "0.000123");
  EXPECT_EQ(format_significant(0.000001), "1.00e-06");
  EXPECT_EQ(format_significant(123.456), "123");
  EXPECT_EQ(format_significant(0.1234), "0.123");
  EXPECT_EQ(format_significant(-1234567), "-1.23e+06");
  EXPECT_EQ(format_significant(1.235), "1.24");
  EXPECT_EQ(format_significant(9.995), "9.99");
  EXPECT_EQ(format_significant(nan_value), "NA");
  EXPECT_EQ(format_significant(0), "0");
  EXPECT_EQ(format_significant(12345, 2), "12000");
  EXPECT_EQ(format_significant(123.456, 4), "123.5");
}

TEST(PercentChange, AlwaysHasASign) {
  EXPECT_EQ(format_percent_change(23.3673), "+23.37 %");
  EXPECT_EQ(format_percent_change(-18.94), "-18.94 %");
  EXPECT_EQ(format_percent_change(nan_value), "NA");
}

TEST(ValueWithUnit, PicksTheUnitOfTimeThatFits) {
  EXPECT_EQ(format_with_unit(0.4119, "s"), "411.9 ms");
  EXPECT_EQ(format_with_unit(1500, "ns"), "1.5 µs");
}

TEST(ValueWithUnit, KeepsOtherUnits) {
  EXPECT_EQ(format_with_unit(12, "W"), "12 W");
  EXPECT_EQ(format_with_unit(12, ""), "12");
}

}  // namespace
}  // namespace thaw
