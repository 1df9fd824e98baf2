#include "sim/python_text.h"

#include <gtest/gtest.h>

namespace thaw {
namespace {

TEST(PythonNumber, PrintsWholeNumbersAsIntegers) {
  EXPECT_EQ(python_number(600000), "600000");
  EXPECT_EQ(python_number(-3), "-3");
  EXPECT_EQ(python_number(0), "0");
  EXPECT_EQ(python_number(1e17), "100000000000000000");
}

TEST(PythonNumber, PrintsFractionsAsReprDoes) {
  EXPECT_EQ(python_number(21728571.42857143), "21728571.42857143");
  EXPECT_EQ(python_number(0.1 + 0.2), "0.30000000000000004");
}

TEST(PythonFloat, PrintsWholeNumbersWithAFraction) {
  EXPECT_EQ(python_float(12), "12.0");
  EXPECT_EQ(python_float(0), "0.0");
  EXPECT_EQ(python_float(1e15), "1000000000000000.0");
}

TEST(PythonFloat, IsScientificFromTenToTheSixteenthOnAndBelowATenThousandth) {
  EXPECT_EQ(python_float(1e16), "1e+16");
  EXPECT_EQ(python_float(1.5e300), "1.5e+300");
  EXPECT_EQ(python_float(0.0001), "0.0001");
  EXPECT_EQ(python_float(0.00001), "1e-05");
}

TEST(PythonRepr, QuotesWithSingleQuotes) { EXPECT_EQ(python_repr("f001"), "'f001'"); }

TEST(PythonRepr, PrefersDoubleQuotesAroundSingleOnes) { EXPECT_EQ(python_repr("('a', 1)"), "\"('a', 1)\""); }

TEST(PythonRepr, EscapesWhatIsLeft) {
  EXPECT_EQ(python_repr("it's \"it\""), "'it\\'s \"it\"'");
  EXPECT_EQ(python_repr("a\\b\n\x01"), "'a\\\\b\\n\\x01'");
}

}  // namespace
}  // namespace thaw
