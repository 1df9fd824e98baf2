#include "load/plan_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace thaw {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

/// Seconds from arrival to arrival, the first from the begin, of each function by name.
std::map<std::string, std::vector<double>> gaps_of(LoadPlan& plan) {
  std::map<std::string, std::vector<double>> gaps;
  std::map<std::string, double> last;
  while (const Invocation* next = plan.invocations->next().value()) {
    const std::string& name = plan.functions[next->function].name;
    const double at = static_cast<double>(next->intended_ns) / 1e9;
    gaps[name].push_back(at - last[name]);
    last[name] = at;
  }
  return gaps;
}

std::map<std::string, std::vector<double>> gaps_of(const PlanRequest& request) {
  auto plan = choose_plan(request).value();
  return gaps_of(plan);
}

PlanRequest rate(double per_second, Nanos duration, double cold_percent = 0, Nanos cooldown = 10s) {
  return {.rate = per_second,
          .duration = duration,
          .law = ArrivalLaw::equidistant,
          .cold_percent = cold_percent,
          .cooldown = cooldown};
}

std::vector<double> repeated(double first, std::size_t count, double gap) {
  std::vector<double> gaps(count, gap);
  gaps.insert(gaps.begin(), first);
  return gaps;
}

void expect_near(const std::vector<double>& got, const std::vector<double>& expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], 1e-8) << i;
}

// --- a rate: the predecessor's known answers ---------------------------------------------------------------------------

TEST(RateLoad, OfNothingSendsNothing) { EXPECT_TRUE(gaps_of(rate(0, 2min)).empty()); }

TEST(RateLoad, OfOneASecondSendsEverySecond) {
  expect_near(gaps_of(rate(1, 2min))["function"], repeated(0, 119, 1));
}

TEST(RateLoad, OfEveryTwoSecondsSendsEveryTwoSeconds) {
  expect_near(gaps_of(rate(0.5, 2min))["function"], repeated(0, 59, 2));
}

TEST(RateLoad, OfEveryEightSecondsSendsFifteenInTwoMinutes) {
  expect_near(gaps_of(rate(0.125, 2min))["function"], repeated(0, 14, 8));
}

TEST(RateLoad, OfOneInAHundredSecondsSendsFourInSixMinutes) {
  expect_near(gaps_of(rate(0.01, 6min))["function"], repeated(0, 3, 100));
}

TEST(RateLoad, OfColdStartsTakesTurnsAmongFunctions) {
  const auto gaps = gaps_of(rate(1, 2min, 100));

  ASSERT_THAT(gaps, SizeIs(10));
  for (int i = 0; i < 10; ++i) expect_near(gaps.at(fmt::format("cold-function-{}", i)), repeated(i, 11, 10));
}

TEST(RateLoad, OfFewColdStartsTakesFewFunctions) {
  const auto gaps = gaps_of(rate(0.25, 1min, 100));

  ASSERT_THAT(gaps, SizeIs(3));
  for (int i = 0; i < 3; ++i)
    expect_near(gaps.at(fmt::format("cold-function-{}", i)), repeated(4 * i, 4, 12));
}

TEST(RateLoad, OfManyColdStartsTakesManyFunctions) {
  const auto gaps = gaps_of(rate(5, 1min, 100));

  ASSERT_THAT(gaps, SizeIs(50));
  expect_near(gaps.at("cold-function-7"), repeated(1.4, 5, 10));
}

TEST(RateLoad, OfBrokenNumbersOfColdStartsKeepsItsDistance) {
  const auto gaps = gaps_of(rate(2.5, 1min, 100));

  ASSERT_THAT(gaps, SizeIs(25));
  EXPECT_NEAR(gaps.at("cold-function-1").front(), 0.4, 1e-9);
  EXPECT_NEAR(gaps.at("cold-function-2").front(), 0.8, 1e-9);
}

TEST(RateLoad, LeavesOutWhatWouldFallBehindTheEnd) {
  std::size_t count = 0;
  for (const auto& [name, gaps] : gaps_of(rate(1, 1min, 100, 7s))) count += gaps.size();

  EXPECT_EQ(count, 60U);
}

TEST(RateLoad, SplitsWarmAndCold) {
  std::size_t warm = 0, cold = 0;
  for (const auto& [name, gaps] : gaps_of(rate(10, 1min, 20)))
    (name.starts_with("warm") ? warm : cold) += gaps.size();

  EXPECT_EQ(warm, 480U);
  EXPECT_EQ(cold, 120U);
}

TEST(RateLoad, LastsAnyTime) { EXPECT_THAT(gaps_of(rate(1000, 1500ms))["function"], SizeIs(1500)); }

TEST(RateLoad, SendsAnExactNumberByRandomGaps) {
  PlanRequest request = rate(1000, 6s);
  for (const auto law : {ArrivalLaw::exponential, ArrivalLaw::uniform, ArrivalLaw::exponential_shift}) {
    request.law = law;
    EXPECT_THAT(gaps_of(request)["function"], SizeIs(6000));
  }
}

TEST(RateLoad, IsAPoissonProcessWhenAskedFor) {
  PlanRequest request = rate(1000, 20s);
  request.law = ArrivalLaw::poisson;

  const auto gaps = gaps_of(request)["function"];

  // The count is within five standard deviations; the gaps' coefficient of variation is 1.
  EXPECT_NEAR(static_cast<double>(gaps.size()), 20000, 5 * std::sqrt(20000));
  double sum = 0, squares = 0;
  for (const double gap : gaps) {
    sum += gap;
    squares += gap * gap;
  }
  const double mean = sum / static_cast<double>(gaps.size());
  EXPECT_NEAR(squares / static_cast<double>(gaps.size()) / mean / mean - 1, 1, 0.06);
}

// --- traces ------------------------------------------------------------------------------------------------------------

class TraceLoad : public testing::Test {
 protected:
  TemporaryDirectory folder_ = *TemporaryDirectory::create("plan-choice");

  /// Rows of (start s, duration s) in the form of Azure 2021.
  PlanRequest azure2021(const std::vector<std::pair<double, double>>& rows, Nanos duration) {
    std::string text = "app,func,end_timestamp,duration\n";
    for (const auto& [start, length] : rows) text += fmt::format("a,f,{},{}\n", start + length, length);
    const Path path = folder_.path() / "trace.csv";
    EXPECT_TRUE(write_file_atomically(path, text));
    return {.trace = path, .duration = duration};
  }

  /// Counts of one function in the form of Azure 2019.
  PlanRequest azure2019(const std::vector<int>& counts, const std::string& sub_folder = "") {
    const Path folder = folder_.path() / sub_folder;
    std::filesystem::create_directories(folder);
    std::string header = "HashOwner,HashApp,HashFunction,Trigger", row = "o,a,f,http";
    for (std::size_t i = 0; i < counts.size(); ++i) {
      header += fmt::format(",{}", i + 1);
      row += fmt::format(",{}", counts[i]);
    }
    EXPECT_TRUE(write_file_atomically(folder / "invocations.csv", header + "\n" + row + "\n"));
    EXPECT_TRUE(write_file_atomically(
        folder / "durations.csv",
        "HashOwner,HashApp,HashFunction,Average,Count,Minimum,Maximum,percentile_Average_0,percentile_"
        "Average_1,"
        "percentile_Average_25,percentile_Average_50,percentile_Average_75,percentile_Average_99,"
        "percentile_Average_100\no,a,f,100,10,1,7,10,10,10,10,10,10,10\n"));
    EXPECT_TRUE(write_file_atomically(
        folder / "memory.csv",
        "HashOwner,HashApp,HashFunction,SampleCount,AverageAllocatedMb,AverageAllocatedMb_pct1,"
        "AverageAllocatedMb_pct5,AverageAllocatedMb_pct25,AverageAllocatedMb_pct50,AverageAllocatedMb_pct75,"
        "AverageAllocatedMb_pct95,AverageAllocatedMb_pct99,AverageAllocatedMb_pct100\n"
        "o,a,f,10,120,128,128,128,128,128,128,128,128\n"));
    return {.trace = folder_.path(), .law = ArrivalLaw::equidistant};
  }
};

struct SentInvocation {
  double at_s;
  std::uint32_t runtime_ms, column;
  int phase;
};

std::vector<SentInvocation> sent_by(const PlanRequest& request) {
  auto plan = choose_plan(request).value();
  std::vector<SentInvocation> all;
  while (const Invocation* next = plan.invocations->next().value())
    all.push_back(
        {static_cast<double>(next->intended_ns) / 1e9, next->runtime_ms, next->column, next->phase});
  return all;
}

std::vector<double> times(const std::vector<SentInvocation>& all) {
  std::vector<double> times;
  for (const SentInvocation& one : all) times.push_back(one.at_s);
  return times;
}

TEST_F(TraceLoad, ReplaysOneRecordedInvocation) {
  const auto all = sent_by(azure2021({{1, 1}}, 2min));

  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all[0].at_s, 1);
  EXPECT_EQ(all[0].runtime_ms, 1000U);
}

TEST_F(TraceLoad, ReplaysRecordedInstantsExactly) {
  EXPECT_THAT(times(sent_by(azure2021({{3, 5}, {21, 6}}, 2min))), ElementsAre(3, 21));
}

TEST_F(TraceLoad, NamesFunctionsAfterTheBenchmarksThatPlayThem) {
  PlanRequest request = azure2019({2});
  request.benchmarks = folder_.path() / "mapper_output.json";
  ASSERT_TRUE(write_file_atomically(*request.benchmarks, R"({"foa": {"proxy-function": "aes-python-10"}})"));

  EXPECT_EQ(choose_plan(request).value().functions.front().name, "aes-python-10-0");
}

TEST_F(TraceLoad, RefusesAMapThatLacksAFunction) {
  PlanRequest request = azure2019({2});
  request.benchmarks = folder_.path() / "mapper_output.json";
  ASSERT_TRUE(write_file_atomically(*request.benchmarks, "{}"));

  const auto plan = choose_plan(request);

  ASSERT_FALSE(plan);
  EXPECT_THAT(plan.error().what, HasSubstr("no benchmark plays the function f"));
}

TEST_F(TraceLoad, FindsTheMapOfBenchmarksInAFolder) {
  PlanRequest request = azure2019({2});
  request.benchmarks = folder_.path();
  ASSERT_TRUE(write_file_atomically(folder_.path() / "mapper_output.json",
                                    R"({"foa": {"proxy-function": "aes-python-10"}})"));

  EXPECT_EQ(choose_plan(request).value().functions.front().name, "aes-python-10-0");
}

/// Folders that each hold a trace of one function "f", and a map that names its benchmark.
class TracesOfBenchmarks : public TraceLoad {
 protected:
  PlanRequest folder(const std::string& name, const std::vector<int>& counts, const std::string& benchmark) {
    PlanRequest request = azure2019(counts, name);
    EXPECT_TRUE(write_file_atomically(folder_.path() / name / "mapper_output.json",
                                      fmt::format(R"({{"foa": {{"proxy-function": "{}"}}}})", benchmark)));
    request.benchmarks = folder_.path();
    return request;
  }
};

TEST_F(TracesOfBenchmarks, AreOneTraceInTheOrderOfTheirFolders) {
  folder("second", {0, 1}, "fibonacci-go-20");
  const PlanRequest request = folder("first", {2, 0}, "aes-python-10");

  const auto gaps = gaps_of(request);

  ASSERT_THAT(gaps, SizeIs(2));
  EXPECT_THAT(gaps.at("aes-python-10-0"), ElementsAre(0, 30));
  EXPECT_THAT(gaps.at("fibonacci-go-20-1"), ElementsAre(60));
}

TEST_F(TracesOfBenchmarks, LeaveOutFoldersWithoutAMap) {
  azure2019({7}, "no-map");
  const PlanRequest request = folder("one", {2}, "aes-python-10");

  EXPECT_THAT(choose_plan(request).value().functions, SizeIs(1));
}

TEST_F(TracesOfBenchmarks, AreIdleWhereTheyAreShorterAndSaySo) {
  folder("long", {1, 1}, "aes-python-10");
  const PlanRequest request = folder("short", {3}, "fibonacci-go-20");

  const auto plan = choose_plan(request).value();

  EXPECT_EQ(plan.length_s, 120);
  ASSERT_THAT(plan.remarks, SizeIs(1));
  EXPECT_THAT(plan.remarks.front().what, HasSubstr("another number of columns"));
}

TEST_F(TracesOfBenchmarks, ArriveIndependentlyThoughTheirFunctionsHaveOneName) {
  folder("a", {3}, "aes-python-10");
  PlanRequest request = folder("b", {3}, "aes-python-10");
  request.law = ArrivalLaw::exponential;

  const auto gaps = gaps_of(request);

  EXPECT_NE(gaps.at("aes-python-10-0"), gaps.at("aes-python-10-1"));
}

TEST_F(TracesOfBenchmarks, AreRefusedWithoutAnyMap) {
  PlanRequest request = azure2019({1}, "no-map");
  request.benchmarks = folder_.path();

  EXPECT_THAT(choose_plan(request).error().what, HasSubstr("nor one in it holds a mapper_output.json"));
}

TEST_F(TracesOfBenchmarks, HoldCounts) {
  PlanRequest request = folder("one", {1}, "aes-python-10");
  for (const char* file : {"invocations.csv", "durations.csv", "memory.csv"})
    std::filesystem::remove(folder_.path() / "one" / file);
  std::filesystem::rename(*azure2021({{1, 1}}, 1min).trace, folder_.path() / "one" / "trace.csv");
  ASSERT_TRUE(write_file_atomically(folder_.path() / "one" / "mapper_output.json",
                                    R"({"a/f": {"proxy-function": "aes"}, "f": {"proxy-function": "aes"}})"));

  EXPECT_THAT(choose_plan(request).error().what, HasSubstr("holds no counts"));
}

TEST_F(TraceLoad, LeavesOutWhatEndsAfterTheWindow) {
  EXPECT_TRUE(sent_by(azure2021({{61, 5}, {70, 5}}, 1min)).empty());
}

TEST_F(TraceLoad, CountsRecordedInstantsByMinute) {
  const auto all = sent_by(azure2021({{30, 20}, {71, 5}, {95, 17}}, 3min));

  ASSERT_THAT(all, SizeIs(3));
  EXPECT_EQ(all[0].column, 0U);
  EXPECT_EQ(all[1].column, 1U);
  EXPECT_EQ(all[2].column, 1U);
  EXPECT_EQ(all[2].runtime_ms, 17000U);
}

TEST_F(TraceLoad, SpacesCountsWithinTheirMinute) {
  EXPECT_THAT(times(sent_by(azure2019({5}))), ElementsAre(0, 12, 24, 36, 48));
}

TEST_F(TraceLoad, SendsNothingWhereNothingIsCounted) {
  PlanRequest request = azure2019({0, 1});
  request.duration = 1min;

  EXPECT_TRUE(sent_by(request).empty());
}

TEST_F(TraceLoad, StartsWithTheFirstColumnThatCounts) {
  EXPECT_THAT(times(sent_by(azure2019({0, 5}))), ElementsAre(60, 72, 84, 96, 108));
}

TEST_F(TraceLoad, MakesTheFirstColumnsWarmUp) {
  PlanRequest request = azure2019({5, 5});
  request.warmup = 1min;

  const auto all = sent_by(request);

  ASSERT_THAT(all, SizeIs(10));
  EXPECT_EQ(all[4].phase, 1);
  EXPECT_EQ(all[5].phase, 2);
}

TEST_F(TraceLoad, TakesColumnsForSecondsWhenAskedFor) {
  PlanRequest request = azure2019(std::vector<int>(120, 1));
  request.has_seconds = true;
  request.warmup = 60s;

  const auto all = sent_by(request);

  ASSERT_THAT(all, SizeIs(120));
  EXPECT_EQ(all[59].phase, 1);
  EXPECT_EQ(all[60].phase, 2);
  EXPECT_EQ(all[119].at_s, 119);
}

TEST_F(TraceLoad, GoesFasterWhenAskedFor) {
  PlanRequest request = azure2019({5});
  request.speedup = 12;

  EXPECT_THAT(times(sent_by(request)), ElementsAre(0, 1, 2, 3, 4));
}

TEST_F(TraceLoad, TakesAPartOfTheTrace) {
  PlanRequest request = azure2019({5, 1, 2});
  request.reading.begin_ms = 120'000;

  EXPECT_THAT(times(sent_by(request)), ElementsAre(0, 30));
}

TEST_F(TraceLoad, CountsTheTimesOfItsPartInSecondsWhereColumnsAreSeconds) {
  PlanRequest request = azure2019({1, 2, 4, 8});
  request.reading.begin_ms = 1000;
  request.reading.end_ms = 3000;
  EXPECT_FALSE(choose_plan(request));

  request.has_seconds = true;
  EXPECT_THAT(sent_by(request), SizeIs(2 + 4));
  EXPECT_EQ(choose_plan(request)->length_s, 2);
}

// --- identities --------------------------------------------------------------------------------------------------------

/// "2.0" for column 2, number 0.
std::vector<std::string> identities(const PlanRequest& request) {
  auto plan = choose_plan(request).value();
  std::vector<std::string> all;
  while (const Invocation* next = plan.invocations->next().value())
    all.push_back(fmt::format("{}{}.{}", plan.has_seconds ? "sec" : "min", next->column, next->number));
  return all;
}

TEST(Identities, OfARateAreByMinute) {
  EXPECT_THAT(identities(rate(0.05, 2min)),
              ElementsAre("min0.0", "min0.1", "min0.2", "min1.0", "min1.1", "min1.2"));
}

TEST(Identities, OfARateAreBySecondWhenAskedFor) {
  PlanRequest request = rate(2, 2s);
  request.has_seconds = true;

  EXPECT_THAT(identities(request), ElementsAre("sec0.0", "sec0.1", "sec1.0", "sec1.1"));
}

TEST(Identities, OfColdFunctionsAreNumberedByFunction) {
  // Two functions take turns, each every 20 s.
  EXPECT_THAT(identities(rate(0.1, 1min, 100, 20s)),
              ElementsAre("min0.0", "min0.0", "min0.1", "min0.1", "min0.2", "min0.2"));
}

TEST(Identities, DoNotDependOnTheShard) {
  PlanRequest request = rate(0.1, 1min);
  request.shard = {2, 3};

  EXPECT_THAT(identities(request), ElementsAre("min0.2", "min0.5"));
}

TEST(Identities, OfARateLeaveTheWarmUpItsSeconds) {
  PlanRequest request = rate(1, 2s);
  request.warmup = 1s;
  auto plan = choose_plan(request).value();

  std::vector<int> phases;
  while (const Invocation* next = plan.invocations->next().value()) phases.push_back(next->phase);
  EXPECT_THAT(phases, ElementsAre(1, 2, 2));
}

// --- what does not fit together ----------------------------------------------------------------------------------------

TEST(LoadPlanChoice, NeedsSomethingToSend) { EXPECT_THAT(choose_plan({}).error().hint, HasSubstr("--rps")); }

TEST(LoadPlanChoice, RefusesTwoPlans) {
  EXPECT_FALSE(choose_plan({.rate = 1, .connections = 1, .duration = 1s}));
}

TEST(LoadPlanChoice, NeedsADurationForARate) {
  EXPECT_EQ(choose_plan({.rate = 1}).error().where, "--duration");
}

TEST(LoadPlanChoice, RefusesWhatThePlanHasNoUseFor) {
  EXPECT_EQ(choose_plan({.connections = 1, .duration = 1s, .cold_percent = 5}).error().where,
            "--cold-percent");
  EXPECT_EQ(choose_plan({.rate = 1, .duration = 1s, .think = 1s}).error().where, "--think");
  EXPECT_EQ(choose_plan({.rate = 1, .duration = 1s, .benchmarks = "map.json"}).error().where, "--benchmarks");
}

TEST(LoadPlanChoice, CannotDivideAClosedLoop) {
  EXPECT_FALSE(choose_plan({.connections = 1, .duration = 1s, .shard = {1, 2}}));
}

TEST(LoadPlanChoice, CountsAPlan) {
  auto plan =
      choose_plan({.rate = 100, .duration = 3s, .warmup = 1s, .law = ArrivalLaw::equidistant}).value();

  const PlannedNumbers numbers = count_plan(plan).value();

  EXPECT_EQ(numbers.invocations, 400U);
  EXPECT_EQ(numbers.warmup_invocations, 100U);
  EXPECT_EQ(numbers.most_per_second, 100);
  EXPECT_EQ(plan.length_s, 4);
}

}  // namespace
}  // namespace thaw
