#include "record/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <numeric>

#include "core/text.h"
#include "record/run_folder.h"

namespace thaw {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

Path fixture(std::string_view name) { return Path(THAW_SOURCE_DIR) / "tests/fixtures" / name; }

class DatasetTest : public testing::Test {
 protected:
  Path file(const std::string& name, std::string_view content) {
    const Path path = temporary_.path() / name;
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  /// The error of loading a file with this content.
  Error refusal(const std::string& name, std::string_view content) {
    auto datasets = load_datasets(file(name, content));
    return datasets ? Error{ErrorKind::internal, "it was accepted", {}, {}} : std::move(datasets).error();
  }

  TemporaryDirectory temporary_ = *TemporaryDirectory::create("thaw-dataset");
};

std::vector<std::string> names_of(const Dataset& dataset) {
  std::vector<std::string> names;
  for (const Series& series : dataset.series) names.push_back(series.name);
  return names;
}

// The predecessor's files.

TEST_F(DatasetTest, ReadsThePredecessorsValues) {
  const auto dataset = load_dataset(fixture("sharp/sleep_fast.csv"));

  ASSERT_TRUE(dataset) << render(dataset.error());
  EXPECT_EQ(dataset->format, DatasetFormat::sharp);
  EXPECT_EQ(dataset->label, "sleep_fast");
  EXPECT_EQ(dataset->rows, 10U);
  EXPECT_THAT(dataset->launch_ids, ElementsAre("5e1fa570"));
  const Series* outer = find_series(*dataset, "outer_time");
  ASSERT_NE(outer, nullptr);
  EXPECT_THAT(outer->values,
              ElementsAre(.3974, .4371, .4174, .4167, .4058, .4276, .4065, .3966, .4073, .4165));
  EXPECT_EQ(outer->unit, "s");
}

TEST_F(DatasetTest, TakesDirectionAndUnitFromTheMarkdown) {
  const auto dataset = load_dataset(fixture("sharp/sleep_fast.csv"));

  ASSERT_TRUE(dataset);
  const Series* inner = find_series(*dataset, "inner_time");
  ASSERT_NE(inner, nullptr);
  EXPECT_EQ(inner->lower_is_better, true);
  EXPECT_EQ(inner->unit, "s");
}

TEST_F(DatasetTest, LeavesBookkeepingColumnsOut) {
  const auto dataset = load_dataset(fixture("sharp/sleep_fast.csv"));

  ASSERT_TRUE(dataset);
  EXPECT_THAT(names_of(*dataset), ElementsAre("outer_time", "inner_time"));
}

TEST_F(DatasetTest, FlattensThePredecessorsContext) {
  const auto dataset = load_dataset(fixture("sharp/sleep_fast.csv"));

  ASSERT_TRUE(dataset);
  EXPECT_EQ(dataset->context.at("runtime.args.0"), "0.1");
  EXPECT_EQ(dataset->context.at("system.memory.total_memory_kb"), "16384000");
  EXPECT_EQ(dataset->context.at("invariant.concurrency"), "1");
}

TEST_F(DatasetTest, ReadsTheCsvBesideAMarkdownFile) {
  const auto dataset = load_dataset(fixture("sharp/sleep_slow.md"));

  ASSERT_TRUE(dataset);
  EXPECT_EQ(dataset->rows, 10U);
}

TEST_F(DatasetTest, ReadsTheOlderLayout) {
  const auto dataset = load_dataset(fixture("sharp/older.csv"));

  ASSERT_TRUE(dataset) << render(dataset.error());
  EXPECT_THAT(names_of(*dataset), ElementsAre("outer_time", "max_rss"));
  EXPECT_EQ(dataset->context.at("runtime.backends.0"), "memory");
  EXPECT_EQ(dataset->context.at("system.OS"), "Linux node1 6.1.0-13-amd64; GNU/Linux");
}

TEST_F(DatasetTest, KeepsMissingValuesOutAndRemembersTheirRow) {
  const auto dataset = load_dataset(fixture("sharp/older.csv"));

  ASSERT_TRUE(dataset);
  const Series* memory = find_series(*dataset, "max_rss");
  ASSERT_NE(memory, nullptr);
  EXPECT_THAT(memory->rows, ElementsAre(0, 1, 2, 4, 5, 6, 7, 8, 9));
}

TEST_F(DatasetTest, RefusesSeveralLaunchesWithoutASelection) {
  const auto dataset = load_dataset(fixture("sharp/two_launches.csv"));

  ASSERT_FALSE(dataset);
  EXPECT_EQ(dataset.error().kind, ErrorKind::bad_usage);
  EXPECT_THAT(dataset.error().hint, HasSubstr("aaaa1111, bbbb2222"));
}

TEST_F(DatasetTest, SelectsALaunch) {
  const auto dataset = load_dataset(fixture("sharp/two_launches.csv"), {.part = "bbbb2222"});

  ASSERT_TRUE(dataset);
  EXPECT_EQ(dataset->label, "two_launches#bbbb2222");
  EXPECT_THAT(dataset->series.at(0).values, ElementsAre(.4985, .5278, .5089, .5079));
}

TEST_F(DatasetTest, SelectsALaunchInTheOperand) {
  const auto datasets = load_operand(fixture("sharp/two_launches.csv").string() + "#aaaa");

  ASSERT_TRUE(datasets);
  EXPECT_THAT(datasets->at(0).launch_ids, ElementsAre("aaaa1111"));
}

TEST_F(DatasetTest, KeepsALaunchIdThatLooksLikeANumber) {
  const Path path = file("ids.csv",
                         "launch_id,completion_timestamp,repeat,rank,outer_time\n"
                         "12345e12,1.5,1,0,0.5\n00001234,2.5,1,0,0.6\n");

  const auto dataset = load_dataset(path, {.part = "12345e12"});

  ASSERT_TRUE(dataset) << render(dataset.error());
  EXPECT_THAT(dataset->series.at(0).values, ElementsAre(0.5));
}

TEST_F(DatasetTest, SaysThatTheMarkdownIsMissing) {
  const auto dataset = load_dataset(fixture("sharp/two_launches.csv"), {.part = "aaaa1111"});

  ASSERT_TRUE(dataset);
  EXPECT_THAT(dataset->notes, ElementsAre(HasSubstr("two_launches.md is missing")));
}

TEST_F(DatasetTest, NamesLineAndColumnOfBrokenJsonInTheMarkdown) {
  file("x.md", "text\n\n## Initial runtime options\n\n```json\n{\n  \"mpl\": }\n```\n");

  const Error error = refusal("x.csv", "task,start,repeat,concurrency,rank,outer_time\nx,normal,0,1,0,1\n");

  EXPECT_EQ(error.kind, ErrorKind::bad_input);
  EXPECT_THAT(error.where, HasSubstr("x.md:7:"));
}

// hyperfine.

TEST_F(DatasetTest, ReadsEveryCommandOfAHyperfineFile) {
  const auto datasets = load_datasets(fixture("hyperfine/two_commands.json"));

  ASSERT_TRUE(datasets) << render(datasets.error());
  ASSERT_THAT(*datasets, SizeIs(2));
  EXPECT_EQ((*datasets)[0].label, "sleep 0.005");
  EXPECT_EQ((*datasets)[1].label, "sleep 0.01");
  EXPECT_THAT((*datasets)[0].series.at(0).values, SizeIs(20));
  EXPECT_EQ((*datasets)[0].series.at(0).name, "outer_time");
}

TEST_F(DatasetTest, SelectsAHyperfineCommandByPositionOrText) {
  const auto by_position = load_dataset(fixture("hyperfine/two_commands.json"), {.part = "2"});
  const auto by_text = load_dataset(fixture("hyperfine/two_commands.json"), {.part = "sleep 0.01"});

  ASSERT_TRUE(by_position && by_text);
  EXPECT_EQ(by_position->series.at(0).values, by_text->series.at(0).values);
}

TEST_F(DatasetTest, CountsFailedHyperfineRunsAndLeavesThemOut) {
  const auto dataset = load_dataset(fixture("hyperfine/failing.json"));

  ASSERT_TRUE(dataset);
  EXPECT_EQ(dataset->failed, 12U);
  EXPECT_THAT(dataset->series.at(0).values, IsEmpty());
}

TEST_F(DatasetTest, RefusesAHyperfineFileWithoutTimes) {
  const Error error = refusal("h.json", R"({"results": [{"command": "x", "mean": 1.5}]})");

  EXPECT_EQ(error.kind, ErrorKind::bad_input);
  EXPECT_EQ(error.where, "results[0]");
}

// Google Benchmark.

TEST_F(DatasetTest, GroupsTheRepetitionsOfABenchmark) {
  const auto dataset = load_dataset(fixture("google_benchmark/three_benchmarks.json"));

  ASSERT_TRUE(dataset) << render(dataset.error());
  EXPECT_THAT(names_of(*dataset),
              ElementsAre("BM_sum/64", "BM_sum/64.cpu_time", "BM_sum/64.items_per_second", "BM_sum/512",
                          "BM_sum/512.cpu_time", "BM_sum/512.items_per_second"));
  EXPECT_THAT(dataset->series.at(0).values, SizeIs(6));
  EXPECT_EQ(dataset->series.at(0).unit, "ns");
}

TEST_F(DatasetTest, CountsBenchmarksThatFailed) {
  const auto dataset = load_dataset(fixture("google_benchmark/three_benchmarks.json"));

  ASSERT_TRUE(dataset);
  EXPECT_EQ(dataset->rows, 18U);
  EXPECT_EQ(dataset->failed, 6U);
}

TEST_F(DatasetTest, PrefersHigherRates) {
  const auto dataset = load_dataset(fixture("google_benchmark/three_benchmarks.json"));

  ASSERT_TRUE(dataset);
  EXPECT_EQ(dataset->series.at(2).lower_is_better, false);
}

TEST_F(DatasetTest, GivesASelectedBenchmarkPlainNames) {
  const auto dataset = load_dataset(fixture("google_benchmark/three_benchmarks.json"), {.part = "BM_sum/64"});

  ASSERT_TRUE(dataset);
  EXPECT_EQ(dataset->label, "BM_sum/64");
  EXPECT_THAT(names_of(*dataset), ElementsAre("real_time", "cpu_time", "items_per_second"));
  EXPECT_EQ(find_series(*dataset, "BM_sum/64.cpu_time"), find_series(*dataset, "cpu_time"));
  EXPECT_EQ(find_series(*dataset, "BM_sum/64"), find_series(*dataset, "real_time"));
}

// Plain CSV and numbers.

TEST_F(DatasetTest, ReadsTheNumericColumnsOfAnyCsv) {
  const auto dataset = load_dataset(file("a.csv", "host,latency_ms,note\nn1,1.5,x\nn2,2.5,\n"));

  ASSERT_TRUE(dataset) << render(dataset.error());
  EXPECT_THAT(names_of(*dataset), ElementsAre("latency_ms"));
  EXPECT_EQ(dataset->series.at(0).unit, "ms");
  EXPECT_THAT(dataset->series.at(0).values, ElementsAre(1.5, 2.5));
}

TEST_F(DatasetTest, TakesNaAndEmptyCellsAsMissing) {
  const auto dataset = load_dataset(file("a.csv", "x,y\n1,NA\n,2\n3,nan\n"));

  ASSERT_TRUE(dataset);
  EXPECT_THAT(dataset->series.at(0).values, ElementsAre(1, 3));
  EXPECT_THAT(dataset->series.at(1).values, ElementsAre(2));
  EXPECT_THAT(dataset->series.at(1).rows, ElementsAre(1));
}

TEST_F(DatasetTest, SaysWhyAMostlyNumericColumnIsLeftOut) {
  const auto dataset = load_dataset(file("a.csv", "x,y\n1,1\n2,2\n3,oops\n"));

  ASSERT_TRUE(dataset);
  EXPECT_THAT(dataset->notes, ElementsAre(HasSubstr("row 3 holds \"oops\"")));
}

TEST_F(DatasetTest, NamesTheLineOfARowWithTooFewFields) {
  const Error error = refusal("a.csv", "x,y\n1,2\n3\n");

  EXPECT_EQ(error.kind, ErrorKind::bad_input);
  EXPECT_THAT(error.where, HasSubstr("a.csv:3"));
}

TEST_F(DatasetTest, RefusesACsvWithoutHeader) {
  const Error error = refusal("a.csv", "1,2\n3,4\n");

  EXPECT_EQ(error.kind, ErrorKind::bad_input);
  EXPECT_THAT(error.hint, HasSubstr("header"));
}

TEST_F(DatasetTest, ReadsNumbersOnePerLine) {
  const auto dataset = load_dataset(file("n.txt", "# warm\n1.5\n\n 2e-3 \nNA\n3\n"));

  ASSERT_TRUE(dataset);
  EXPECT_EQ(dataset->format, DatasetFormat::numbers);
  EXPECT_THAT(dataset->series.at(0).values, ElementsAre(1.5, 2e-3, 3));
  EXPECT_THAT(dataset->series.at(0).rows, ElementsAre(0, 1, 3));
}

TEST_F(DatasetTest, PassesOverAByteOrderMark) {
  const auto numbers = load_dataset(file("n.txt",
                                         "\xEF\xBB\xBF"
                                         "1\n2\n"));
  const auto csv = load_dataset(file("c.csv",
                                     "\xEF\xBB\xBF"
                                     "x,y\n1,2\n"));

  ASSERT_TRUE(numbers && csv);
  EXPECT_THAT(numbers->series.at(0).values, ElementsAre(1, 2));
  EXPECT_EQ(csv->series.at(0).name, "x");
}

TEST_F(DatasetTest, NamesLineAndColumnOfAWordAmongNumbers) {
  const Error error = refusal("n.txt", "1\n2\n  three\n");

  EXPECT_EQ(error.kind, ErrorKind::bad_input);
  EXPECT_THAT(error.where, HasSubstr("n.txt:3:3"));
}

TEST_F(DatasetTest, ReadsAJsonListOfNumbers) {
  const auto dataset = load_dataset(file("n.json", "[1, null, 2.5]"));

  ASSERT_TRUE(dataset);
  EXPECT_THAT(dataset->series.at(0).values, ElementsAre(1, 2.5));
}

TEST_F(DatasetTest, NamesLineAndColumnOfMalformedJson) {
  const Error error = refusal("x.json", "{\"results\": [\n  {\"times\": [1,, 2]}\n]}");

  EXPECT_EQ(error.kind, ErrorKind::bad_input);
  EXPECT_THAT(error.where, HasSubstr("x.json:2:16"));
}

TEST_F(DatasetTest, RefusesAbsurdNesting) {
  const Error error = refusal("deep.json", std::string(200000, '['));

  EXPECT_EQ(error.kind, ErrorKind::bad_input);
}

TEST_F(DatasetTest, RefusesJsonWithoutMeasurements) {
  EXPECT_EQ(refusal("x.json", R"({"hello": 1})").kind, ErrorKind::bad_input);
}

TEST_F(DatasetTest, RefusesAHeaderWithoutRows) {
  EXPECT_EQ(refusal("x.csv", "1 2 x\n").what, "there is nothing below the header line");
}

TEST_F(DatasetTest, RefusesAnEmptyFile) { EXPECT_EQ(refusal("empty", "").what, "the file is empty"); }

TEST_F(DatasetTest, RefusesAFileThatIsNotText) {
  EXPECT_EQ(refusal("x.gz", std::string_view("\x1f\x8b\x08\0\0", 5)).what, "the compressed file is cut off");
}

TEST_F(DatasetTest, ReportsAMissingFileByItsPath) {
  const auto dataset = load_dataset("/nonexistent/file.csv");

  ASSERT_FALSE(dataset);
  EXPECT_EQ(dataset.error().kind, ErrorKind::environment);
  EXPECT_THAT(dataset.error().where, HasSubstr("/nonexistent/file.csv"));
}

// Thaw's own records.

class ThawRunTest : public DatasetTest {
 protected:
  /// A run of two cells, three repetitions each; the last repetition of every cell failed.
  Path run(std::string_view name) {
    const auto folder = RunFolder::create({.folder = temporary_.path() / name});
    const std::vector<SampleColumn> metrics = {
        {.name = "throughput", .unit = "1/s", .lower_is_better = false},
        {.name = "threads", .is_factor = true}};
    RunDocument document{
        .id = "0000abcd", .command = "bench", .task = "sort", .status = RunStatus::completed};
    document.configuration["mpl"] = 2;
    document.context["host"]["cpu"]["model_name"] = "Example";
    document.context["run"]["thaw_version"] = "0.1.0";
    document.columns = describe_columns(metrics);
    EXPECT_TRUE(folder->write(document));
    auto writer = folder->samples(metrics);
    for (int i = 0; i < 6; ++i) {
      SampleRow row{.launch_id = "0000abcd", .repetition = i / 2 + 1, .status = i < 4 ? "ok" : "timeout"};
      row.cell = i % 2 == 0 ? "small" : "large";
      row.outer_time = Nanos(1'000'000 * (i + 1));
      row.metrics = {100.0 + i, static_cast<std::int64_t>(i % 2 == 0 ? 1 : 8)};
      EXPECT_TRUE(writer->append(row));
    }
    EXPECT_TRUE(writer->finish());
    return folder->path();
  }
};

TEST_F(ThawRunTest, GivesADatasetForEachCell) {
  const auto datasets = load_datasets(run("a"));

  ASSERT_TRUE(datasets) << render(datasets.error());
  ASSERT_THAT(*datasets, SizeIs(2));
  EXPECT_EQ((*datasets)[0].label, "small");
  EXPECT_THAT(find_series((*datasets)[0], "outer_time")->values, ElementsAre(0.001, 0.003));
}

TEST_F(ThawRunTest, CountsRowsWithinTheCellSoThatCellsCanBePaired) {
  const auto datasets = load_datasets(run("a"));

  ASSERT_TRUE(datasets);
  EXPECT_THAT(find_series((*datasets)[0], "outer_time")->rows, ElementsAre(0, 1));
  EXPECT_THAT(find_series((*datasets)[1], "outer_time")->rows, ElementsAre(0, 1));
}

TEST_F(ThawRunTest, CountsFailedRowsAndLeavesThemOut) {
  const auto dataset = load_dataset(run("a"), {.part = "large"});

  ASSERT_TRUE(dataset);
  EXPECT_EQ(dataset->rows, 3U);
  EXPECT_EQ(dataset->failed, 1U);
}

TEST_F(ThawRunTest, TakesDirectionAndUnitOfAMetricFromTheRun) {
  const auto dataset = load_dataset(run("a"), {.part = "small"});

  ASSERT_TRUE(dataset);
  const Series* series = find_series(*dataset, "throughput");
  ASSERT_NE(series, nullptr);
  EXPECT_EQ(series->lower_is_better, false);
  EXPECT_EQ(series->unit, "1/s");
}

TEST_F(ThawRunTest, PutsFactorsIntoTheContext) {
  const auto dataset = load_dataset(run("a"), {.part = "large"});

  ASSERT_TRUE(dataset);
  EXPECT_EQ(find_series(*dataset, "threads"), nullptr);
  EXPECT_EQ(dataset->context.at("invariant.threads"), "8");
  EXPECT_EQ(dataset->context.at("runtime.mpl"), "2");
  EXPECT_EQ(dataset->context.at("system.cpu.model_name"), "Example");
  EXPECT_EQ(dataset->context.at("provenance.thaw_version"), "0.1.0");
}

TEST_F(ThawRunTest, NamesFixedMetricsAsTheSummaryDoes) {
  const auto dataset = load_dataset(run("a"), {.part = "small"});

  ASSERT_TRUE(dataset);
  EXPECT_THAT(names_of(*dataset),
              testing::IsSupersetOf({"outer_time", "user_time", "system_time", "max_rss_bytes"}));
}

TEST_F(ThawRunTest, AnswersToTheColumnNameWithItsUnit) {
  const auto dataset = load_dataset(run("a"), {.part = "small"});

  ASSERT_TRUE(dataset);
  EXPECT_EQ(find_series(*dataset, "outer_time_s"), find_series(*dataset, "outer_time"));
}

TEST_F(ThawRunTest, ReadsTheRunBehindItsSamplesFile) {
  const auto datasets = load_datasets(run("a") / "samples.csv");

  ASSERT_TRUE(datasets);
  EXPECT_THAT(datasets->at(0).notes, IsEmpty());
}

TEST_F(ThawRunTest, ReadsSamplesWithoutTheirRun) {
  const Path folder = run("a");
  std::filesystem::rename(folder / "samples.csv", temporary_.path() / "moved.csv");

  const auto datasets = load_datasets(temporary_.path() / "moved.csv");

  ASSERT_TRUE(datasets);
  EXPECT_EQ(datasets->at(0).failed, 1U);
  EXPECT_THAT(datasets->at(0).notes, ElementsAre(HasSubstr("run.json is missing")));
}

TEST_F(ThawRunTest, NamesTheCellsWhenThePartIsUnknown) {
  const auto dataset = load_dataset(run("a"), {.part = "smal"});

  ASSERT_FALSE(dataset);
  EXPECT_EQ(dataset.error().hint, "did you mean \"small\"?");
}

// Names.

TEST(SeriesLookup, SuggestsTheNearestMetric) {
  Dataset dataset{.label = "a"};
  dataset.series = {{.name = "outer_time"}, {.name = "inner_time"}};

  const auto series = require_series(dataset, "iner_time");

  ASSERT_FALSE(series);
  EXPECT_EQ(series.error().hint, "did you mean \"inner_time\"?");
}

TEST(Labels, BecomeSourcesWhenEqual) {
  std::vector<Dataset> datasets = {
      {.label = "a", .source = "x/a"}, {.label = "a", .source = "y/a"}, {.label = "b"}};

  make_labels_distinct(datasets);

  EXPECT_EQ(datasets[0].label, "x/a");
  EXPECT_EQ(datasets[1].label, "y/a");
  EXPECT_EQ(datasets[2].label, "b");
}

TEST(SeriesLookup, FindsACounterpartByAnAlias) {
  const Dataset dataset{.series = {{.name = "BM_x"}}};
  const Series plain{.name = "real_time", .aliases = {"BM_x"}};

  EXPECT_EQ(find_counterpart(dataset, plain), &dataset.series[0]);
}

TEST(Labels, GetANumberWhenTheSourceIsTheSameToo) {
  std::vector<Dataset> datasets = {{.label = "a", .source = "x"}, {.label = "a", .source = "x"}};

  make_labels_distinct(datasets);

  EXPECT_EQ(datasets[0].label, "a");
  EXPECT_EQ(datasets[1].label, "a (2)");
}

}  // namespace
}  // namespace thaw
