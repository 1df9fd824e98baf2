#include "report/measurement_page.h"

#include <gtest/gtest.h>

#include <string>

#include "core/files.h"
#include "record/run_folder.h"

namespace thaw {
namespace {

/// A record with these times in ms for each command; a negative one has failed.
class MeasurementPage : public ::testing::Test {
 protected:
  struct Command {
    std::string name;
    std::vector<double> times_ms;
  };

  RunRecord record_of(const std::vector<Command>& commands, RunStatus status = RunStatus::completed) {
    const auto folder = RunFolder::create({.folder = temporary_.path() / "run"});
    RunDocument document{.id = "0000abcd", .command = "bench", .task = "</script><b>", .status = status};
    document.columns = describe_columns({});
    document.warnings = {"the governor saves power"};
    EXPECT_TRUE(folder->write(document));
    auto writer = folder->samples({});
    for (const Command& command : commands) {
      for (std::size_t i = 0; i < command.times_ms.size(); ++i) {
        SampleRow row{.launch_id = command.name, .repetition = static_cast<int>(i + 1)};
        row.cell = command.name;
        row.status = command.times_ms[i] < 0 ? "failed" : "ok";
        row.outer_time = Nanos(static_cast<std::int64_t>(std::abs(command.times_ms[i]) * 1e6));
        EXPECT_TRUE(writer->append(row));
      }
    }
    EXPECT_TRUE(writer->finish());
    return *read_run(folder->path());
  }

  Page page_of(const std::vector<Command>& commands, RunStatus status = RunStatus::completed) {
    auto page = measurement_page(record_of(commands, status));
    EXPECT_TRUE(page) << render(page.error());
    return *page;
  }

  TemporaryDirectory temporary_ = TemporaryDirectory::create("thaw-measurement-page-test").value();
};

TEST_F(MeasurementPage, AnswersWithTheMedianOfASingleCommand) {
  const std::string answer = page_of({{"sort", {10, 11, 12, 13, 14, -90}}}).answer;
  EXPECT_NE(answer.find("sort takes 12 ms"), std::string::npos) << answer;
  EXPECT_NE(answer.find("over 5 rows; 1 failed"), std::string::npos) << answer;
}

TEST_F(MeasurementPage, AnswersWithTheComparisonOfTwoCommands) {
  const Page page = page_of({{"slow", {20, 21, 22, 23, 24, 25}}, {"fast", {10, 10.5, 11, 11.5, 12, 12.5}}});
  EXPECT_NE(page.answer.find("fast is 2"), std::string::npos) << page.answer;
  EXPECT_NE(page.answer.find("faster than slow"), std::string::npos) << page.answer;
  EXPECT_EQ(page.tables.front().title, "Against slow");
}

TEST_F(MeasurementPage, DrawsTheDistributionAndTheCourseOfTheMetricInAFittingUnit) {
  const Page page = page_of({{"sort", {10, 11, 12}}});
  ASSERT_GE(page.figures.size(), 2U);
  EXPECT_EQ(page.figures[0].name, "distribution-outer_time");
  EXPECT_EQ(page.figures[0].x.unit, "ms");
  EXPECT_EQ(page.figures[1].name, "course-outer_time");
  EXPECT_NEAR(page.figures[1].series[0].points[0].y, 10, 1e-9);
}

TEST_F(MeasurementPage, DrawsEverySoManythOfVeryManyRows) {
  std::vector<double> times(10'000);
  for (std::size_t i = 0; i < times.size(); ++i) times[i] = 1 + static_cast<double>(i % 7);
  const Page page = page_of({{"sort", times}});
  EXPECT_LE(page.figures[1].series[0].points.size(), 2000U);
  EXPECT_NE(page.figures[1].caption.find("every 6th row"), std::string::npos) << page.figures[1].caption;
}

TEST_F(MeasurementPage, WarnsOfWhatTheRunWarnedOfAndOfAnUnfinishedOne) {
  const Page page = page_of({{"sort", {10, 11, 12}}}, RunStatus::interrupted);
  ASSERT_EQ(page.warnings.size(), 2U);
  EXPECT_EQ(page.warnings[0], "sort: the run is interrupted");
  EXPECT_EQ(page.warnings[1], "the governor saves power");
}

TEST_F(MeasurementPage, ShowsHostileNamesAsText) {
  const std::string html = render(page_of({{"</script><img>", {10, 11, 12}}}));
  EXPECT_EQ(html.find("<img>"), std::string::npos);
  EXPECT_EQ(html.find("</script><b>"), std::string::npos);
}

TEST_F(MeasurementPage, OfARecordWithoutRowsIsAnError) {
  EXPECT_FALSE(measurement_page(record_of({})).has_value());
}

}  // namespace
}  // namespace thaw
