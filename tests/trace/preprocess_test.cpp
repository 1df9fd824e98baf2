#include "trace/preprocess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace thaw {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

Azure2019Tables::CountRow counts(std::string app, std::string function, std::vector<double> values) {
  return {{"ob", std::move(app), std::move(function)}, "queue", std::move(values)};
}

Azure2019Tables::DurationRow duration(std::string app, std::string function, double average,
                                      double minimum = 1) {
  DurationStatistics statistics;
  statistics.average = average;
  statistics.count = 1;
  statistics.minimum = minimum;
  return {{"ob", std::move(app), std::move(function)}, statistics};
}

Azure2019Tables::MemoryRow memory(std::string app, double average, double p1) {
  MemoryStatistics statistics;
  statistics.count = 1;
  statistics.average = average;
  statistics.p1 = p1;
  return {{"ob", std::move(app), ""}, statistics};
}

TEST(Slice, TakesTheColumnsOfTheWindow) {
  Azure2019Tables tables;
  for (const double factor : {1.0, 2.0}) {
    std::vector<double> row(15);
    for (std::size_t i = 0; i < row.size(); ++i) row[i] = factor * static_cast<double>(i + 1);
    tables.invocations.push_back(counts("a", "f", row));
  }
  ASSERT_TRUE(slice(tables, {10, 5}).has_value());
  EXPECT_THAT(tables.invocations[0].counts, ElementsAre(10, 11, 12, 13, 14));
  double sum = 0;
  for (const auto& row : tables.invocations)
    sum += std::accumulate(row.counts.begin(), row.counts.end(), 0.0);
  EXPECT_EQ(sum, 180);
}

TEST(Slice, BeginsWithTheFirstColumnAtMidnight) {
  Azure2019Tables tables;
  tables.invocations.push_back(counts("a", "f", {7, 8, 9}));
  ASSERT_TRUE(slice(tables, {0, 2}).has_value());
  EXPECT_THAT(tables.invocations[0].counts, ElementsAre(7, 8));
}

TEST(Slice, RefusesAWindowBehindTheTrace) {
  Azure2019Tables tables;
  tables.invocations.push_back(counts("a", "f", {7, 8, 9}));
  EXPECT_EQ(slice(tables, {100, 5}).error().kind, ErrorKind::bad_usage);
}

/// Every flaw once; only fd and fe of the app ad are sound.
Azure2019Tables flawed_tables() {
  const double nan = std::nan("");
  Azure2019Tables tables;
  tables.invocations = {counts("aa", "fa", {0, 0}), counts("ab", "fb", {nan, 1}), counts("ac", "fc", {2, 2}),
                        counts("ad", "fd", {3, 3}), counts("ad", "fe", {4, 4}),   counts("ad", "fe", {5, 5}),
                        counts("ad", "ff", {6, 6}), counts("ae", "fg", {7, 7}),   counts("af", "fh", {8, 8})};
  tables.durations = {duration("aa", "fa", 10),    duration("ab", "fb", 10), duration("ac", "fc", 0),
                      duration("ad", "fe", 30, 8), duration("ad", "fe", 99), duration("ad", "fd", 40, 10),
                      duration("ae", "fg", nan),   duration("af", "fh", 10)};
  tables.memory = {memory("aa", 10, 1), memory("ab", 10, 1), memory("ac", 10, 1),
                   memory("ad", 60, 6), memory("ad", 99, 9), memory("ae", 10, 1)};
  return tables;
}

TEST(CleanAndJoin, KeepsFunctionsWithEverything) {
  const ArrivalCounts cleaned = clean_and_join(flawed_tables()).value();
  ASSERT_THAT(cleaned.functions, SizeIs(2));
  EXPECT_EQ(cleaned.functions[0].name, "fd");
  EXPECT_EQ(cleaned.functions[1].name, "fe");
  EXPECT_EQ(cleaned.functions[0].app, "ad");
  EXPECT_EQ(cleaned.functions[0].owner, "ob");
  EXPECT_THAT(cleaned.counts, ElementsAre(ElementsAre(3, 3), ElementsAre(4, 4)));
}

TEST(CleanAndJoin, KeepsTheFirstOfRepeatedRows) {
  const ArrivalCounts cleaned = clean_and_join(flawed_tables()).value();
  EXPECT_EQ(cleaned.functions[0].duration->average, 40);
  EXPECT_EQ(cleaned.functions[0].duration->minimum, 10);
  EXPECT_EQ(cleaned.functions[1].duration->average, 30);
  EXPECT_EQ(cleaned.functions[1].duration->minimum, 8);
}

TEST(CleanAndJoin, DividesMemoryAmongTheAppsFunctions) {
  const ArrivalCounts cleaned = clean_and_join(flawed_tables()).value();
  for (const TraceFunction& function : cleaned.functions) {
    EXPECT_EQ(function.memory->average, 30);
    EXPECT_EQ(function.memory->p1, 3);
  }
}

TEST(CleanAndJoin, RefusesWhenNothingIsLeft) {
  Azure2019Tables tables = flawed_tables();
  tables.memory.clear();
  EXPECT_EQ(clean_and_join(std::move(tables)).error().kind, ErrorKind::bad_input);
}

/// Rows of the form app, function, end and duration in seconds.
const std::vector<Azure2021Row> rows_2021 = {{"aa", "fa", 1, .5},
                                             {"ab", "fb", 10, 5},
                                             {"ac", "fc", 80, 15.5},
                                             {"ac", "fd", 100, 40},
                                             {"ac", "fd", 300, 100}};

TEST(CountByMinute, CountsStarts) {
  const ArrivalCounts counted = count_by_minute(rows_2021, {{0, 5}}).value();
  EXPECT_THAT(counted.counts, ElementsAre(ElementsAre(1, 0, 0, 0, 0), ElementsAre(1, 0, 0, 0, 0),
                                          ElementsAre(0, 1, 0, 0, 0), ElementsAre(0, 1, 0, 1, 0)));
}

TEST(CountByMinute, KeepsStartsInTheWindow) {
  const std::vector<Azure2021Row> rows = {
      {"a", "f", 16, 1}, {"a", "f", 61, 1}, {"a", "f", 76, 1}, {"a", "f", 121, 1}};
  EXPECT_THAT(count_by_minute(rows, {{1, 1}})->counts, ElementsAre(ElementsAre(2)));
}

TEST(CountByMinute, DescribesDurationsInMilliseconds) {
  const TraceFunction fd = count_by_minute(rows_2021, {{0, 5}})->functions[3];
  EXPECT_EQ(fd.duration->average, 70000);
  EXPECT_EQ(fd.duration->p25, 55000);
  EXPECT_EQ(fd.duration->p100, 100000);
  EXPECT_EQ(fd.memory->p50, 200);
  EXPECT_EQ(fd.owner, "0");
  EXPECT_EQ(fd.trigger, "http");
}

/// One function with executions of these milliseconds.
std::vector<Azure2021Row> executions(std::vector<double> ms) {
  std::vector<Azure2021Row> rows;
  for (const double value : ms) rows.push_back({"a", "f", 30, value / 1000});
  return rows;
}

TEST(CountByMinute, LeavesOutFunctionsOfWhichHalfTakesNoTime) {
  auto rows = executions({0, 0, 10});
  EXPECT_FALSE(count_by_minute(rows, {{0, 5}, 50}).has_value());
}

TEST(CountByMinute, KeepsFunctionsBelowTheShareOfZeros) {
  EXPECT_THAT(count_by_minute(executions({0, 5, 10, 15, 20}), {{0, 5}, 75})->counts, SizeIs(1));
}

TEST(CountByMinute, KeepsAFunctionUnderTwoAppsApart) {
  const std::vector<Azure2021Row> rows = {{"a", "f", 1, 1}, {"b", "f", 1, 1}};
  const ArrivalCounts counted = count_by_minute(rows, {{0, 1}}).value();
  ASSERT_THAT(counted.functions, SizeIs(2));
  EXPECT_NE(counted.functions[0].name, counted.functions[1].name);
}

std::vector<TraceFunction> sampled(std::vector<std::pair<std::string, std::string>> functions) {
  std::vector<TraceFunction> sample;
  for (auto& [app, name] : functions) {
    sample.emplace_back();
    sample.back().app = app;
    sample.back().name = name;
  }
  return sample;
}

TEST(FilterRows, KeepsTheSampledFunctions) {
  EXPECT_THAT(filter_rows(rows_2021, {0, 10}, sampled({{"aa", "fa"}, {"ab", "fb"}, {"ac", "fd"}})),
              SizeIs(4));
}

TEST(FilterRows, TellsAppsApart) {
  EXPECT_THAT(filter_rows(rows_2021, {0, 10}, sampled({{"ab", "fa"}})), SizeIs(0));
}

TEST(FilterRows, CountsTimesFromTheWindow) {
  const auto rows = filter_rows(rows_2021, {1, 10}, sampled({{"ac", "fc"}}));
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_DOUBLE_EQ(rows[0].start_s(), 4.5);
}

TEST(FilterRows, FindsFunctionsThatWereToldApart) {
  const std::vector<Azure2021Row> rows = {{"a", "f", 1, 1}, {"b", "f", 1, 1}};
  const ArrivalCounts counted = count_by_minute(rows, {{0, 1}}).value();
  EXPECT_THAT(filter_rows(rows, {0, 1}, {counted.functions[1]}), SizeIs(1));
}

}  // namespace
}  // namespace thaw
