#include "functions/json_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace thaw::functions {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::IsEmpty;

std::vector<std::string> read(std::string_view text) { return read_json_arguments(text).value(); }

std::string complaint(std::string_view text) {
  const auto args = read_json_arguments(text);
  return args ? "accepted" : args.error().what.substr(args.error().what.find(": ") + 2);
}

TEST(JsonQuote, EscapesQuotesAndBackslashes) { EXPECT_EQ(json_quote(R"(a"b\c)"), R"("a\"b\\c")"); }

TEST(JsonQuote, EscapesControlCharacters) { EXPECT_EQ(json_quote("\n\t\x01\x7f"), R"("\n\t\u0001\u007f")"); }

TEST(JsonQuote, LeavesUtf8AsItIs) { EXPECT_EQ(json_quote("µ€😀"), "\"µ€😀\""); }

TEST(JsonQuote, EscapesBytesThatAreNotUtf8) { EXPECT_EQ(json_quote("a\xff\xc3"), R"("a\udcff\udcc3")"); }

TEST(JsonQuote, TakesOverlongAndSurrogateSequencesForBytes) {
  EXPECT_EQ(json_quote("\xc0\x80"), R"("\udcc0\udc80")");
  EXPECT_EQ(json_quote("\xe0\x80\x80"), R"("\udce0\udc80\udc80")");
  EXPECT_EQ(json_quote("\xed\xa0\x80"), R"("\udced\udca0\udc80")");
  EXPECT_EQ(json_quote("\xf4\x90\x80\x80"), R"("\udcf4\udc90\udc80\udc80")");
}

TEST(ReadJsonArguments, ReadsAnArrayOfStrings) {
  EXPECT_THAT(read(R"(["1000","0"])"), ElementsAre("1000", "0"));
}

TEST(ReadJsonArguments, KeepsNumbersAsWritten) {
  EXPECT_THAT(read("[1000, -0.50, 1e3, 2E-7]"), ElementsAre("1000", "-0.50", "1e3", "2E-7"));
}

TEST(ReadJsonArguments, TakesAStringForOneArgument) {
  EXPECT_THAT(read(R"("two words")"), ElementsAre("two words"));
}

TEST(ReadJsonArguments, TakesANumberForOneArgument) { EXPECT_THAT(read(" 42 "), ElementsAre("42")); }

TEST(ReadJsonArguments, TakesTruthValuesForTheirNames) {
  EXPECT_THAT(read("[true,false]"), ElementsAre("true", "false"));
}

TEST(ReadJsonArguments, AnEmptyArrayHasNoArguments) { EXPECT_THAT(read("[ ]"), IsEmpty()); }

TEST(ReadJsonArguments, DecodesEscapes) {
  EXPECT_THAT(read(R"("\"\\\/\b\f\n\r\tA\u00b5\u20ac\ud83d\ude00")"), ElementsAre("\"\\/\b\f\n\r\tAµ€😀"));
}

TEST(ReadJsonArguments, DecodesByteEscapes) { EXPECT_THAT(read(R"(["a\udcff"])"), ElementsAre("a\xff")); }

TEST(ReadJsonArguments, RefusesObjectsAndNesting) {
  EXPECT_EQ(complaint(R"({"a":1})"), "a string or a number expected");
  EXPECT_EQ(complaint(R"([["a"]])"), "a string or a number expected");
  EXPECT_EQ(complaint("[null]"), "a string or a number expected");
}

TEST(ReadJsonArguments, RefusesWhatEndsTooEarly) {
  EXPECT_EQ(complaint("["), "the value ends too early");
  EXPECT_EQ(complaint(R"(["a)"), "the string is not closed");
  EXPECT_EQ(complaint(R"(["a")"), "\",\" or \"]\" expected");
  EXPECT_EQ(complaint(""), "the value ends too early");
}

TEST(ReadJsonArguments, RefusesATrailingComma) {
  EXPECT_EQ(complaint("[1,]"), "a string or a number expected");
}

TEST(ReadJsonArguments, RefusesTextBehindTheValue) {
  EXPECT_EQ(complaint("[1] [2]"), "text after the end of the value");
}

TEST(ReadJsonArguments, RefusesMalformedNumbers) {
  EXPECT_EQ(complaint("[01]"), "\",\" or \"]\" expected");
  EXPECT_EQ(complaint("[1.]"), "a digit expected after the point");
  EXPECT_EQ(complaint("[-]"), "a digit expected");
  EXPECT_EQ(complaint("[1e]"), "a digit expected in the exponent");
}

TEST(ReadJsonArguments, RefusesHalfASurrogatePair) {
  EXPECT_EQ(complaint(R"("\ud83d")"), "half of a surrogate pair");
  EXPECT_EQ(complaint(R"("\ud83dA")"), "half of a surrogate pair");
  EXPECT_EQ(complaint(R"("\udfff")"), "half of a surrogate pair");
}

TEST(ReadJsonArguments, RefusesANulCharacter) {
  EXPECT_EQ(complaint(R"("\u0000")"), "an argument cannot hold a NUL character");
}

TEST(ReadJsonArguments, RefusesRawControlCharacters) {
  EXPECT_THAT(complaint("\"a\nb\""), EndsWith("must be escaped"));
}

TEST(ReadJsonArguments, SaysWhereItStopped) {
  EXPECT_EQ(read_json_arguments("[1,x]").error().where, "byte 3");
}

}  // namespace
}  // namespace thaw::functions
