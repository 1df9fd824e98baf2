#include "document/document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>

#include "core/random.h"

namespace thaw {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

DocumentNode parsed(std::string_view text) {
  auto document = parse_document(text, "file.yaml");
  EXPECT_TRUE(document) << (document ? "" : render(document.error()));
  return document.value_or(DocumentNode{});
}

Error complaint(std::string_view text) {
  const auto document = parse_document(text, "file.yaml");
  EXPECT_FALSE(document) << "no complaint about: " << text;
  return document ? Error{} : document.error();
}

/// A folder with the files of one test.
class Files {
 public:
  void write(const std::string& name, std::string_view text) const {
    std::filesystem::create_directories((folder_.path() / name).parent_path());
    std::ofstream(folder_.path() / name) << text;
  }
  [[nodiscard]] Path path(const std::string& name) const { return folder_.path() / name; }
  [[nodiscard]] Result<DocumentNode> read(const std::string& name) const {
    return read_document_with_includes(path(name));
  }

 private:
  TemporaryDirectory folder_ = *TemporaryDirectory::create("thaw-document-test");
};

TEST(Document, KeepsTheOrderAndTheTextOfEntries) {
  const DocumentNode document = parsed("b: 1.50\na: [x, 'y z']\n");

  ASSERT_EQ(document.entries().size(), 2U);
  EXPECT_EQ(document.entries()[0].key, "b");
  EXPECT_EQ(document.entries()[0].value.text(), "1.50");
  EXPECT_THAT(*document.find("a")->strings(), ElementsAre("x", "y z"));
}

TEST(Document, ReadsJsonAsItReadsYaml) {
  const DocumentNode document =
      parsed(R"({"run":"a \"b\" \u00e9\/","list":[1,true,null],"deep":{"x":-2.5e3}})");

  EXPECT_EQ(document.find("run")->text(), "a \"b\" é/");
  EXPECT_EQ(document.find("list")->items().size(), 3U);
  EXPECT_TRUE(document.find("list")->items()[2].is_null());
  EXPECT_DOUBLE_EQ(*document.find("deep")->find("x")->number(), -2500);
}

TEST(Document, JoinsTheTwoHalvesOfACharacterInJson) {
  EXPECT_EQ(parsed(R"({"face":"\ud83d\ude00","path":"C:\\ud83d"})").find("face")->text(), "😀");
  EXPECT_EQ(parsed(R"({"face":"\ud83d\ude00","path":"C:\\ud83d"})").find("path")->text(), "C:\\ud83d");
}

TEST(Document, KnowsLineAndColumnOfEveryNode) {
  const DocumentNode document = parsed("a:\n  - one\n  -   deep: 2\n");

  EXPECT_EQ(document.find("a")->items()[0].place(), "file.yaml:2:5");
  EXPECT_EQ(document.find("a")->items()[1].find("deep")->place(), "file.yaml:3:13");
  EXPECT_EQ(document.find("a")->items()[1].entries()[0].place(), "file.yaml:3:7");
}

TEST(Document, GivesLineAndColumnOfMalformedText) {
  const Error error = complaint("a: 1\nb: [1, 2\nc: 3\n");

  EXPECT_EQ(error.kind, ErrorKind::bad_usage);
  EXPECT_THAT(error.where, HasSubstr("file.yaml:3"));
  EXPECT_THAT(error.what, HasSubstr("malformed"));
}

TEST(Document, RefusesAKeyGivenTwice) {
  const Error error = complaint("run: a\nreset: b\nrun: c\n");

  EXPECT_EQ(error.what, "key 'run' is given twice");
  EXPECT_EQ(error.where, "file.yaml:3:1");
}

TEST(Document, RefusesASecondDocument) {
  EXPECT_THAT(complaint("a: 1\n---\nb: 2\n").what, HasSubstr("more than one"));
}

TEST(Document, RefusesControlCharactersThatWouldCutTheText) {
  EXPECT_EQ(complaint(std::string_view("a: 1\nb: x\x04 y\n")).where, "file.yaml:2:5");
}

TEST(Document, RefusesBytesThatAreNotUtf8) {
  EXPECT_THAT(complaint("a: \xc3\x28\n").what, HasSubstr("not UTF-8"));
}

TEST(Document, RefusesAnAliasBomb) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    bomb += fmt::format(
        "a{0}: &a{0} [*a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}]\n", i, i - 1);
  }

  EXPECT_THAT(complaint(bomb).what, HasSubstr("more than a million"));
}

TEST(Document, RefusesAnAliasInsideTheValueThatItNames) {
  EXPECT_THAT(complaint("a: &a [1, *a]\n").what, HasSubstr("alias inside"));
}

TEST(Document, ReadsMergeKeysBehindItsOwnEntries) {
  const DocumentNode document = parsed("base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  y: 3\n");

  EXPECT_THAT(*document.find("use")->string_map(), ElementsAre(Pair("y", "3"), Pair("x", "1")));
}

TEST(Document, ReadsAnEmptyTextAsNothing) { EXPECT_TRUE(parsed("# only a remark\n").is_null()); }

TEST(DocumentNode, ReadsTruthValuesOfBothYamlVersions) {
  EXPECT_TRUE(*parsed("x: Yes").find("x")->boolean());
  EXPECT_FALSE(*parsed("x: off").find("x")->boolean());
  EXPECT_FALSE(parsed("x: maybe").find("x")->boolean());
}

TEST(DocumentNode, SaysWhatWasFoundInsteadOfANumber) {
  const auto number = parsed("timeout: soon").find("timeout")->number();

  ASSERT_FALSE(number);
  EXPECT_EQ(number.error().what, "expected a number, found \"soon\"");
  EXPECT_EQ(number.error().where, "file.yaml:1:10");
}

TEST(DocumentNode, ReadsOneScalarAsAListOfOne) {
  EXPECT_THAT(*parsed("x: local").find("x")->strings(), ElementsAre("local"));
}

TEST(DocumentNode, WritesJsonThatReadsBackToItself) {
  const std::string json = R"({"a": [1, -2.5, "1", "x \"y\"", null, true, "007"], "b": {"c": ""}})";

  EXPECT_EQ(parsed(json).to_json(), json);
  EXPECT_EQ(parsed("x: 007").to_json(), R"({"x": "007"})");
}

TEST(CheckKeys, NamesTheUnknownKeyItsPlaceAndTheNearestOne) {
  constexpr std::array<std::string_view, 3> allowed = {"repeats", "timeout", "args"};

  const auto checked = check_keys(parsed("timeout: 3\nrepeets: 5\n"), allowed);

  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().what, "unknown key 'repeets'");
  EXPECT_EQ(checked.error().where, "file.yaml:2:1");
  EXPECT_THAT(checked.error().hint, HasSubstr("repeats"));
}

TEST(MergeDocuments, ReplacesScalarsJoinsListsAndMergesMaps) {
  const auto merged =
      merge_documents(parsed("a: 1\nl: [x]\nm: {p: 1, q: 2}\n"), parsed("a: 2\nl: [y]\nm: {q: 3}\n"));

  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->to_json(), R"({"a": 2, "l": ["x", "y"], "m": {"p": 1, "q": 3}})");
}

TEST(MergeDocuments, RefusesAListOverAMap) {
  const auto merged = merge_documents(parsed("metrics: {a: 1}\n"), parsed("metrics: [a]\n"));

  ASSERT_FALSE(merged);
  EXPECT_EQ(merged.error().what, "a list cannot be merged with a map");
  EXPECT_EQ(merged.error().where, "file.yaml:1:10");
}

TEST(Include, LaysTheFileOnThoseThatItIncludes) {
  const Files files;
  files.write("sub/base.yaml", "include: [deep.yaml]\na: base\nl: [2]\n");
  files.write("sub/deep.yaml", "a: deep\nb: deep\nl: [1]\n");
  files.write("top.yaml", "include: [sub/base.yaml]\na: top\nl: [3]\n");

  const auto document = files.read("top.yaml");

  ASSERT_TRUE(document) << render(document.error());
  EXPECT_EQ(document->to_json(), R"({"a": "top", "b": "deep", "l": [1, 2, 3]})");
}

TEST(Include, RefusesACycle) {
  const Files files;
  files.write("a.yaml", "include: [b.yaml]\n");
  files.write("b.yaml", "include: [a.yaml]\n");

  const auto document = files.read("a.yaml");

  ASSERT_FALSE(document);
  EXPECT_THAT(document.error().what, HasSubstr("includes itself"));
  EXPECT_THAT(document.error().where, HasSubstr("b.yaml:1:11"));
}

TEST(Include, RefusesNestingWithoutEnd) {
  const Files files;
  for (int i = 0; i < 20; ++i) {
    files.write(fmt::format("{}.yaml", i), fmt::format("include: [{}.yaml]\n", i + 1));
  }
  files.write("20.yaml", "a: 1\n");

  EXPECT_THAT(files.read("0.yaml").error().what, HasSubstr("more than 16 levels"));
  EXPECT_TRUE(files.read("10.yaml"));
}

TEST(Include, RefusesAMissingFile) {
  const Files files;
  files.write("a.yaml", "x: 1\ninclude:\n  - nowhere.yaml\n");

  const auto document = files.read("a.yaml");

  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().what, "included file \"nowhere.yaml\" does not exist");
  EXPECT_THAT(document.error().where, HasSubstr("a.yaml:3:5"));
}

TEST(Include, RefusesAFileThatIsNoMap) {
  const Files files;
  files.write("a.yaml", "include: [b.yaml]\n");
  files.write("b.yaml", "- 1\n- 2\n");

  EXPECT_THAT(files.read("a.yaml").error().what, HasSubstr("must be a map, found a list"));
}

TEST(Include, RefusesAnIncludeThatIsNoList) {
  const Files files;
  files.write("a.yaml", "include: b.yaml\n");
  files.write("b.yaml", "x: 1\n");

  EXPECT_THAT(files.read("a.yaml").error().what, HasSubstr("include must be a list"));
}

TEST(Document, NeverCrashesOnDamagedText) {
  const std::string seed_text =
      "backend_options:\n  perf: &p\n    run: [perf, \"$CMD\", '$ARGS']\n    reset: |\n      a\n      b\n  "
      "q: *p\n"
      "metrics: {x: {extract: 'grep a', lower_is_better: true}} # end\n? [a]\n: - 1\n";
  constexpr std::string_view signs = "{}[]:-,&*!|>'\"%@`#?\n\t \\0a\x01\xff";
  std::size_t complaints = 0;
  for (std::uint64_t round = 0; round < 4000; ++round) {
    RandomStream random(1, "document_test", round);
    std::string text = seed_text;
    for (std::uint64_t edits = 1 + random.below(6); edits > 0; --edits) {
      const auto at = static_cast<std::size_t>(random.below(text.size()));
      const char sign = signs[static_cast<std::size_t>(random.below(signs.size()))];
      if (random.below(3) == 0) {
        text.erase(at, 1 + static_cast<std::size_t>(random.below(5)));
      } else if (random.below(2) == 0) {
        text.insert(at, 1, sign);
      } else {
        text[at] = sign;
      }
    }
    const auto document = parse_document(text, "damaged.yaml");
    if (document) {
      EXPECT_TRUE(parse_document(document->to_json(), "again.json")) << text;
    } else {
      ++complaints;
      EXPECT_THAT(document.error().where, HasSubstr("damaged.yaml")) << text;
    }
  }
  EXPECT_GT(complaints, 100U);
}

}  // namespace
}  // namespace thaw
