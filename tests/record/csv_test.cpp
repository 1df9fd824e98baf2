#include "record/csv.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "core/random.h"

namespace thaw {
namespace {

using Record = std::vector<std::string>;
using testing::ElementsAre;
using testing::HasSubstr;

/// All records, or the error.
Result<std::vector<Record>> read_records(CsvReader reader) {
  std::vector<Record> records;
  for (;;) {
    THAW_TRY(const auto record, reader.next());
    if (!record) return records;
    records.emplace_back(record->begin(), record->end());
  }
}

Result<std::vector<Record>> records_of(std::string text, TornEnd torn_end = TornEnd::is_an_error) {
  return read_records(CsvReader::over(std::move(text), "file.csv", torn_end));
}

std::string place_of_error(std::string text) {
  const auto records = records_of(std::move(text));
  return records ? "no error" : records.error().where;
}

TEST(CsvLine, QuotesOnlyWhatNeedsIt) {
  CsvLine line;

  line.add("plain text").add("a,b").add("say \"hi\"").add("two\nlines").add("cr\r");

  EXPECT_EQ(line.finish(), "plain text,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\"cr\r\"\n");
}

TEST(CsvLine, WritesTheShortestNumberThatReadsBack) {
  CsvLine line;

  line.add(0.1).add(1e-9).add(std::int64_t{-7}).add(1234567.0).add(1.0 / 3);

  EXPECT_EQ(line.finish(), "0.1,1e-09,-7,1234567,0.3333333333333333\n");
}

TEST(CsvLine, LeavesMissingAndNonFiniteFieldsEmpty) {
  CsvLine line;

  line.add(std::numeric_limits<double>::quiet_NaN()).add_missing().add(INFINITY).add("");

  EXPECT_EQ(line.finish(), ",,,\n");
}

TEST(CsvLine, WritesALoneEmptyFieldSoThatItIsARecord) {
  CsvLine line;
  line.add("");

  const std::string text(line.finish());

  EXPECT_THAT(*records_of(text), ElementsAre(ElementsAre("")));
}

TEST(CsvLine, StartsAgainAfterFinish) {
  CsvLine line;
  line.add("first").finish();

  line.add("second");

  EXPECT_EQ(line.finish(), "second\n");
}

TEST(CsvReader, ReadsEmptyFieldsAtEveryPosition) {
  EXPECT_THAT(*records_of(",a,\n,,\n"), ElementsAre(ElementsAre("", "a", ""), ElementsAre("", "", "")));
}

TEST(CsvReader, ReadsALastRecordWithoutLineEnd) {
  EXPECT_THAT(*records_of("a,b\n1,"), ElementsAre(ElementsAre("a", "b"), ElementsAre("1", "")));
}

TEST(CsvReader, TakesLfCrlfAndCrAsLineEnds) {
  EXPECT_THAT(*records_of("a\nb\r\nc\rd"),
              ElementsAre(ElementsAre("a"), ElementsAre("b"), ElementsAre("c"), ElementsAre("d")));
}

TEST(CsvReader, SkipsLinesWithoutAnyCharacter) {
  EXPECT_THAT(*records_of("\n\r\na\n\n\nb\n\n"), ElementsAre(ElementsAre("a"), ElementsAre("b")));
}

TEST(CsvReader, SkipsAByteOrderMark) {
  EXPECT_THAT(*records_of("\xEF\xBB\xBFname\n"), ElementsAre(ElementsAre("name")));
}

TEST(CsvReader, KeepsLineBreaksAndSeparatorsInsideQuotes) {
  EXPECT_THAT(*records_of("\"a,\r\nb\",\"\"\n"), ElementsAre(ElementsAre("a,\r\nb", "")));
}

TEST(CsvReader, TurnsDoubledQuotesIntoOne) {
  EXPECT_THAT(*records_of("\"\"\"\",\"a\"\"\"\"b\"\n"), ElementsAre(ElementsAre("\"", "a\"\"b")));
}

TEST(CsvReader, CountsLinesInsideQuotes) {
  CsvReader reader = CsvReader::over("h\n\"1\n2\n3\"\nlast\n", "file.csv");

  ASSERT_TRUE(reader.next());
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.line(), 2);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.place(), "file.csv:5");
}

TEST(CsvReader, NamesTheLineOfAQuoteThatIsNeverClosed) {
  EXPECT_EQ(place_of_error("a,b\n1,\"open\n2,3\n"), "file.csv:2");
}

TEST(CsvReader, RefusesAQuoteInsideAnUnquotedField) {
  EXPECT_EQ(place_of_error("a\n\n5\" disk\n"), "file.csv:3");
}

TEST(CsvReader, RefusesTextBehindAClosingQuote) { EXPECT_EQ(place_of_error("a\n\"x\"y\n"), "file.csv:2"); }

TEST(CsvReader, DropsATornEndWhenToldTo) {
  EXPECT_THAT(*records_of("a,b\n1,2\n3,", TornEnd::is_dropped),
              ElementsAre(ElementsAre("a", "b"), ElementsAre("1", "2")));
}

TEST(CsvReader, DropsATornEndInsideQuotesThatHoldALineBreak) {
  EXPECT_THAT(*records_of("a,b\n1,\"two\n", TornEnd::is_dropped), ElementsAre(ElementsAre("a", "b")));
}

TEST(CsvReader, TellsWhereATornEndBegins) {
  CsvReader reader = CsvReader::over("a,b\n1,2\n3,", "file.csv", TornEnd::is_dropped);

  while (*reader.next()) continue;

  EXPECT_EQ(reader.end_offset(), 8);
  EXPECT_TRUE(reader.dropped_torn_end());
}

TEST(CsvReader, GivesAnEnvironmentErrorForAnAbsentFile) {
  const auto reader = CsvReader::open("/nonexistent/file.csv");

  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().kind, ErrorKind::environment);
}

/// A file whose records are longer and shorter than the reader's blocks.
class CsvFile : public testing::Test {
 protected:
  Path write(const std::string& text) {
    const Path path = folder_.path() / "file.csv";
    EXPECT_TRUE(write_file_atomically(path, text));
    return path;
  }
  TemporaryDirectory folder_ = *TemporaryDirectory::create("thaw-csv");
};

TEST_F(CsvFile, ReadsTheSameInBlocksAsInOnePiece) {
  std::string text = "\xEF\xBB\xBFname,value\r\n";
  RandomStream random(1, "csv test");
  while (text.size() < 5'000'000) {
    text +=
        "\"" + std::string(random.below(4000), 'x') + "\"\"\r\n" + std::string(random.below(3), '\n') + "\",";
    text += std::string(random.below(50), 'y') + (random.below(2) == 0 ? "\r\n" : "\r");
  }

  const auto in_blocks = read_records(*CsvReader::open(write(text)));

  ASSERT_TRUE(in_blocks);
  EXPECT_EQ(*in_blocks, *records_of(text));
}

TEST_F(CsvFile, ReadsARecordLongerThanSeveralBlocks) {
  const std::string huge(3'500'000, 'z');

  const auto records = read_records(*CsvReader::open(write("a,b\n" + huge + ",1\n2,3\n")));

  ASSERT_TRUE(records);
  EXPECT_THAT(*records, ElementsAre(ElementsAre("a", "b"), ElementsAre(huge, "1"), ElementsAre("2", "3")));
}

TEST_F(CsvFile, StopsAtARecordThatNeverEnds) {
  const auto records = read_records(*CsvReader::open(write("a\n\"" + std::string(70'000'000, 'z'))));

  ASSERT_FALSE(records);
  EXPECT_THAT(records.error().what, HasSubstr("is a quote left open?"));
}

TEST(ReadColumns, SeparatesNumbersFromText) {
  const auto columns = read_columns(CsvReader::over("n,t\n1,\n1e-3,x\n,2.5\n", "file.csv"));

  ASSERT_TRUE(columns);
  EXPECT_EQ(columns->rows, 3U);
  EXPECT_FALSE(columns->find("n")->has_text);
  EXPECT_DOUBLE_EQ(columns->find("n")->numbers[1], 1e-3);
  EXPECT_TRUE(std::isnan(columns->find("n")->numbers[2]));
  EXPECT_THAT(columns->find("t")->texts, ElementsAre("", "x", "2.5"));
}

TEST(ReadColumns, KeepsIdentifiersWithLeadingZerosAsText) {
  const auto columns = read_columns(CsvReader::over("id\n007\n8\n", "file.csv"));

  ASSERT_TRUE(columns);
  EXPECT_EQ(columns->find("id")->text(0), "007");
  EXPECT_EQ(columns->find("id")->text(1), "8");
}

TEST(ReadColumns, NamesTheLineOfARowWithTooFewFields) {
  const auto columns = read_columns(CsvReader::over("a,b\n1,2\n3\n", "file.csv"));

  ASSERT_FALSE(columns);
  EXPECT_EQ(columns.error().where, "file.csv:3");
}

TEST(ReadColumns, RefusesTwoColumnsOfOneName) {
  const auto columns = read_columns(CsvReader::over("a,a\n1,2\n", "file.csv"));

  ASSERT_FALSE(columns);
  EXPECT_THAT(columns.error().what, HasSubstr("two columns are called \"a\""));
}

TEST(ReadColumns, RefusesAFileWithoutHeader) { EXPECT_FALSE(read_columns(CsvReader::over("", "file.csv"))); }

std::string random_field(RandomStream& random) {
  static constexpr std::string_view alphabet = "ab1,\"\n\r \xC3\xA9";
  std::string text;
  for (std::size_t n = random.below(6); n > 0; --n) text += alphabet[random.below(alphabet.size())];
  return text;
}

TEST(CsvMutation, EveryWrittenTableReadsBackEqual) {
  RandomStream random(2, "csv test");
  for (int round = 0; round < 2000; ++round) {
    std::vector<Record> table(1 + random.below(4));
    const std::size_t width = 1 + random.below(4);
    std::string text;
    for (Record& record : table) {
      for (std::size_t i = 0; i < width; ++i) record.push_back(random_field(random));
      text += csv_line(record);
    }

    const auto records = records_of(text);

    ASSERT_TRUE(records) << text;
    ASSERT_EQ(*records, table) << text;
  }
}

TEST(CsvMutation, EveryBrokenTextGivesRecordsOrAPlacedError) {
  RandomStream random(3, "csv test");
  const std::string sound = "name,value,note\n\"a,b\",1,\"say \"\"x\"\"\"\r\n\"two\nlines\",2.5,\n";
  for (int round = 0; round < 20000; ++round) {
    std::string text = sound;
    for (std::size_t n = 1 + random.below(5); n > 0; --n) {
      const std::size_t at = random.below(text.size());
      switch (random.below(3)) {
        case 0:
          text[at] = static_cast<char>(random.below(256));
          break;
        case 1:
          text.erase(at, 1 + random.below(5));
          break;
        default:
          text.insert(at, 1, ",\"\n\r"[random.below(4)]);
          break;
      }
      if (text.empty()) text = "x";
    }

    const auto records = records_of(text);

    if (!records) {
      ASSERT_EQ(records.error().kind, ErrorKind::bad_input) << text;
      ASSERT_TRUE(records.error().where.starts_with("file.csv:")) << text;
    }
  }
}

TEST(CsvMutation, EveryCutTableReadsAsAPrefixOfItsRecords) {
  std::vector<Record> table;
  std::string text;
  RandomStream random(4, "csv test");
  for (int row = 0; row < 40; ++row) {
    table.push_back({random_field(random), "7", random_field(random)});
    text += csv_line(table.back());
  }
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const auto records = records_of(text.substr(0, cut), TornEnd::is_dropped);

    ASSERT_TRUE(records) << cut;
    ASSERT_LE(records->size(), table.size());
    ASSERT_TRUE(std::equal(records->begin(), records->end(), table.begin())) << cut;
  }
}

}  // namespace
}  // namespace thaw
