#include "record/table.h"

#include <gmock/gmock.h>

#include <cmath>

namespace thaw {
namespace {

Table sample() {
  Table table;
  table.columns = {{.key = "name", .align = Align::left},
                   {.key = "n"},
                   {.key = "median_s", .label = "median", .unit = "s"}};
  table.add({"true", 200, 0.000594});
  table.add({"sleep", 100, 0.01134});
  return table;
}

TEST(TableText, AlignsColumnsAndKeepsOneUnitForEach) {
  EXPECT_EQ(render(sample(), TableFormat::text),
            "name     n  median [ms]\n"
            "───────────────────────\n"
            "true   200        0.594\n"
            "sleep  100         11.3\n");
}

TEST(TableText, ShowsMissingValuesAsADash) {
  Table table = sample();
  table.add({"nope", Cell(), NAN});

  EXPECT_TRUE(render(table, TableFormat::text).ends_with("nope     -            -\n"));
}

TEST(TableText, PutsTitleAboveAndNotesBelow) {
  Table table = sample();
  table.title = "Times";
  table.notes = {"2 rows"};

  const std::string text = render(table, TableFormat::text);

  EXPECT_TRUE(text.starts_with("Times\nname "));
  EXPECT_TRUE(text.ends_with("11.3\n2 rows\n"));
}

TEST(TableText, ShowsWhatACellSaysItsPeopleSee) {
  Table table = sample();
  table.add({"odd", 1, Cell(FieldValue(2.0), "about 2 s")});

  EXPECT_THAT(render(table, TableFormat::text), testing::HasSubstr("about 2 s\n"));
}

TEST(TableText, ScalesBytesByPowersOf1024) {
  Table table;
  table.columns = {{.key = "max_rss_bytes", .label = "memory", .unit = "bytes"}};
  table.add({3 * 1024 * 1024});
  table.add({512 * 1024});

  EXPECT_EQ(render(table, TableFormat::text), "memory [MiB]\n────────────\n           3\n         0.5\n");
}

TEST(TableText, LinesUpTextOfAnyScript) {
  Table table;
  table.columns = {{.key = "k", .align = Align::left}, {.key = "v"}};
  table.add({"Größe", 1});
  table.add({"時間", 2});

  EXPECT_EQ(render(table, TableFormat::text), "k      v\n────────\nGröße  1\n時間   2\n");
}

TEST(TableText, CannotBeSteeredByControlCharacters) {
  Table table;
  table.columns = {{.key = "k", .align = Align::left}};
  table.add({"\x1b[2J\n\xC2\x9B"});

  EXPECT_TRUE(render(table, TableFormat::text).ends_with("\\x1b[2J\\n\\x9b\n"));
}

TEST(TableMarkdown, AlignsByTheRuleAndEscapesBars) {
  Table table = sample();
  table.rows[0][0] = "a|b";

  EXPECT_EQ(render(table, TableFormat::markdown),
            "| name | n | median [ms] |\n|---|---:|---:|\n| a\\|b | 200 | 0.594 |\n| sleep | 100 | 11.3 |\n");
}

TEST(TableCsv, HasKeysAndFullPrecision) {
  EXPECT_EQ(render(sample(), TableFormat::csv), "name,n,median_s\ntrue,200,0.000594\nsleep,100,0.01134\n");
}

TEST(TableJson, IsAListOfObjects) {
  EXPECT_EQ(to_json(sample()).dump(),
            R"([{"name":"true","n":200,"median_s":0.000594},{"name":"sleep","n":100,"median_s":0.01134}])");
}

TEST(TableNdjson, HasOneObjectOnEachLine) {
  EXPECT_EQ(render(sample(), TableFormat::ndjson),
            "{\"name\":\"true\",\"n\":200,\"median_s\":0.000594}\n"
            "{\"name\":\"sleep\",\"n\":100,\"median_s\":0.01134}\n");
}

TEST(TableJson, ReplacesBytesThatAreNotUtf8) {
  Table table;
  table.columns = {{.key = "k"}};
  table.add({"\xff"});

  EXPECT_EQ(render(table, TableFormat::ndjson), "{\"k\":\"\xEF\xBF\xBD\"}\n");
}

TEST(TableFormatName, IsSuggestedWhenMistyped) {
  const auto format = parse_table_format("jsn");

  ASSERT_FALSE(format);
  EXPECT_EQ(format.error().hint, "did you mean \"json\"?");
}

TEST(DisplayWidth, CountsColumnsNotBytes) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("é"), 1U);
  EXPECT_EQ(display_width("e\u0301"), 1U);
  EXPECT_EQ(display_width("日本"), 4U);
  EXPECT_EQ(display_width("\xff\xc3"), 2U);
}

}  // namespace
}  // namespace thaw
