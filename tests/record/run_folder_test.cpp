#include "record/run_folder.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "core/text.h"

namespace thaw {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const WallTime nine_o_clock = *parse_utc("2026-11-21T09:06:15.000000042Z");
const std::vector<std::string> header = {"a", "b"};

class RunFolderTest : public testing::Test {
 protected:
  RunPlace place(std::string task = "sleep") {
    return {.root = root(), .task = std::move(task), .started = nine_o_clock};
  }
  Path root() { return temporary_.path() / "runs"; }
  std::string content(const Path& path) { return read_file(path).value_or("(unreadable)"); }
  void write(const Path& path, std::string_view text) { std::ofstream(path) << text; }

  TemporaryDirectory temporary_ = *TemporaryDirectory::create("thaw-run-folder");
};

SampleRow row(std::int64_t repetition) {
  SampleRow row{
      .launch_id = "a0000001", .repetition = repetition, .started_at = nine_o_clock, .status = "ok"};
  row.outer_time = 1234567ns;
  row.exit_code = 0;
  return row;
}

TEST_F(RunFolderTest, IsNamedByExperimentTaskAndTime) {
  const auto folder = RunFolder::create(place());

  ASSERT_TRUE(folder);
  EXPECT_EQ(folder->path(), root() / "misc" / "sleep-20261121T090615Z");
}

TEST_F(RunFolderTest, GetsASuffixWhenTheNameIsTaken) {
  ASSERT_TRUE(RunFolder::create(place()));

  const auto second = RunFolder::create(place());

  ASSERT_TRUE(second);
  EXPECT_EQ(second->path().filename(), "sleep-20261121T090615Z-2");
}

TEST_F(RunFolderTest, IsWhereLatestPoints) {
  ASSERT_TRUE(RunFolder::create(place("first")));
  const auto second = RunFolder::create(place("second"));

  EXPECT_EQ(std::filesystem::read_symlink(root() / "misc" / "latest"), second->path().filename());
}

TEST_F(RunFolderTest, LeavesAFolderCalledLatestAlone) {
  std::filesystem::create_directories(root() / "misc" / "latest");

  EXPECT_TRUE(RunFolder::create(place()));
  EXPECT_FALSE(std::filesystem::is_symlink(root() / "misc" / "latest"));
}

TEST_F(RunFolderTest, StaysInsideItsRootWhateverTheTaskIsCalled) {
  const auto folder = RunFolder::create(place("../../etc/.."));

  ASSERT_TRUE(folder);
  EXPECT_EQ(folder->path().parent_path(), root() / "misc");
}

TEST_F(RunFolderTest, RefusesAnExactFolderThatHoldsARun) {
  RunPlace exact = place();
  exact.folder = temporary_.path() / "out";
  ASSERT_TRUE(RunFolder::create(exact)->write({}));

  const auto again = RunFolder::create(exact);

  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::bad_usage);
  EXPECT_THAT(again.error().hint, HasSubstr("--append"));
}

TEST_F(RunFolderTest, SaysWhyItCannotBeCreated) {
  write(temporary_.path() / "file", "");
  RunPlace blocked = place();
  blocked.root = temporary_.path() / "file";

  const auto folder = RunFolder::create(blocked);

  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().kind, ErrorKind::environment);
  EXPECT_THAT(folder.error().hint, HasSubstr("-o DIR"));
}

TEST_F(RunFolderTest, ReadsBackWhatWasWritten) {
  const RunFolder folder = *RunFolder::create(place());
  const std::vector<SampleColumn> metrics = {{.name = "inner_time", .unit = "s"}, {.name = "host"}};
  RunDocument document{.id = "a0000001", .command = "bench", .task = "sleep", .started = nine_o_clock};
  document.columns = describe_columns(metrics);
  SampleWriter samples = *folder.samples(metrics);
  SampleRow first = row(1);
  first.metrics = {FieldValue(0.125), FieldValue(std::string("node,1"))};
  SampleRow second = row(2);
  second.metrics = {FieldValue(), FieldValue(std::string("node2"))};

  ASSERT_TRUE(samples.append(first));
  ASSERT_TRUE(samples.append(second));
  ASSERT_TRUE(folder.write(document));
  const auto run = read_run(folder.path());

  ASSERT_TRUE(run) << run.error().what;
  EXPECT_EQ(run->document["status"], "running");
  EXPECT_EQ(run->document["started"], "2026-11-21T09:06:15.000000042Z");
  EXPECT_TRUE(run->document["ended"].is_null());
  EXPECT_EQ(run->samples.rows, 2U);
  EXPECT_DOUBLE_EQ(run->samples.find("outer_time_s")->numbers[0], 0.001234567);
  EXPECT_EQ(run->samples.find("inner_time")->text(1), "");
  EXPECT_EQ(run->samples.find("host")->text(0), "node,1");
}

TEST_F(RunFolderTest, KeepsNanosecondsExactInRows) {
  const RunFolder folder = *RunFolder::create(place());
  ASSERT_TRUE(folder.samples({})->append(row(1)));

  EXPECT_THAT(content(folder.path() / "samples.csv"),
              HasSubstr("\na0000001,1,0,2026-11-21T09:06:15.000000042Z,0.001234567,,,,0,ok,,,,,,\n"));
}

TEST_F(RunFolderTest, ReplacesRunJsonAsAWhole) {
  const RunFolder folder = *RunFolder::create(place());
  RunDocument document;
  ASSERT_TRUE(folder.write(document));
  document.status = RunStatus::completed;
  document.ended = nine_o_clock + 1500ms;
  document.started = nine_o_clock;

  ASSERT_TRUE(folder.write(document));

  EXPECT_EQ(read_run(folder.path())->document["status"], "completed");
  EXPECT_EQ(read_run(folder.path())->document["duration_s"], 1.5);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "run.json.tmp"));
}

TEST_F(RunFolderTest, KeepsNoSecretWhereverItStands) {
  const RunFolder folder = *RunFolder::create(place());
  RunDocument document{.command_line = {"thaw", "bench", "--", "x", "--password=hunter2"}};
  document.configuration = {{"env", {{"API_TOKEN", "hunter2"}}}};
  document.summary = {{"command", {"x", "--password=hunter2"}}};
  document.warnings = {"cannot reach https://me:hunter2@host"};

  ASSERT_TRUE(folder.write(document));

  EXPECT_THAT(content(folder.path() / "run.json"), testing::Not(HasSubstr("hunter2")));
}

TEST_F(RunFolderTest, RefusesAMetricNamedLikeAFixedColumn) {
  const RunFolder folder = *RunFolder::create(place());
  const std::vector<SampleColumn> metrics = {{.name = "signal"}};

  const auto samples = folder.samples(metrics);

  ASSERT_FALSE(samples);
  EXPECT_THAT(samples.error().what, HasSubstr("\"signal\""));
}

TEST_F(RunFolderTest, CanBeReadByThePathOfItsRunJson) {
  const RunFolder folder = *RunFolder::create(place());
  ASSERT_TRUE(folder.write({}));

  EXPECT_TRUE(read_run(folder.path() / "run.json"));
}

TEST_F(RunFolderTest, CannotBeReopenedWhereThereIsNoRun) {
  EXPECT_FALSE(RunFolder::reopen(temporary_.path()));
}

TEST_F(RunFolderTest, NamesLineAndColumnOfABrokenRunJson) {
  write(temporary_.path() / "run.json", "{\n  \"schema\": oops\n}\n");

  const auto run = read_run(temporary_.path());

  ASSERT_FALSE(run);
  EXPECT_TRUE(run.error().where.ends_with("run.json:2:13")) << run.error().where;
}

TEST_F(RunFolderTest, RefusesJsonThatIsNoRecord) {
  write(temporary_.path() / "run.json", "{\"results\": []}");

  EXPECT_THAT(read_run(temporary_.path()).error().what, HasSubstr("not a record"));
}

TEST_F(RunFolderTest, KeepsEveryFinishedRowWhenTheProgramIsKilled) {
  const RunFolder folder = *RunFolder::create(place());
  const pid_t child = ::fork();
  if (child == 0) {
    auto samples = folder.samples({});
    for (int i = 1; i <= 100; ++i) (void)samples->append(row(i));
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);

  ASSERT_TRUE(WIFSIGNALED(status));
  const auto columns = read_columns(*CsvReader::open(folder.path() / "samples.csv"));
  EXPECT_EQ(columns->rows, 100U);
}

class RowFileTest : public RunFolderTest {
 protected:
  Path file() { return temporary_.path() / "rows.csv"; }
};

TEST_F(RowFileTest, WritesTheHeaderOnce) {
  ASSERT_TRUE(RowFile::open(file(), header)->append("1,2\n"));
  ASSERT_TRUE(RowFile::open(file(), header)->append("3,4\n"));

  EXPECT_EQ(content(file()), "a,b\n1,2\n3,4\n");
}

TEST_F(RowFileTest, CutsOffATornRowBeforeContinuing) {
  write(file(), "a,b\n1,2\n3,\"tor\nn");

  auto rows = RowFile::open(file(), header);

  ASSERT_TRUE(rows);
  EXPECT_TRUE(rows->dropped_torn_row());
  ASSERT_TRUE(rows->append("5,6\n"));
  EXPECT_EQ(content(file()), "a,b\n1,2\n5,6\n");
}

TEST_F(RowFileTest, RepeatsATornHeader) {
  write(file(), "a,");

  ASSERT_TRUE(RowFile::open(file(), header));

  EXPECT_EQ(content(file()), "a,b\n");
}

TEST_F(RowFileTest, RefusesToContinueUnderAnotherHeader) {
  write(file(), "a,c\n1,2\n");

  const auto rows = RowFile::open(file(), header);

  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(rows.error().what, "column 2 of the file is \"c\", of the new rows \"b\"");
}

TEST_F(RowFileTest, RefusesToContinueAMalformedFile) {
  write(file(), "a,b\n1,2\n1\n3,4\n");

  const auto rows = RowFile::open(file(), header);

  ASSERT_FALSE(rows);
  EXPECT_TRUE(rows.error().where.ends_with("rows.csv:3"));
}

TEST_F(RowFileTest, IsWrittenByOneProgramAtATime) {
  const auto first = RowFile::open(file(), header);
  ASSERT_TRUE(first);

  const auto second = RowFile::open(file(), header);

  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().what, HasSubstr("another program is writing"));
}

TEST_F(RowFileTest, KeepsWholeRowsWhenTheDiskIsFull) {
  // A limit on file size stands for the full disk: the kernel writes a part of the row, then refuses.
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{20, 20};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    auto rows = RowFile::open(file(), header);
    int written = 0;
    Result<> result;
    while (written < 100 && (result = rows->append("1,2345\n"))) ++written;
    const bool advises = !result && result.error().kind == ErrorKind::environment &&
                         result.error().hint.find("rows before this one are kept") != std::string::npos;
    ::_exit(advises ? written : 100);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);

  EXPECT_EQ(WEXITSTATUS(status), 2);
  EXPECT_EQ(content(file()), "a,b\n1,2345\n1,2345\n");
}

TEST_F(RowFileTest, SyncsEveryRowWhenAskedTo) {
  auto rows = RowFile::open(file(), header, SyncPolicy::every_row);

  EXPECT_TRUE(rows->append("1,2\n"));
  EXPECT_TRUE(rows->finish());
}

TEST(FolderName, KeepsTheLastComponentOfAPath) { EXPECT_EQ(folder_name_for("/usr/bin/true"), "true"); }
TEST(FolderName, ReplacesWhatIsUnsafe) { EXPECT_EQ(folder_name_for("a b*ü"), "a_b___"); }
TEST(FolderName, IsNeverHiddenOrEmpty) {
  EXPECT_EQ(folder_name_for("..."), "run");
  EXPECT_EQ(folder_name_for(".x"), "x");
}

TEST(LaunchId, IsEightHexDigitsThatStartWithALetter) {
  const std::string id = make_launch_id(nine_o_clock);

  EXPECT_EQ(id.size(), 8U);
  EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_FALSE(parse_number(id));
}

TEST(LaunchId, DiffersBetweenStarts) {
  EXPECT_NE(make_launch_id(nine_o_clock), make_launch_id(nine_o_clock + 1ns));
}

}  // namespace
}  // namespace thaw
