#include "sim/sweep_record.h"

#include <gmock/gmock.h>

#include "sim/sweep_part.h"
#include "sim/sweeps.h"

namespace thaw {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::small_sweep;
using testing::SweepFolder;
using testing::whole_lines;

/// A finished sweep with rows of functions, and copies of it that have been damaged.
class SweepRecordTest : public ::testing::Test {
 protected:
  SweepRecordTest() {
    configuration_.per_function = true;
    folder_.run("whole", configuration_);
  }

  std::vector<std::string> lines(const std::string& file) const {
    return whole_lines(folder_.text("whole", file));
  }

  /// Copies the record to "copy", with another text in one of its files.
  void copy_with(const std::string& file, const std::string& text) {
    std::filesystem::copy(folder_.path("whole"), folder_.path("copy"));
    folder_.write("copy", file, text);
  }

  /// Resumes the copy; the numbers of the points that were simulated again.
  std::vector<std::uint64_t> resume() {
    auto record = folder_.reopen("copy");
    if (!record) {
      ADD_FAILURE() << record.error().what;
      return {};
    }
    const auto missing = record->missing();
    SweepFolder::complete(*record);
    return missing;
  }

  void expect_whole() const {
    for (const char* file : {"samples.csv", "functions.csv"}) {
      EXPECT_EQ(folder_.text("copy", file), folder_.text("whole", file)) << file;
    }
  }

  SweepFolder folder_;
  SweepConfiguration configuration_ = small_sweep();
};

std::string joined(const std::vector<std::string>& lines) { return join(lines, ""); }

TEST_F(SweepRecordTest, SortsItsRowsByPoint) {
  auto rows = lines("samples.csv");
  std::reverse(rows.begin() + 1, rows.end());
  copy_with("samples.csv", joined(rows));
  EXPECT_THAT(resume(), ElementsAre());
  expect_whole();
}

TEST_F(SweepRecordTest, SimulatesAMissingPointAgain) {
  auto rows = lines("samples.csv");
  rows.erase(rows.begin() + 4);
  copy_with("samples.csv", joined(rows));
  EXPECT_THAT(resume(), ElementsAre(3));
  expect_whole();
}

TEST_F(SweepRecordTest, CutsOffATornRow) {
  const std::string text = folder_.text("whole", "samples.csv");
  copy_with("samples.csv", text.substr(0, text.size() - 5));
  EXPECT_THAT(resume(), ElementsAre(7));
  expect_whole();
}

TEST_F(SweepRecordTest, WritesThePointAgainWhoseFunctionsAreIncomplete) {
  auto rows = lines("functions.csv");
  rows.resize(rows.size() - 3);
  copy_with("functions.csv", joined(rows));
  EXPECT_THAT(resume(), ElementsAre(7));
  expect_whole();
}

TEST_F(SweepRecordTest, DropsWhatWasWrittenOfAPointThatWasNotFinished) {
  // The program was killed within the functions of point 2; the points after it were written later.
  const auto rows = lines("functions.csv");
  std::vector<std::string> written(rows.begin(), rows.begin() + 41);
  written.insert(written.end(), rows.begin() + 41, rows.begin() + 48);
  written.insert(written.end(), rows.begin() + 61, rows.end());
  written.insert(written.end(), rows.begin() + 41, rows.begin() + 61);
  copy_with("functions.csv", joined(written));
  EXPECT_THAT(resume(), ElementsAre());
  expect_whole();
}

TEST_F(SweepRecordTest, RefusesARowOfAnotherPointWithItsLine) {
  auto rows = lines("samples.csv");
  rows[2].replace(rows[2].find(",rand,"), 6, ",gd,");
  copy_with("samples.csv", joined(rows));
  const auto record = folder_.reopen("copy");
  ASSERT_FALSE(record);
  EXPECT_EQ(record.error().kind, ErrorKind::bad_input);
  EXPECT_THAT(record.error().where, HasSubstr("samples.csv:3"));
  EXPECT_THAT(record.error().what, HasSubstr("policy of point 1 must be \"rand\""));
}

TEST_F(SweepRecordTest, RefusesANumberThatIsNone) {
  auto rows = lines("samples.csv");
  rows[5].replace(rows[5].find("17808"), 5, "1780x");
  copy_with("samples.csv", joined(rows));
  const auto record = folder_.reopen("copy");
  ASSERT_FALSE(record);
  EXPECT_THAT(record.error().where, HasSubstr("samples.csv:6"));
  EXPECT_EQ(record.error().what, "invocations must be integer; it is \"1780x\"");
}

TEST_F(SweepRecordTest, RefusesAPointThatIsNotOfTheSweep) {
  auto rows = lines("functions.csv");
  rows[7].replace(0, 1, "88");
  copy_with("functions.csv", joined(rows));
  const auto record = folder_.reopen("copy");
  ASSERT_FALSE(record);
  EXPECT_THAT(record.error().where, HasSubstr("functions.csv:8"));
}

TEST_F(SweepRecordTest, RefusesTheColumnsOfAnotherVersion) {
  auto rows = lines("samples.csv");
  rows[0].replace(rows[0].find("policy"), 6, "scheme");
  copy_with("samples.csv", joined(rows));
  EXPECT_EQ(folder_.reopen("copy").error().kind, ErrorKind::bad_input);
}

TEST_F(SweepRecordTest, IsWrittenByOneProgramAtATime) {
  const SweepRecord held = folder_.create("held", configuration_);
  const auto other = folder_.reopen("held");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, ErrorKind::environment);
  EXPECT_THAT(other.error().what, HasSubstr("another program is writing this record"));
}

TEST_F(SweepRecordTest, WarnsWhenAnotherVersionContinuesIt) {
  copy_with("samples.csv", joined({lines("samples.csv").front()}));
  EXPECT_THAT(folder_.reopen("copy", "1").value().warnings(), ElementsAre());
  EXPECT_THAT(folder_.reopen("copy", "2").value().warnings(), ElementsAre(HasSubstr("begun by thaw 1")));
}

TEST_F(SweepRecordTest, TellsWhoContinuedIt) {
  copy_with("samples.csv", joined({lines("samples.csv").front()}));
  resume();
  EXPECT_THAT(folder_.text("copy", "run.json"), HasSubstr("\"launches\": [\n    {"));
}

TEST_F(SweepRecordTest, TakesInPartsThatWereComputedElsewhere) {
  { const SweepRecord record = folder_.create("copy", configuration_); }
  for (const std::uint64_t number : {3, 1, 2}) {
    const KnownSweep known = read_sweep(folder_.path("copy")).value();
    ASSERT_TRUE(run_part_of_sweep(known, {number, 3}, {.workers = 1}, system_clock()));
  }
  EXPECT_THAT(resume(), ElementsAre());
  expect_whole();
  EXPECT_FALSE(std::filesystem::exists(parts_folder(folder_.path("copy"))));
}

TEST_F(SweepRecordTest, OfSomethingElseIsRefused) {
  std::filesystem::create_directory(folder_.path("other"));
  folder_.write("other", "run.json", R"({"schema": "thaw.run/1", "command": "bench", "configuration": {}})");
  EXPECT_EQ(folder_.reopen("other").error().kind, ErrorKind::bad_input);
}

TEST_F(SweepRecordTest, ShowsItsRowsWithTheirTimingsBeforeTheTrace) {
  const auto record = folder_.reopen("whole");
  const Table table = record->table(true).value();
  ASSERT_EQ(table.rows.size(), 8U);
  std::vector<std::string> keys;
  for (const auto& column : table.columns) keys.push_back(column.key);
  EXPECT_EQ(keys.front(), "policy");
  const auto identity = std::find(keys.begin(), keys.end(), "trace");
  EXPECT_THAT(std::vector(identity - 3, identity + 3),
              ElementsAre("slowdown_p99", "wall_s", "invocations_per_s", "trace", "functions", "seed"));
}

TEST(SweepPart, DividesPointsWithoutGapOrOverlap) {
  std::uint64_t next = 0;
  for (std::uint64_t number = 1; number <= 7; ++number) {
    const SweepPart part{number, 7};
    EXPECT_EQ(part.first(100), next);
    next = part.end(100);
  }
  EXPECT_EQ(next, 100U);
}

TEST(SweepPart, IsReadFromItsText) {
  EXPECT_EQ(parse_part("3/10").value().number, 3U);
  for (const char* text : {"", "3", "0/3", "4/3", "a/b", "1/0"}) EXPECT_FALSE(parse_part(text)) << text;
}

TEST_F(SweepRecordTest, LeavesTheErrorOfAPartForWhoeverWaitsForIt) {
  configuration_.axes.traces = {"/absent"};
  { const SweepRecord record = folder_.create("copy", configuration_); }
  const KnownSweep known = read_sweep(folder_.path("copy")).value();
  EXPECT_FALSE(run_part_of_sweep(known, {1, 1}, {.workers = 1}, system_clock()));
  const auto error = error_of_part(folder_.path("copy"), {1, 1});
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, ErrorKind::environment);
  EXPECT_EQ(error->where, "/absent");
}

}  // namespace
}  // namespace thaw
