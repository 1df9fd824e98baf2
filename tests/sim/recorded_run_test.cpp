// Records of loads, written by hand, read back as what a simulation needs.

#include "sim/recorded_run.h"

#include <gtest/gtest.h>

#include <string>

#include "core/files.h"
#include "record/json_text.h"

namespace thaw {
namespace {

constexpr const char* document = R"({"schema": "thaw.run/1", "context": {"platform": {
  "kind": "embedded", "policy": "lru", "memory_mb": 300, "seed": 7,
  "functions": [{"name": "f", "memory_mb": 100, "init_ms": 10, "execution_ms": 20}]}}})";
constexpr const char* header = "function,intended_ns,sent_ns,done_ns,status_code,cold,instance_id\n";
constexpr const char* log_header =
    R"({"schema":"thaw.events/1","source":"serve","policy":"lru","memory_mb":300})";

/// A record in a folder of its own.
class RecordedRunTest : public testing::Test {
 protected:
  Result<RecordedRun> read(const std::string& rows, const std::string& events,
                           const std::string& run_json = document) {
    const Path folder = temporary_.path();
    EXPECT_TRUE(write_file_atomically(folder / "run.json", run_json));
    EXPECT_TRUE(write_file_atomically(folder / "samples.csv", header + rows));
    EXPECT_TRUE(write_file_atomically(folder / "events.ndjson", std::string(log_header) + "\n" + events));
    THAW_TRY(const RunRecord record, read_run(folder));
    return recorded_run(record);
  }

 private:
  TemporaryDirectory temporary_ = *TemporaryDirectory::create("thaw-recorded-run");
};

std::string event(double t_ms, const std::string& what, int instance) {
  return fmt::format(R"({{"t_ms":{:.3f},{},"function":"f","instance":{},"used_mb":100.000}})", t_ms, what,
                     instance) +
         "\n";
}

std::string cold_start(double t_ms, int instance) {
  return event(t_ms, R"("event":"start","start":"cold")", instance);
}
std::string finish(double t_ms, int instance) { return event(t_ms, R"("event":"finish")", instance); }

TEST_F(RecordedRunTest, HasThePolicyAndMemoryOfThePlatform) {
  const auto run = read("f,0,1000000,40000000,200,true,1\n", cold_start(101, 1) + finish(135, 1));
  ASSERT_TRUE(run);
  EXPECT_EQ(run->point.policy, "lru");
  EXPECT_EQ(run->point.memory_mb, 300);
  EXPECT_EQ(run->point.seed, 7U);
}

TEST_F(RecordedRunTest, HasTheFunctionsAsConfigured) {
  const auto run = read("f,0,1000000,40000000,200,true,1\n", cold_start(101, 1));
  ASSERT_TRUE(run);
  EXPECT_EQ(run->functions.front().init_ms(), 10);
  EXPECT_EQ(run->functions.front().warm_ms, 20);
}

TEST_F(RecordedRunTest, TakesTheTimeThatAContainerWasKept) {
  const auto run = read("f,0,1000000,40000000,200,true,1\n", cold_start(101, 1) + finish(135, 1));
  ASSERT_TRUE(run);
  EXPECT_EQ(run->invocations.front().busy_ms, 34);
}

TEST_F(RecordedRunTest, PutsThePlatformsClockOnThePlans) {
  const auto run = read("f,0,1000000,40000000,200,true,1\nf,50000000,51000000,80000000,200,false,1\n",
                        cold_start(101, 1) + finish(135, 1) +
                            event(153, R"("event":"start","start":"warm")", 1) + finish(180, 1));
  ASSERT_TRUE(run);
  // The lower of two medians took no time: 101 ms of the platform are 1 ms of the plan.
  EXPECT_NEAR(*run->invocations.front().arrived_ms, 1, 1e-9);
  EXPECT_NEAR(*run->invocations.back().arrived_ms, 53, 1e-9);
}

TEST_F(RecordedRunTest, IsInTheOrderOfThePlan) {
  const auto run = read("f,50000000,51000000,80000000,200,true,2\nf,0,1000000,90000000,200,true,1\n",
                        cold_start(101, 1) + cold_start(151, 2));
  ASSERT_TRUE(run);
  EXPECT_EQ(run->invocations.front().intended_ms, 0);
  EXPECT_EQ(run->invocations.back().intended_ms, 50);
}

TEST_F(RecordedRunTest, KnowsADropByItsStatus) {
  const auto run = read("f,0,1000000,2000000,503,false,\n", event(101, R"("event":"drop")", 0));
  ASSERT_TRUE(run);
  EXPECT_EQ(run->invocations.front().served, Served::dropped);
  EXPECT_TRUE(run->invocations.front().arrived_ms);
}

TEST_F(RecordedRunTest, CallsAnInvocationWithoutAnAnswerFailed) {
  const auto run = read("f,0,1000000,,,,\n", "");
  ASSERT_TRUE(run);
  EXPECT_FALSE(run->invocations.front().served);
}

TEST_F(RecordedRunTest, SeesAnExpiryCloseToAnArrival) {
  const auto run =
      read("f,0,1000000,40000000,200,true,2\n", event(96, R"("event":"expire")", 1) + cold_start(101, 2));
  ASSERT_TRUE(run);
  EXPECT_TRUE(run->invocations.front().is_near_expiry);
}

TEST_F(RecordedRunTest, RefusesARecordThatNamesNoPlatform) {
  const auto run =
      read("f,0,1000000,40000000,200,true,1\n", "", R"({"schema": "thaw.run/1", "context": {}})");
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().kind, ErrorKind::bad_input);
}

TEST_F(RecordedRunTest, RefusesAFunctionThatThePlatformDidNotHave) {
  const auto run = read("g,0,1000000,40000000,200,true,1\n", "");
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().kind, ErrorKind::bad_input);
}

}  // namespace
}  // namespace thaw
