#include "record/catalogue.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "core/clock.h"
#include "record/run_folder.h"

namespace thaw {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

const WallTime start = *parse_utc("2026-11-21T09:00:00Z");

class CatalogueTest : public testing::Test {
 protected:
  Path root() { return temporary_.path() / "runs"; }
  Path file() { return root() / "catalogue.sqlite"; }
  Catalogue open() { return *Catalogue::open(file()); }

  /// A finished run on the disk.
  Path run(std::string task, std::string id, WallTime started = start, std::string experiment = "misc") {
    const RunFolder folder =
        *RunFolder::create({.root = root(), .experiment = experiment, .task = task, .started = started});
    RunDocument document{.id = std::move(id),
                         .command = "bench",
                         .experiment = std::move(experiment),
                         .task = std::move(task),
                         .status = RunStatus::completed,
                         .started = started,
                         .ended = started + 2s,
                         .command_line = {"thaw", "bench", "--", "sleep", "0 1"}};
    document.context = {{"host", {{"system", {{"hostname", "lab1"}}}}}, {"run", {{"git_commit", "abc"}}}};
    document.summary = nlohmann::ordered_json::parse(
        R"({"repetitions": 30, "failed": 2, "stopped_by": "ci",
            "metrics": {"outer_time": {"unit": "s", "n": 28, "median": 0.25, "ci95_low": 0.2, "stddev": null}}})");
    EXPECT_TRUE(folder.write(document));
    return folder.path();
  }

  /// Puts the run into the catalogue.
  void put(const Path& folder) { EXPECT_TRUE(open().put(*catalogue_entry(folder))); }

  std::vector<std::string> ids(const CatalogueFilter& filter = {}) {
    std::vector<std::string> found;
    const auto runs = open().list(filter);
    EXPECT_TRUE(runs);
    for (const CatalogueEntry& run : *runs) found.push_back(run.id);
    return found;
  }

  TemporaryDirectory temporary_ = *TemporaryDirectory::create("thaw-catalogue");
};

TEST_F(CatalogueTest, ReturnsARunAsItWasPut) {
  const Path folder = run("sleep", "a0000001");
  put(folder);

  const auto found = open().show("a0000001");

  ASSERT_TRUE(found) << found.error().what;
  EXPECT_EQ(found->path, folder.string());
  EXPECT_EQ(found->task, "sleep");
  EXPECT_EQ(found->status, "completed");
  EXPECT_EQ(found->repetitions, 30);
  EXPECT_EQ(found->failed, 2);
  EXPECT_EQ(found->stopped_by, "ci");
  EXPECT_EQ(found->host, "lab1");
  EXPECT_EQ(found->git_commit, "abc");
  EXPECT_EQ(found->command_line, "thaw bench -- sleep '0 1'");
  ASSERT_EQ(found->metrics.size(), 1U);
  EXPECT_EQ(found->metrics[0].median, 0.25);
  EXPECT_EQ(found->metrics[0].n, 28);
  EXPECT_EQ(found->metrics[0].stddev, std::nullopt);
}

TEST_F(CatalogueTest, ReplacesARunThatIsPutAgain) {
  const Path folder = run("sleep", "a0000001");
  put(folder);
  put(folder);

  EXPECT_THAT(ids(), ElementsAre("a0000001"));
  EXPECT_EQ(open().show("a0000001")->metrics.size(), 1U);
}

TEST_F(CatalogueTest, ListsTheNewestFirst) {
  put(run("a", "a1", start));
  put(run("b", "b2", start + 2s));
  put(run("c", "c3", start + 1s));

  EXPECT_THAT(ids(), ElementsAre("b2", "c3", "a1"));
  EXPECT_THAT(ids({.limit = 1}), ElementsAre("b2"));
}

TEST_F(CatalogueTest, ListsWhatTheFilterAsksFor) {
  put(run("a", "a1", start, "first"));
  put(run("b", "b2", start + 1h, "second"));

  EXPECT_THAT(ids({.experiment = "first"}), ElementsAre("a1"));
  EXPECT_THAT(ids({.task = "b"}), ElementsAre("b2"));
  EXPECT_THAT(ids({.host = "lab2"}), ElementsAre());
  EXPECT_THAT(ids({.status = "completed"}), ElementsAre("b2", "a1"));
  EXPECT_THAT(ids({.since = "2026-11-21T09:30"}), ElementsAre("b2"));
}

TEST_F(CatalogueTest, ShowsARunByPrefixFolderAndLatest) {
  const Path folder = run("sleep", "a0000001");
  put(folder);
  put(run("other", "b0000002", start + 1s));

  EXPECT_EQ(open().show("a00")->task, "sleep");
  EXPECT_EQ(open().show(folder.string())->task, "sleep");
  EXPECT_EQ(open().show(folder.filename().string())->task, "sleep");
  EXPECT_EQ(open().show("latest")->task, "other");
}

TEST_F(CatalogueTest, AsksForMoreWhenAPrefixFitsSeveralRuns) {
  put(run("a", "a0000001"));
  put(run("b", "a0000002"));

  const auto found = open().show("a00");

  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::bad_usage);
  EXPECT_THAT(found.error().hint, HasSubstr("a0000002"));
}

TEST_F(CatalogueTest, ReadsNoPatternsInNames) {
  put(run("a", "a0000001"));

  EXPECT_FALSE(open().show("%"));
  EXPECT_FALSE(open().show("a_"));
}

TEST_F(CatalogueTest, SaysWhatToDoWhenItIsEmpty) {
  const auto found = open().show("latest");

  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().hint, HasSubstr("thaw bench"));
}

TEST_F(CatalogueTest, AnswersQueries) {
  put(run("sleep", "a0000001"));

  const auto table = open().query("SELECT task, median FROM runs JOIN metrics USING (path)");

  ASSERT_TRUE(table) << table.error().what;
  EXPECT_EQ(render(*table, TableFormat::csv), "task,median\nsleep,0.25\n");
}

TEST_F(CatalogueTest, NamesThePlaceOfAnErrorInAQuery) {
  const auto table = open().query("SELECT task\nFROM runs WHERE tusk = 1");

  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().where, "query:2:17");
  EXPECT_THAT(table.error().what, HasSubstr("tusk"));
}

TEST_F(CatalogueTest, RefusesQueriesThatDoMoreThanRead) {
  put(run("sleep", "a0000001"));
  for (const char* sql :
       {"DELETE FROM runs", "DROP TABLE runs", "UPDATE runs SET task = 1", "ATTACH '/tmp/x' AS x",
        "PRAGMA user_version = 7", "CREATE TABLE t (x)", "VACUUM", "BEGIN"}) {
    const auto table = open().query(sql);

    ASSERT_FALSE(table) << sql;
    EXPECT_EQ(table.error().kind, ErrorKind::bad_usage) << sql;
  }
  EXPECT_THAT(ids(), ElementsAre("a0000001"));
}

TEST_F(CatalogueTest, RefusesASecondStatement) {
  EXPECT_FALSE(open().query("SELECT 1; SELECT 2"));
  EXPECT_TRUE(open().query("SELECT 1;\n"));
}

TEST_F(CatalogueTest, SaysHowToRebuildADamagedFile) {
  std::filesystem::create_directories(root());
  std::ofstream(file()) << std::string(4096, 'x');

  const auto catalogue = Catalogue::open(file());

  ASSERT_FALSE(catalogue);
  EXPECT_EQ(catalogue.error().kind, ErrorKind::bad_input);
  EXPECT_THAT(catalogue.error().hint, HasSubstr("thaw runs rebuild"));
}

TEST_F(CatalogueTest, IsRebuiltFromTheFoldersWhateverItsState) {
  run("a", "a1");
  run("b", "b2", start + 1s);
  std::ofstream(file()) << std::string(4096, 'x');

  const auto report = rebuild_catalogue(file(), root());

  ASSERT_TRUE(report) << report.error().what;
  EXPECT_EQ(report->added, 2U);
  EXPECT_THAT(ids(), ElementsAre("b2", "a1"));
}

TEST_F(CatalogueTest, RefusesAFileOfANewerLayout) {
  open();
  SqlDatabase database = *SqlDatabase::open(file(), SqlDatabase::Access::read_write);
  ASSERT_TRUE(database.execute("PRAGMA user_version = 99"));

  EXPECT_THAT(Catalogue::open(file()).error().what, HasSubstr("layout 99"));
}

TEST_F(CatalogueTest, GivesUpOnALockedFileWithAnEnvironmentError) {
  Catalogue catalogue = *Catalogue::open(file(), 10ms);
  SqlDatabase other = *SqlDatabase::open(file(), SqlDatabase::Access::read_write);
  const SqlTransaction lock = *SqlTransaction::begin(other);

  const auto put = catalogue.put({.path = "/x", .id = "a"});

  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().kind, ErrorKind::environment);
  EXPECT_THAT(put.error().what, HasSubstr("another program"));
}

TEST_F(CatalogueTest, TakesRunsFromSeveralProgramsAtOnce) {
  constexpr int programs = 4, runs = 25;
  for (int program = 0; program < programs; ++program) {
    if (::fork() != 0) continue;
    int failures = 0;
    for (int i = 0; i < runs; ++i) {
      auto catalogue = Catalogue::open(file());
      const std::string name = fmt::format("/p{}/{}", program, i);
      if (!catalogue || !catalogue->put({.path = name, .id = name})) ++failures;
    }
    ::_exit(failures);
  }
  int failures = 0;
  for (int program = 0; program < programs; ++program) {
    int status = 0;
    ::wait(&status);
    failures += WEXITSTATUS(status);
  }

  EXPECT_EQ(failures, 0);
  EXPECT_EQ(ids().size(), static_cast<std::size_t>(programs * runs));
}

TEST_F(CatalogueTest, AddsARunInLessThanFiveMilliseconds) {
  const CatalogueEntry entry = *catalogue_entry(run("sleep", "a0000001"));
  Nanos fastest = Nanos::max();
  for (int i = 0; i < 20; ++i) {
    const MonotonicTime before = system_clock().now();
    ASSERT_TRUE(open().put(entry));
    fastest = std::min<Nanos>(fastest, system_clock().now() - before);
  }

  EXPECT_LT(fastest, 5ms);
}

TEST_F(CatalogueTest, FindsNewRunsByScanning) {
  run("a", "a1");
  run("b", "b2", start + 1s, "deeper");

  const auto report = open().scan(root());

  ASSERT_TRUE(report);
  EXPECT_EQ(report->added, 2U);
  EXPECT_THAT(ids(), ElementsAre("b2", "a1"));
}

TEST_F(CatalogueTest, NoticesChangedAndDeletedRunsByScanning) {
  const Path kept = run("a", "a1");
  const Path deleted = run("b", "b2");
  ASSERT_TRUE(open().scan(root()));
  std::filesystem::remove_all(deleted);
  ASSERT_TRUE((*RunFolder::reopen(kept)).write({.id = "a9", .status = RunStatus::failed, .started = start}));

  const auto report = open().scan(root());

  ASSERT_TRUE(report);
  EXPECT_EQ(report->updated, 1U);
  EXPECT_EQ(report->removed, 1U);
  EXPECT_THAT(ids(), ElementsAre("a9"));
}

TEST_F(CatalogueTest, LeavesUnchangedRunsAloneWhenScanning) {
  run("a", "a1");
  ASSERT_TRUE(open().scan(root()));

  const auto report = open().scan(root());

  EXPECT_EQ(report->added + report->updated + report->removed, 0U);
}

TEST_F(CatalogueTest, KeepsRunsElsewhereThatStillExistWhenScanning) {
  const Path elsewhere = temporary_.path() / "out";
  ASSERT_TRUE((*RunFolder::create({.folder = elsewhere})).write({.id = "e5", .started = start}));
  put(elsewhere);

  ASSERT_TRUE(open().scan(root()));

  EXPECT_THAT(ids(), ElementsAre("e5"));
}

TEST_F(CatalogueTest, NamesTheFoldersItCannotRead) {
  run("a", "a1");
  std::filesystem::create_directories(root() / "misc" / "broken");
  std::ofstream(root() / "misc" / "broken" / "run.json") << "{";

  const auto report = open().scan(root());

  ASSERT_TRUE(report);
  ASSERT_EQ(report->skipped.size(), 1U);
  EXPECT_THAT(report->skipped[0].where, HasSubstr("broken/run.json:1:"));
  EXPECT_THAT(ids(), ElementsAre("a1"));
}

class SweepInCatalogueTest : public CatalogueTest {
 protected:
  void SetUp() override {
    const auto folder = *RunFolder::create({.root = root(), .task = "sweep", .started = start});
    RunDocument document{.id = "c1", .started = start};
    document.summary = nlohmann::ordered_json::parse(R"({"cells": [
      {"label": "n=1", "repetitions": 5, "failed": 0, "stopped_by": "max", "metrics": {"t": {"median": 1}}},
      {"label": "n=2", "repetitions": 7, "failed": 2, "stopped_by": "ci", "metrics": {"t": {"median": 2}}}]})");
    EXPECT_TRUE(folder.write(document));
    put(folder.path());
  }
};

TEST_F(SweepInCatalogueTest, HasTheMetricsOfEveryCell) {
  const auto table = open().query("SELECT cell, median FROM metrics");

  EXPECT_EQ(render(*table, TableFormat::csv), "cell,median\nn=1,1\nn=2,2\n");
}

TEST_F(SweepInCatalogueTest, CountsTheRepetitionsOfAllCells) {
  const auto run = open().show("latest");

  EXPECT_EQ(run->repetitions, 12);
  EXPECT_EQ(run->failed, 2);
  EXPECT_EQ(run->stopped_by, "ci, max");
}

TEST_F(CatalogueTest, PrintsItsRunsAsATable) {
  put(run("sleep", "a0000001"));

  const std::string text = render(run_table(*open().list()), TableFormat::text);

  EXPECT_THAT(text,
              HasSubstr("a0000001  2026-11-21T09:00:00Z  bench    misc        sleep  completed  30       2"));
}

}  // namespace
}  // namespace thaw
