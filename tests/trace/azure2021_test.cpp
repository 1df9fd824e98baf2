#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "trace/files.h"

namespace thaw {
namespace {

using tests::expect_value;
using tests::fixtures;

Result<Trace> load_rows(const std::string& rows, const ReadOptions& options = {}) {
  return tests::load(forms::open_azure2021(
      InputFile::in_memory("trace.txt", "app,func,end_timestamp,duration\n" + rows), options));
}

TEST(Azure2021, StartsAtTheEndMinusTheDuration) {
  const Trace trace = expect_value(load_rows("a,f,9,5\na,f,27,6\n"));
  EXPECT_EQ(trace.invocations.time_ms, (std::vector<double>{4000, 21000}));
  EXPECT_EQ(trace.invocations.duration_ms, (std::vector<double>{5000, 6000}));
}

TEST(Azure2021, SortsByStart) {
  const Trace trace = expect_value(load_rows("a,f,10,1\nb,g,12,11\n"));
  EXPECT_EQ(trace.invocations.time_ms, (std::vector<double>{1000, 9000}));
  EXPECT_EQ(trace.invocations.function, (std::vector<FunctionIndex>{1, 0}));
}

TEST(Azure2021, TellsFunctionsApartByAppAndName) {
  const Trace trace = expect_value(load_rows("a,f,1,1\nb,f,2,1\na,f,3,1\n"));
  ASSERT_EQ(trace.functions.size(), 2U);
  EXPECT_EQ(trace.functions[0].name, "a/f");
  EXPECT_EQ(trace.functions[0].app, "a");
  EXPECT_EQ(trace.functions[1].name, "b/f");
}

TEST(Azure2021, TakesMaximumAndMeanOfTheDurationsAsColdAndWarm) {
  const Trace trace = expect_value(load_rows("a,f,1,1\na,f,3,2\na,f,9,6\n"));
  EXPECT_EQ(trace.functions[0].cold_ms, 6000);
  EXPECT_EQ(trace.functions[0].warm_ms, 3000);
}

TEST(Azure2021, GivesEveryFunction200MegabytesUnlessToldOtherwise) {
  EXPECT_EQ(expect_value(load_rows("a,f,1,1\n")).functions[0].memory_mb, 200);
  EXPECT_EQ(expect_value(load_rows("a,f,1,1\n", {.default_memory_mb = 64})).functions[0].memory_mb, 64);
}

TEST(Azure2021, TakesItsColumnsInAnyOrderAndCase) {
  const auto trace = tests::load(forms::open_azure2021(
      InputFile::in_memory("trace.txt", "Duration,END_timestamp,Func,app\n5,9,f,a\n"), {}));
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->invocations.time_ms.front(), 4000);
}

TEST(Azure2021, RefusesAStartBeforeTheTrace) {
  const auto trace = load_rows("a,f,1,1\na,f,1,2\n");
  ASSERT_FALSE(trace);
  EXPECT_EQ(trace.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(trace.error().where, "trace.txt:3");
}

TEST(Azure2021, DropsWhatItRepairs) {
  const auto file = forms::open_azure2021(
      InputFile::in_memory("trace.txt",
                           "app,func,end_timestamp,duration\na,f,1,2\na,f,nan,1\na,f,1,-1\na,f,2,1\n"),
      {.repair = true});
  ASSERT_TRUE(file);
  ASSERT_EQ((*file)->repairs().size(), 2U);
  EXPECT_EQ((*file)->repairs()[0].count, 2U);
  EXPECT_EQ((*file)->repairs()[1].count, 1U);
  EXPECT_EQ((*file)->invocations(), 1U);
}

TEST(RealAzure2021, Has31FunctionsAnd199Invocations) {
  const Trace trace = expect_value(load_trace(fixtures / "traces/azure2021/Azure2021_200.csv"));
  EXPECT_EQ(trace.functions.size(), 31U);
  EXPECT_EQ(trace.invocations.size(), 199U);
}

TEST(RealAzure2021, HasNoEqualInstantsAndASmallestGapOf3Microseconds) {
  const Trace trace = expect_value(load_trace(fixtures / "traces/azure2021"));
  double smallest = 1e9;
  std::vector<double> last(trace.functions.size(), -1);
  for (std::size_t i = 0; i < trace.invocations.size(); ++i) {
    double& before = last[trace.invocations.function[i]];
    if (before >= 0) smallest = std::min(smallest, trace.invocations.time_ms[i] - before);
    before = trace.invocations.time_ms[i];
  }
  EXPECT_NEAR(smallest * 1000, 3.094, 0.001);
}

TEST(RealAzure2021, Has8InvocationsOfNoDuration) {
  const Trace trace = expect_value(load_trace(fixtures / "traces/azure2021"));
  EXPECT_EQ(std::count(trace.invocations.duration_ms.begin(), trace.invocations.duration_ms.end(), 0.0), 8);
}

TEST(RealAzure2021, Has22InvocationsOf21FunctionsThatEndInTheFirstMinute) {
  const Trace trace = expect_value(load_trace(fixtures / "traces/azure2021"));
  std::set<FunctionIndex> functions;
  double total = 0;
  int count = 0;
  for (std::size_t i = 0; i < trace.invocations.size(); ++i) {
    const double duration = trace.invocations.duration_ms[i];
    if (trace.invocations.time_ms[i] + duration > 60000) continue;
    functions.insert(trace.invocations.function[i]);
    total += std::max(1.0, std::round(duration));
    ++count;
  }
  EXPECT_EQ(count, 22);
  EXPECT_EQ(functions.size(), 21U);
  EXPECT_EQ(total, 161612);
}

TEST(Ibm2026, StartsAtItsZeroAndEndsInOrder) {
  // Ends at 10.003, 20.505, 33.005, 33.01 and 47.004 s.
  const auto trace = tests::load(forms::open_ibm2026(
      InputFile::in_memory("week_1.csv",
                           "NamespaceHash,AppHash,InvocationTimes,AppExecTimes\n0,A,18009,3\n0,B,18019.5,5\n"
                           "1,B,18032,10\n1,B,18046,4\n2,C,18032,5\n"),
      {}));
  ASSERT_TRUE(trace) << render(trace.error());
  ASSERT_EQ(trace->functions.size(), 4U);
  EXPECT_EQ(trace->functions[1].name, "0/B");
  std::vector<double> ends;
  for (std::size_t i = 0; i < trace->invocations.size(); ++i) {
    ends.push_back((trace->invocations.time_ms[i] + trace->invocations.duration_ms[i]) / 1000);
  }
  std::sort(ends.begin(), ends.end());
  EXPECT_EQ(ends, (std::vector<double>{10.003, 20.505, 33.005, 33.01, 47.004}));
}

}  // namespace
}  // namespace thaw
