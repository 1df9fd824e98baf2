#include "trace/plan_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <optional>

#include "core/files.h"
#include "trace/counts_files.h"
#include "trace/reader.h"
#include "trace/trace_plan.h"

namespace thaw {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

const Path fixtures = Path(THAW_SOURCE_DIR) / "tests/fixtures/traces";

class PlanFile : public ::testing::Test {
 protected:
  [[nodiscard]] Path folder() const { return directory_.path() / "plan"; }

 private:
  TemporaryDirectory directory_ = TemporaryDirectory::create("thaw-plan-test").value();
};

ArrivalCounts small_counts() {
  ArrivalCounts trace;
  for (const char* name : {"a", "b,\"c\""}) {
    trace.functions.emplace_back();
    trace.functions.back().name = name;
    trace.functions.back().memory_mb = 64;
    trace.functions.back().warm_ms = trace.functions.back().cold_ms = 20;
  }
  trace.counts = {{3, 0, 2}, {1, 1, 1}};
  return trace;
}

ArrivalPlan small_plan() {
  return plan_from_counts(small_counts(), {.law = ArrivalLaw::exponential_shift, .warmup_columns = 1})
      .value();
}

std::vector<PlannedInvocation> all_of(ArrivalPlan& plan) {
  std::vector<PlannedInvocation> all;
  std::vector<PlannedInvocation> block;
  while (plan.source->next(block).has_value() && !block.empty())
    all.insert(all.end(), block.begin(), block.end());
  return all;
}

TEST_F(PlanFile, ReadsBackWhatWasWritten) {
  ArrivalPlan plan = small_plan();
  const PlanTotals totals = write_plan(plan, folder()).value();
  ArrivalPlan again = small_plan();
  const auto expected = all_of(again);
  ArrivalPlan opened = open_plan(folder()).value();
  const auto read = all_of(opened);
  ASSERT_EQ(read.size(), totals.invocations);
  ASSERT_EQ(read.size(), expected.size());
  for (std::size_t i = 0; i < read.size(); ++i) {
    EXPECT_EQ(read[i].time_ms, expected[i].time_ms);
    EXPECT_EQ(read[i].function, expected[i].function);
    EXPECT_EQ(read[i].runtime_ms, expected[i].runtime_ms);
    EXPECT_EQ(read[i].memory_mib, expected[i].memory_mib);
    EXPECT_EQ(read[i].column, expected[i].column);
    EXPECT_EQ(read[i].number, expected[i].number);
  }
  EXPECT_EQ(opened.functions[1].name, "b,\"c\"");
  EXPECT_EQ(opened.law, "exponential_shift");
  EXPECT_EQ(opened.warmup_columns, 1U);
}

TEST_F(PlanFile, IsATrace) {
  ArrivalPlan plan = small_plan();
  const PlanTotals totals = write_plan(plan, folder()).value();
  const Trace trace = load_trace(folder()).value();
  EXPECT_EQ(trace.invocations.size(), totals.invocations);
  EXPECT_EQ(trace.invocations.duration_ms.front(), 20);
}

TEST_F(PlanFile, NamesTheLineOfAnUnknownFunction) {
  ArrivalPlan plan = small_plan();
  ASSERT_TRUE(write_plan(plan, folder()).has_value());
  ASSERT_TRUE(write_file_atomically(folder() / "invocations.csv",
                                    "time_ms,function,duration_ms,memory_mib,column,number\n1,x,1,1,0,0\n")
                  .has_value());
  ArrivalPlan opened = open_plan(folder()).value();
  std::vector<PlannedInvocation> block;
  const auto read = opened.source->next(block);
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().kind, ErrorKind::bad_input);
  EXPECT_THAT(read.error().where, HasSubstr("invocations.csv:2"));
}

TEST_F(PlanFile, WithoutItsDescriptionIsNoPlan) {
  EXPECT_EQ(open_plan(folder()).error().kind, ErrorKind::environment);
}

TEST(RenderSpecification, HasThePredecessorsKeysAndIndent) {
  FunctionSchedule schedule;
  schedule.arrivals = {{0, 12000000.5}, {2}, {60000000}};
  schedule.executions = {{10, 128}, {20, 256}};
  EXPECT_EQ(render_specification(schedule),
            "{\n \"IAT\": [\n  0,\n  12000000.5\n ],\n \"PerMinuteCount\": [\n  2\n ],\n"
            " \"RawDuration\": [\n  60000000\n ],\n"
            " \"RuntimeSpecification\": [\n  {\n   \"Runtime\": 10,\n   \"Memory\": 128\n  },\n"
            "  {\n   \"Runtime\": 20,\n   \"Memory\": 256\n  }\n ]\n}");
}

TEST(RenderSpecification, OfAnIdleFunctionHasEmptyLists) {
  EXPECT_EQ(
      render_specification({}),
      "{\n \"IAT\": [],\n \"PerMinuteCount\": [],\n \"RawDuration\": [],\n \"RuntimeSpecification\": []\n}");
}

TEST(GatherSchedules, ListsARecordingByFunction) {
  Trace trace;
  trace.functions.push_back({.name = "f", .memory_mb = 200});
  trace.functions.push_back({.name = "idle", .memory_mb = 200});
  trace.functions.push_back({.name = "g", .memory_mb = 200});
  // The last one of g ends after the third minute.
  trace.invocations = {
      {30000, 40000, 71000, 95000, 170000}, {0, 2, 0, 0, 2}, {20000, 1000, 5000, 17000, 20000}};
  ArrivalPlan plan = plan_from_recording(std::move(trace), {.columns = 3}).value();
  const auto schedules = gather_schedules(plan).value();
  ASSERT_THAT(schedules, SizeIs(2));
  EXPECT_THAT(schedules[0].arrivals.iat_us, ::testing::ElementsAre(30e6, 41e6, 24e6));
  // Up to the minute of the last one, sent or not.
  EXPECT_THAT(schedules[0].arrivals.per_column, ::testing::ElementsAre(1, 2));
  EXPECT_THAT(schedules[1].arrivals.per_column, ::testing::ElementsAre(1, 0, 0));
}

PlanTotals totals_of(const Path& path, const TracePlanOptions& options) {
  const auto file = open_trace(path, {.selection = FunctionSelection::every}).value();
  ArrivalPlan plan = plan_trace(*file, options).value();
  return add_up(plan).value();
}

TEST(PlanTrace, ReplaysTheAzure2021Trace) {
  const PlanTotals totals = totals_of(fixtures / "azure2021/Azure2021_200.csv", {.duration_ms = 60000});
  EXPECT_EQ(totals.functions, 21U);
  EXPECT_EQ(totals.invocations, 22U);
  EXPECT_EQ(totals.total_runtime_ms, 161612U);
}

TEST(PlanTrace, KeepsTheCountsOfTheAzure2019Trace) {
  const Path path = fixtures / "azure2019-20b/azure2019";
  EXPECT_EQ(totals_of(path, {.law = ArrivalLaw::equidistant}).invocations, 104666U);
  EXPECT_EQ(totals_of(path, {.law = ArrivalLaw::exponential_shift}).invocations, 104666U);
}

TEST(PlanTrace, ReplaysRecordedInstantsWithoutALaw) {
  const PlanTotals totals = totals_of(fixtures / "azure2019-20b", {});
  EXPECT_EQ(totals.invocations, 104666U);
}

TEST(PlanTrace, CountsRecordedInstantsWhenALawIsWanted) {
  EXPECT_EQ(totals_of(fixtures / "azure2019-20b", {.law = ArrivalLaw::uniform}).invocations, 104666U);
}

TEST(PlanTrace, TakesColumnsForSeconds) {
  const Path path = fixtures / "azure2019-20b/azure2019";
  const auto file = open_trace(path, {.selection = FunctionSelection::every}).value();
  ArrivalPlan plan = plan_trace(*file, {.duration_ms = 5000, .column_ms = 1000}).value();
  EXPECT_EQ(plan.columns, 5U);
  EXPECT_LT(add_up(plan)->last_ms, 5000);
}

TEST(PlanTrace, RefusesPartsOfAColumn) {
  const auto file = open_trace(fixtures / "azure2019-20b/azure2019").value();
  EXPECT_EQ(plan_trace(*file, {.duration_ms = 90000}).error().kind, ErrorKind::bad_usage);
}

TEST_F(PlanFile, CountsAreReadBackAsWritten) {
  ArrivalCounts counts = small_counts();
  counts.functions[0].app = "app";
  ASSERT_TRUE(write_counts(counts, folder(), 540).has_value());
  const auto file = open_trace(folder(), {.selection = FunctionSelection::every}).value();
  EXPECT_EQ(file->counts()->counts, counts.counts);
  EXPECT_EQ(file->functions()[0].app, "app");
  const Azure2019Tables tables = read_azure2019_tables(folder(), std::nullopt).value();
  EXPECT_EQ(tables.first_minute, 540U);
  EXPECT_THAT(tables.durations, SizeIs(2));
  EXPECT_EQ(tables.memory[0].statistics.average, 64);
}

TEST_F(PlanFile, TablesHoldMissingNumbers) {
  std::filesystem::create_directories(folder());
  ASSERT_TRUE(write_counts(small_counts(), folder()).has_value());
  ASSERT_TRUE(write_file_atomically(folder() / "invocations.csv",
                                    "HashOwner,HashApp,HashFunction,Trigger,1,2\no,a,f,http,,3\n")
                  .has_value());
  EXPECT_TRUE(std::isnan(read_azure2019_tables(folder(), std::nullopt)->invocations[0].counts[0]));
}

TEST_F(PlanFile, TablesOfTwoDaysNeedTheDay) {
  std::filesystem::create_directories(folder());
  ASSERT_TRUE(write_counts(small_counts(), folder()).has_value());
  for (const char* kind : {"invocations", "durations", "memory"}) {
    std::filesystem::copy(folder() / (std::string(kind) + ".csv"),
                          folder() / (std::string(kind) + ".d02.csv"));
    std::filesystem::rename(folder() / (std::string(kind) + ".csv"),
                            folder() / (std::string(kind) + ".d01.csv"));
  }
  EXPECT_EQ(read_azure2019_tables(folder(), std::nullopt).error().kind, ErrorKind::bad_input);
  EXPECT_THAT(read_azure2019_tables(folder(), 2)->invocations, SizeIs(2));
}

TEST_F(PlanFile, RowsOf2021AreReadBackAsWritten) {
  std::filesystem::create_directories(folder());
  const std::vector<Azure2021Row> rows = {{"a", "f", 1.25, 0.5}, {"a,b", "g", 7, 0}};
  ASSERT_TRUE(write_azure2021_rows(rows, folder() / "t.csv").has_value());
  const auto read = read_azure2021_rows(folder() / "t.csv").value();
  ASSERT_THAT(read, SizeIs(2));
  EXPECT_EQ(read[0].end_s, 1.25);
  EXPECT_EQ(read[1].app, "a,b");
}

}  // namespace
}  // namespace thaw
