#include "record/field_table.h"

#include <gmock/gmock.h>

#include <array>
#include <cmath>

namespace thaw {
namespace {

struct Probe {
  std::string name;
  std::optional<double> value;
};

constexpr std::array<Field<Probe>, 2> probe_fields{{
    {"name", "", FieldType::text, "What it is | called", [](const Probe& p) { return FieldValue(p.name); }},
    {"value_s", "s", FieldType::number, "How long it took", [](const Probe& p) { return maybe(p.value); }},
}};
const FieldTable<Probe> table = probe_fields;

TEST(FieldTable, MakesAJsonObjectInItsOrder) {
  EXPECT_EQ(to_json(table, Probe{"x", 0.25}).dump(), R"({"name":"x","value_s":0.25})");
}

TEST(FieldTable, MakesMissingNullInJson) {
  EXPECT_EQ(to_json(table, Probe{"x", {}}).dump(), R"({"name":"x","value_s":null})");
}

TEST(FieldTable, MakesNonFiniteNumbersNullInJson) {
  EXPECT_EQ(to_json(table, Probe{"x", NAN}).dump(), R"({"name":"x","value_s":null})");
}

TEST(FieldTable, MakesACsvRow) {
  CsvLine line;

  add_fields(line, table, Probe{"a,b", 0.25});

  EXPECT_EQ(line.finish(), "\"a,b\",0.25\n");
}

TEST(FieldTable, MakesMissingEmptyInCsv) {
  CsvLine line;

  add_fields(line, table, Probe{"a", {}});

  EXPECT_EQ(line.finish(), "a,\n");
}

TEST(FieldTable, MakesAPageWithEscapedBars) {
  const FormatPage page{"probe.md", "Probes", {{"Fields", "Prose.", describe(table)}}};

  EXPECT_EQ(to_markdown(page),
            "# Probes\n\n## Fields\n\nProse.\n\n"
            "| field | unit | type | meaning |\n|---|---|---|---|\n"
            "| `name` |  | text | What it is \\| called |\n"
            "| `value_s` | s | number | How long it took |\n");
}

TEST(FieldValue, KeepsIntegersExactInText) {
  EXPECT_EQ(to_text(FieldValue(std::int64_t{9007199254740993})), "9007199254740993");
}

TEST(FieldValue, WritesObjectsAsCompactJson) {
  EXPECT_EQ(to_text(FieldValue(nlohmann::ordered_json{{"a", 1}})), R"({"a":1})");
}

}  // namespace
}  // namespace thaw
