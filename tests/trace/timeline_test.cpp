#include "trace/timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace thaw {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Two invocations of one function of 200 MB, the second a minute and a half after the first.
ArrivalPlan plan_of(double runtime_ms) {
  Trace trace;
  trace.functions.push_back({.name = "f", .memory_mb = 200});
  trace.invocations.time_ms = {1.5, 90000};
  trace.invocations.function = {0, 0};
  trace.invocations.duration_ms = {runtime_ms, runtime_ms};
  return plan_from_recording(std::move(trace), {}).value();
}

std::string timeline_of(ArrivalPlan plan, TimelineScale scale, bool has_cpu_quota) {
  std::string text;
  const auto written = write_timeline(plan, {scale, has_cpu_quota}, [&](std::string_view lines) {
    text += lines;
    return Result<>{};
  });
  EXPECT_TRUE(written.has_value());
  return text;
}

TEST(Timeline, CountsAnInvocationInEveryMillisecondBothEndsIncluded) {
  EXPECT_THAT(timeline_of(plan_of(2), TimelineScale::millisecond, false),
              StartsWith("timestamp,funcCnt,memoryUsage,memory,cpu\n"
                         "0,0,0,0,0\n"
                         "1,1,200,200,1000\n"
                         "2,1,200,200,1000\n"
                         "3,1,200,200,1000\n"
                         "4,0,0,0,0\n"));
}

TEST(Timeline, EndsWithTheLastInvocation) {
  const std::string text = timeline_of(plan_of(2), TimelineScale::millisecond, false);
  EXPECT_TRUE(text.ends_with("\n90002,1,200,200,1000\n"));
}

TEST(Timeline, StretchesByTheProcessorsShare) {
  // 200 MB get 83 millicores: 83 ms of work take a second.
  EXPECT_THAT(timeline_of(plan_of(83), TimelineScale::millisecond, true), HasSubstr("\n1001,1,200,200,83\n"));
}

TEST(Timeline, AveragesOverTheMinute) {
  // Runs for 6 of 60 seconds.
  EXPECT_EQ(timeline_of(plan_of(6000), TimelineScale::minute, false),
            "minute,functionHash,avgRuntime,avgMemory,avgCpu,avgMemoryUsage\n"
            "0,f,0.1,20,100,20\n"
            "1,f,0.1,20,100,20\n");
}

TEST(Timeline, DividesARunAmongItsMinutes) {
  EXPECT_THAT(timeline_of(plan_of(60000), TimelineScale::minute, false),
              HasSubstr("\n2,f,0.5,100,500,100\n"));
}

}  // namespace
}  // namespace thaw
