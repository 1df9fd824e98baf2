#include "trace/csv_fields.h"

#include <gtest/gtest.h>

#include "core/random.h"
#include "trace/compact_counts.h"
#include "trace/function_names.h"

namespace thaw {
namespace {

std::vector<std::string> fields_of(std::string_view line) {
  CsvSplitter splitter;
  EXPECT_TRUE(splitter.split(line));
  return {splitter.fields().begin(), splitter.fields().end()};
}

TEST(CsvSplitter, KeepsEmptyFields) {
  EXPECT_EQ(fields_of(",a,,"), (std::vector<std::string>{"", "a", "", ""}));
}

TEST(CsvSplitter, UndoesQuotes) {
  EXPECT_EQ(fields_of("\"a,b\",c,\"d\"\"e\",\"\""), (std::vector<std::string>{"a,b", "c", "d\"e", ""}));
}

TEST(CsvSplitter, KeepsAnEmptyFieldBehindAQuotedOne) {
  EXPECT_EQ(fields_of("\"a\","), (std::vector<std::string>{"a", ""}));
}

TEST(CsvSplitter, RefusesAnOpenQuote) { EXPECT_FALSE(CsvSplitter().split("a,\"b")); }

TEST(CsvSplitter, RefusesTextBehindAQuote) { EXPECT_FALSE(CsvSplitter().split("\"a\"b,c")); }

TEST(ParseField, RoundsLikeTheStandardLibrary) {
  RandomStream stream(1, "tests.parse_field");
  for (int i = 0; i < 20000; ++i) {
    const double value = stream.uniform() * std::pow(10, std::floor(20 * stream.uniform()) - 5);
    for (const std::string& text :
         {fmt::format("{}", value), fmt::format("{:.3f}", value), fmt::format("{:.0f}", value)}) {
      double expected = 0;
      std::from_chars(text.data(), text.data() + text.size(), expected);
      ASSERT_EQ(parse_field(text), expected) << text;
    }
  }
}

TEST(ParseField, TakesWhatNumbersLookLike) {
  EXPECT_EQ(parse_field("5."), 5);
  EXPECT_EQ(parse_field(".5"), 0.5);
  EXPECT_EQ(parse_field(" +3e4 "), 30000);
  EXPECT_EQ(parse_field("-0.25"), -0.25);
  EXPECT_EQ(parse_field("18446744073709551615"), 18446744073709551615.0);
  EXPECT_EQ(parse_field("00000000000000000000001"), 1);
}

TEST(ParseField, RefusesWhatIsNoNumber) {
  for (const char* text : {"", ".", "1,5", "0x10", "1e", "1 2", "--1", "a"})
    EXPECT_FALSE(parse_field(text)) << text;
}

TEST(CompactCounts, GivesBackWhatWasAdded) {
  RandomStream stream(1, "tests.compact_counts");
  CompactCounts counts;
  std::vector<std::vector<std::uint32_t>> rows(50, std::vector<std::uint32_t>(300));
  for (auto& row : rows) {
    counts.begin_row();
    for (std::uint32_t& count : row) {
      if (stream.uniform() < 0.3) count = static_cast<std::uint32_t>(std::pow(2, 32 * stream.uniform()) - 1);
      counts.add(count);
    }
    counts.end_row();
  }
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(counts.row(i, 300), rows[i]);
}

TEST(CompactCounts, ForgetsADroppedRow) {
  CompactCounts counts;
  counts.begin_row();
  counts.add(5);
  counts.end_row();
  counts.begin_row();
  counts.add(7);
  counts.drop_row();
  EXPECT_EQ(counts.rows(), 1U);
  EXPECT_EQ(counts.total(), 5U);
}

TEST(FunctionNames, FindsEachOfMany) {
  FunctionNames names;
  for (int i = 0; i < 10000; ++i) ASSERT_TRUE(names.add(fmt::format("function-{}", i)));
  EXPECT_FALSE(names.add("function-77"));
  for (FunctionIndex i = 0; i < 10000; ++i) {
    ASSERT_EQ(names.find(fmt::format("function-{}", i)), i);
    ASSERT_EQ(names.name(i), fmt::format("function-{}", i));
  }
  EXPECT_EQ(names.find("function-10000"), FunctionNames::none);
  EXPECT_EQ(names.find(""), FunctionNames::none);
}

}  // namespace
}  // namespace thaw
