#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "trace/files.h"

namespace thaw {
namespace {

using tests::expect_value;
using tests::fixtures;

class RealTrace : public testing::TestWithParam<std::pair<std::string, std::size_t>> {};

TEST_P(RealTrace, IsTheSameInItsPairFormAndInItsPublishedForm) {
  const auto [name, invocations] = GetParam();
  const Trace pair = expect_value(load_trace(fixtures / "traces" / name));
  const Trace published = expect_value(load_trace(fixtures / "traces" / name / "azure2019"));
  EXPECT_EQ(pair.invocations.size(), invocations);
  EXPECT_EQ(pair.invocations.time_ms, published.invocations.time_ms);
  EXPECT_EQ(pair.invocations.function, published.invocations.function);
  ASSERT_EQ(pair.functions.size(), 20U);
  ASSERT_EQ(published.functions.size(), 20U);
  for (std::size_t i = 0; i < 20; ++i) {
    EXPECT_EQ(pair.functions[i].name, published.functions[i].name);
    EXPECT_EQ(pair.functions[i].memory_mb, published.functions[i].memory_mb);
    EXPECT_EQ(pair.functions[i].cold_ms, published.functions[i].cold_ms);
    EXPECT_EQ(pair.functions[i].warm_ms, published.functions[i].warm_ms);
  }
}

std::string name_of_trace(const testing::TestParamInfo<RealTrace::ParamType>& test) {
  return test.param.first == "azure2019-20b" ? "b" : "c";
}

INSTANTIATE_TEST_SUITE_P(Azure2019, RealTrace,
                         testing::Values(std::pair<std::string, std::size_t>{"azure2019-20b", 104666},
                                         std::pair<std::string, std::size_t>{"azure2019-20c", 17808}),
                         name_of_trace);

const std::string duration_header =
    "HashOwner,HashApp,HashFunction,Average,Count,Minimum,Maximum,percentile_Average_0,percentile_Average_1,"
    "percentile_Average_25,percentile_Average_50,percentile_Average_75,percentile_Average_99,percentile_"
    "Average_100\n";
const std::string memory_columns =
    "SampleCount,AverageAllocatedMb,AverageAllocatedMb_pct1,AverageAllocatedMb_pct5,AverageAllocatedMb_pct25,"
    "AverageAllocatedMb_pct50,AverageAllocatedMb_pct75,AverageAllocatedMb_pct95,AverageAllocatedMb_pct99,"
    "AverageAllocatedMb_pct100\n";

/// The text of the three tables; the defaults are two functions of one app.
struct Tables {
  std::string invocations =
      "HashOwner,HashApp,HashFunction,Trigger,1,2,3\no,p,f,http,1,0,3\no,p,g,timer,0,2,0\n";
  std::string durations =
      duration_header + "o,p,f,10.9,7,1,20.9,1,2,3,4,5,6,7\no,p,g,30,9,1,40,1,2,3,4,5,6,7\n";
  std::string memory = "HashOwner,HashApp," + memory_columns + "o,p,5,121,95,96,97,98,99,100,101,102\n";
};

Result<std::unique_ptr<TraceFile>> open_tables(const Tables& tables, const ReadOptions& options = {}) {
  return forms::open_azure2019({InputFile::in_memory("invocations.csv", tables.invocations),
                                InputFile::in_memory("durations.csv", tables.durations),
                                InputFile::in_memory("memory.csv", tables.memory)},
                               options);
}

Result<Trace> load_tables(const Tables& tables, const ReadOptions& options = {}) {
  return tests::load(open_tables(tables, options));
}

TEST(Azure2019, SpacesTheCallsOfAMinuteEvenly) {
  const Trace trace = expect_value(load_tables({}));
  EXPECT_EQ(trace.invocations.time_ms, (std::vector<double>{0, 60000, 90000, 120000, 140000, 160000}));
  EXPECT_EQ(trace.invocations.function, (std::vector<FunctionIndex>{0, 1, 1, 0, 0, 0}));
}

TEST(Azure2019, DividesTheMemoryOfAnAppAmongItsFunctionsAndRoundsUp) {
  const Trace trace = expect_value(load_tables({}));
  EXPECT_EQ(trace.functions[0].memory_mb, 61);
  EXPECT_EQ(trace.functions[0].memory->average, 60.5);
  EXPECT_EQ(trace.functions[0].memory->p1, 47.5);
  EXPECT_EQ(trace.functions[0].memory->count, 5);
}

TEST(Azure2019, TakesMemoryByFunctionAsItIs) {
  Tables tables;
  tables.memory = "HashFunction,HashApp,HashOwner," + memory_columns +
                  "f,p,o,5,60.2,1,2,3,4,5,6,7,8\ng,p,o,5,30,1,2,3,4,5,6,7,8\n";
  const Trace trace = expect_value(load_tables(tables));
  EXPECT_EQ(trace.functions[0].memory_mb, 61);
  EXPECT_EQ(trace.functions[1].memory_mb, 30);
}

TEST(Azure2019, TakesWholeMillisecondsOfAverageAndMaximum) {
  const Trace trace = expect_value(load_tables({}));
  EXPECT_EQ(trace.functions[0].warm_ms, 10);
  EXPECT_EQ(trace.functions[0].cold_ms, 20);
}

TEST(Azure2019, KeepsAllStatisticsAndLabels) {
  const Trace trace = expect_value(load_tables({}));
  const TraceFunction& function = trace.functions[0];
  EXPECT_EQ(function.owner, "o");
  EXPECT_EQ(function.app, "p");
  EXPECT_EQ(function.trigger, "http");
  EXPECT_EQ(function.duration->average, 10.9);
  EXPECT_EQ(function.duration->count, 7);
  EXPECT_EQ(function.duration->p0, 1);
  EXPECT_EQ(function.duration->p75, 5);
  EXPECT_EQ(function.duration->p100, 7);
}

TEST(Azure2019, GivesTheCountsAsTheyAre) {
  const auto file = open_tables({});
  ASSERT_TRUE(file);
  const auto counts = (*file)->counts();
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->counts[0], (std::vector<std::uint32_t>{1, 0, 3}));
  EXPECT_EQ(counts->counts[1], (std::vector<std::uint32_t>{0, 2, 0}));
  EXPECT_EQ(counts->column_ms, 60000);
  EXPECT_EQ((*file)->invocations(), 6U);
}

TEST(Azure2019, ReadsCountsBehindThreeHashesInAnyOrderWithoutATrigger) {
  Tables tables;
  tables.invocations = "HASHAPP,hashfunction,HashOwner,1,2\np,f,o,4,5\np,g,o,1,1\n";
  const auto file = open_tables(tables);
  ASSERT_TRUE(file) << render(file.error());
  EXPECT_EQ((*file)->counts()->counts[0], (std::vector<std::uint32_t>{4, 5}));
  EXPECT_EQ((*file)->functions()[0].owner, "o");
}

TEST(Azure2019, LeavesOutFunctionsCalledOnceWithARemark) {
  Tables tables;
  tables.invocations = "HashOwner,HashApp,HashFunction,Trigger,1,2\no,p,f,http,1,0\no,p,g,http,1,1\n";
  const auto file = open_tables(tables);
  ASSERT_TRUE(file);
  ASSERT_EQ((*file)->functions().size(), 1U);
  EXPECT_EQ((*file)->functions()[0].name, "g");
  ASSERT_EQ((*file)->remarks().size(), 1U);
  EXPECT_EQ((*file)->remarks()[0].count, 1U);
}

TEST(Azure2019, KeepsFunctionsCalledOnceForALoadPlan) {
  Tables tables;
  tables.invocations = "HashOwner,HashApp,HashFunction,Trigger,1,2\no,p,f,http,0,0\no,p,g,http,1,0\n";
  EXPECT_EQ(expect_value(load_tables(tables, {.selection = FunctionSelection::every})).functions.size(), 2U);
}

TEST(Azure2019, LeavesOutFunctionsWithoutDurations) {
  Tables tables;
  tables.invocations += "o,p,unknown,http,5,5,5\n";
  const auto file = open_tables(tables);
  ASSERT_TRUE(file);
  EXPECT_EQ((*file)->functions().size(), 2U);
  EXPECT_EQ((*file)->remarks()[0].what, "functions without durations left out");
}

TEST(Azure2019, RefusesFunctionsWithoutDurationsInALoadPlan) {
  Tables tables;
  tables.invocations += "o,p,unknown,http,5,5,5\n";
  const auto file = open_tables(tables, {.selection = FunctionSelection::every});
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().where, "invocations.csv:4");
}

TEST(Azure2019, SelectsWholeMinutes) {
  const auto file = open_tables({}, {.begin_ms = 60000, .end_ms = 180000});
  ASSERT_TRUE(file);
  EXPECT_EQ((*file)->counts()->columns(), 2U);
  EXPECT_EQ(expect_value(load_trace(**file)).invocations.time_ms,
            (std::vector<double>{0, 30000, 60000, 80000, 100000}));
}

TEST(Azure2019, RefusesHalfAMinute) {
  const auto file = open_tables({}, {.begin_ms = 30000});
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().kind, ErrorKind::bad_usage);
}

/// A flaw in one of the three tables.
struct Flaw {
  std::string name;
  std::string Tables::*table;
  std::string row;  ///< Is put at the table's end.
  std::string where;
  std::size_t functions_left;
};

void PrintTo(const Flaw& flaw, std::ostream* out) { *out << flaw.name; }

std::string name_of_flaw(const testing::TestParamInfo<Flaw>& test) { return test.param.name; }

class Azure2019Flaw : public testing::TestWithParam<Flaw> {};

TEST_P(Azure2019Flaw, IsAnErrorWithFileAndLine) {
  Tables tables;
  tables.*GetParam().table += GetParam().row;
  const auto file = open_tables(tables);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(file.error().where, GetParam().where);
  EXPECT_NE(file.error().hint.find("--repair"), std::string::npos);
}

TEST_P(Azure2019Flaw, IsMendedAndCountedByRepair) {
  Tables tables;
  tables.*GetParam().table += GetParam().row;
  const auto file = open_tables(tables, {.repair = true});
  ASSERT_TRUE(file) << render(file.error());
  ASSERT_EQ((*file)->repairs().size(), 1U);
  EXPECT_EQ((*file)->repairs()[0].count, 1U);
  EXPECT_EQ((*file)->functions().size(), GetParam().functions_left);
}

INSTANTIATE_TEST_SUITE_P(
    Every, Azure2019Flaw,
    testing::Values(
        Flaw{"short_row", &Tables::invocations, "o,p,h,http,1\n", "invocations.csv:4", 2},
        Flaw{"long_row", &Tables::invocations, "o,p,h,http,1,2,3,4\n", "invocations.csv:4", 2},
        Flaw{"count_missing", &Tables::invocations, "o,p,h,http,1,,3\n", "invocations.csv:4", 2},
        Flaw{"count_negative", &Tables::invocations, "o,p,h,http,1,-2,3\n", "invocations.csv:4", 2},
        Flaw{"count_fractional", &Tables::invocations, "o,p,h,http,1,5.0,3\n", "invocations.csv:4", 2},
        Flaw{"count_huge", &Tables::invocations, "o,p,h,http,1,4294967296,3\n", "invocations.csv:4", 2},
        Flaw{"function_twice", &Tables::invocations, "o,p,f,http,1,2,3\n", "invocations.csv:4", 2},
        Flaw{"durations_twice", &Tables::durations, "o,p,f,10,7,1,20,1,2,3,4,5,6,7\n", "durations.csv:4", 2},
        Flaw{"memory_twice", &Tables::memory, "o,p,5,121,95,96,97,98,99,100,101,102\n", "memory.csv:3", 2},
        Flaw{"duration_nan", &Tables::durations, "o,q,h,nan,7,1,20,1,2,3,4,5,6,7\n", "durations.csv:4", 2},
        Flaw{"memory_short", &Tables::memory, "o,q,5,121\n", "memory.csv:3", 2}),
    name_of_flaw);

TEST(Azure2019, NamesTheColumnsThatAHundredColumnLineLacks) {
  Tables tables;
  std::string header = "HashOwner,HashApp,HashFunction,Trigger";
  for (int i = 1; i <= 1440; ++i) header += "," + std::to_string(i);
  std::string row = "o,p,f,http";
  for (int i = 1; i <= 96; ++i) row += ",1";
  tables.invocations = header + "\n" + row + "\n";
  const auto file = open_tables(tables);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().what, "the row has 100 columns, the header 1444");
  EXPECT_EQ(file.error().where, "invocations.csv:2");
}

TEST(Azure2019, RefusesMemoryZero) {
  Tables tables;
  tables.memory = "HashOwner,HashApp," + memory_columns + "o,p,5,0,0,0,0,0,0,0,0,0\n";
  const auto file = open_tables(tables);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().where, "memory.csv:2");
}

TEST(Azure2019, StreamsWhatSortingAllCallsWouldGive) {
  // Uneven counts that meet in many equal times.
  Tables tables;
  tables.invocations = "HashOwner,HashApp,HashFunction,Trigger,1,2,3\n";
  tables.durations = duration_header;
  std::vector<std::pair<double, FunctionIndex>> expected;
  for (FunctionIndex f = 0; f < 300; ++f) {
    const std::string name = "f" + std::to_string(f);
    tables.invocations += "o,p," + name + ",http";
    tables.durations += "o,p," + name + ",10,7,1,20,1,2,3,4,5,6,7\n";
    for (int minute = 0; minute < 3; ++minute) {
      const int count = static_cast<int>((f * f + 7 * f + 1) % 401) + minute;
      tables.invocations += "," + std::to_string(count);
      for (int i = 0; i < count; ++i) expected.emplace_back(minute * 60000 + i * (60000.0 / count), f);
    }
    tables.invocations += "\n";
  }
  std::stable_sort(expected.begin(), expected.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  const Trace trace = expect_value(load_tables(tables));
  ASSERT_EQ(trace.invocations.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_EQ(trace.invocations.time_ms[i], expected[i].first) << i;
    ASSERT_EQ(trace.invocations.function[i], expected[i].second) << i;
  }
}

}  // namespace
}  // namespace thaw
