#include "load/recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "record/csv.h"

namespace thaw {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view predecessors_columns =
    "phase,instance,invocationID,startTime,requestedDuration,grpcConnEstablish,responseTime,actualDuration,"
    "connectionTimeout,functionTimeout,actualMemoryUsage,memoryAllocationTimeout,timeToSubmitMs,"
    "userCodeExecutionMs,timeToGetResponseMs,";

std::vector<TraceFunction> functions() {
  std::vector<TraceFunction> all(2);
  all[0].name = "a";
  all[1].name = "b,\"c\"";
  return all;
}

/// A good answer: due at 1 ms, 0.1 ms late, 2 ms of service.
Invocation good() {
  Invocation invocation;
  invocation.runtime_ms = 1;
  invocation.column = 2;
  invocation.number = 7;
  invocation.intended_ns = 1'000'000;
  invocation.dispatched_ns = 1'100'000;
  invocation.sent_ns = 1'200'000;
  invocation.first_byte_ns = 3'000'000;
  invocation.done_ns = 3'200'000;
  invocation.status = 200;
  return invocation;
}

Invocation failed(Cause cause) {
  Invocation invocation = good();
  invocation.cause = cause;
  return invocation;
}

std::string row_of(const Invocation& invocation, bool has_seconds = false) {
  const std::vector<TraceFunction> all = functions();
  std::string row;
  append_row({&all, has_seconds, 1'000'000'000}, invocation, row);
  return row;
}

TEST(LoadRows, BeginWithThePredecessorsColumns) {
  EXPECT_THAT(load_record_header(), StartsWith(predecessors_columns));
}

TEST(LoadRows, HaveAFieldForEachColumn) {
  auto reader = CsvReader::over(load_record_header() + row_of(good()), "text");
  const auto columns = read_columns(std::move(reader)).value();

  EXPECT_EQ(columns.rows, 1U);
  EXPECT_EQ(columns.columns.size(), load_record_columns().size());
}

TEST(LoadRows, DivideTheTimeOfAsynchronousInvocations) {
  Invocation invocation = good();
  invocation.platform_us = 700;
  invocation.fetch_us = 300;

  // Of 2100 µs.
  EXPECT_THAT(row_of(invocation), HasSubstr(",2100,0,false,false,0,false,1100,700,300,a,"));
}

TEST(LoadRows, SayWhatHappened) {
  EXPECT_EQ(
      row_of(good()),
      "2,,min2.inv7,1000001100,1000,0,2100,0,false,false,0,false,0,0,0,a,1000000,1100000,1200000,3000000,"
      "3200000,100000,1,200,none,,\n");
}

TEST(LoadRows, NameSecondsWhereColumnsAreSeconds) {
  EXPECT_THAT(row_of(good(), true), HasSubstr(",sec2.inv7,"));
}

TEST(LoadRows, QuoteNames) {
  Invocation invocation = good();
  invocation.function = 1;

  EXPECT_THAT(row_of(invocation), HasSubstr(",\"b,\"\"c\"\"\","));
}

TEST(LoadRows, PutTheWorkflowBeforeTheInstance) {
  Invocation invocation = good();
  invocation.graph = 4;

  EXPECT_THAT(row_of(invocation), StartsWith("2,\"DAG 4,\",min2.inv7,"));
}

TEST(LoadRows, TellConnectionFailuresFromOthers) {
  EXPECT_THAT(row_of(failed(Cause::connect_refused)), HasSubstr(",true,false,"));
  EXPECT_THAT(row_of(failed(Cause::function_timeout)), HasSubstr(",false,true,"));
}

TEST(LoadRows, LeaveInstantsEmptyThatNeverCame) {
  Invocation waiting;
  waiting.intended_ns = 5;

  EXPECT_THAT(row_of(waiting), HasSubstr(",a,5,,,,,,1,,in_flight,,\n"));
}

TEST(LoadTotals, CountEveryInvocationUnderOneHeading) {
  LoadTotals totals;
  count(good(), 1'000'000, totals);
  count(failed(Cause::status), 1'000'000, totals);
  count(failed(Cause::dropped), 1'000'000, totals);
  count(Invocation{}, 1'000'000, totals);

  EXPECT_EQ(totals.planned, 4U);
  EXPECT_EQ(totals.ok + totals.failed() + totals.dropped() + totals.in_flight, totals.planned);
}

TEST(LoadTotals, MeasureResponseFromTheIntendedStart) {
  LoadTotals totals;
  count(good(), 1'000'000, totals);

  EXPECT_EQ(totals.response.max(), 2'200'000);
  EXPECT_EQ(totals.service.max(), 2'000'000);
  EXPECT_EQ(totals.lateness.max(), 100'000);
}

TEST(LoadTotals, LeaveFailuresOutOfLatencies) {
  LoadTotals totals;
  count(failed(Cause::status), 1'000'000, totals);

  EXPECT_EQ(totals.response.count(), 0U);
}

TEST(LoadTotals, TakeSlowdownFromTheRequestedTime) {
  LoadTotals totals;
  count(good(), 1'000'000, totals);

  EXPECT_NEAR(totals.slowdown.harmonic_mean(), 2.2, 1e-12);
}

class RecorderTest : public testing::Test {
 protected:
  TemporaryDirectory folder_ = *TemporaryDirectory::create("recorder");
  std::vector<TraceFunction> functions_ = functions();
  RecorderOptions options() {
    RecorderOptions options;
    options.rows.functions = &functions_;
    options.samples = folder_.path() / "samples.csv";
    return options;
  }
  [[nodiscard]] std::string written() const { return read_file(folder_.path() / "samples.csv").value(); }
};

TEST_F(RecorderTest, WritesARowForEachInvocation) {
  constexpr std::size_t count = 50'000;
  const auto recorder = Recorder::create(options()).value();
  for (std::size_t i = 0; i < count; ++i) recorder->take(good());

  ASSERT_TRUE(recorder->finish());

  const std::string text = written();
  EXPECT_EQ(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')), count + 1);
}

TEST_F(RecorderTest, KeepsTheOrderWhenTheSenderFormatsRowsToo) {
  constexpr std::uint32_t count = 50'000;
  const auto recorder = Recorder::create(options()).value();
  std::size_t by_sender = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    Invocation invocation = good();
    invocation.number = i;
    recorder->take(invocation);
    // Sometimes nothing, sometimes all of it.
    for (std::uint32_t piece = 0; piece < i % 3 && recorder->has_deferred_work(); ++piece)
      by_sender += static_cast<std::size_t>(recorder->do_deferred_work());
  }

  ASSERT_TRUE(recorder->finish());

  EXPECT_GT(by_sender, 0U);
  EXPECT_FALSE(recorder->has_deferred_work());
  const std::string text = written();
  std::size_t at = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    at = text.find(".inv" + std::to_string(i) + ",", at);
    ASSERT_NE(at, std::string::npos) << "row " << i;
  }
  EXPECT_EQ(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')), count + 1);
}

TEST_F(RecorderTest, LeavesRowsToTheWriterWhereSomebodyListens) {
  struct Counting final : RowListener {
    void listen(const Invocation&) override { ++heard; }
    std::size_t heard = 0;
  } listener;
  RecorderOptions with_listener = options();
  with_listener.listeners = {&listener};
  const auto recorder = Recorder::create(with_listener).value();
  for (int i = 0; i < 100; ++i) {
    recorder->take(good());
    EXPECT_FALSE(recorder->has_deferred_work());
  }

  ASSERT_TRUE(recorder->finish());

  EXPECT_EQ(listener.heard, 100U);
}

TEST_F(RecorderTest, KeepsWarmUpApart) {
  const auto recorder = Recorder::create(options()).value();
  Invocation warm = good();
  warm.phase = 1;
  recorder->take(warm);
  recorder->take(good());

  EXPECT_EQ(recorder->warmup().ok, 1U);
  EXPECT_EQ(recorder->measured().ok, 1U);
  EXPECT_EQ(recorder->functions()[0].ok, 1U);
}

TEST_F(RecorderTest, RefersSlowdownToTheExecutionThatTheTargetAnnounced) {
  RecorderOptions with_executions = options();
  with_executions.executions = {std::chrono::microseconds(500), std::chrono::microseconds(500)};
  const auto recorder = Recorder::create(with_executions).value();
  recorder->take(good());

  EXPECT_NEAR(recorder->measured().slowdown.harmonic_mean(), 4.4, 1e-12);
  EXPECT_NEAR(recorder->functions()[0].reciprocal_slowdown_sum, 1 / 4.4, 1e-12);
}

TEST_F(RecorderTest, RefersSlowdownToTheRequestedTimeWhereTheTargetAnnouncesNone) {
  const auto recorder = Recorder::create(options()).value();
  recorder->take(good());

  EXPECT_NEAR(recorder->measured().slowdown.harmonic_mean(), 2.2, 1e-12);
}

TEST_F(RecorderTest, MakesNoHistogramForAFunctionThatNeverAnswered) {
  const auto recorder = Recorder::create(options()).value();
  recorder->take(good());

  EXPECT_TRUE(recorder->functions()[0].response);
  EXPECT_FALSE(recorder->functions()[1].response);
}

TEST_F(RecorderTest, KeepsWholeRowsWhenTheDiskIsFull) {
  // A limit on the size of files stands for a full disk.
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const auto recorder = Recorder::create(options()).value();
  const rlimit small = {10'000, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  for (int i = 0; i < 1000; ++i) recorder->take(good());

  const auto finished = recorder->finish();

  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().kind, ErrorKind::environment);
  EXPECT_TRUE(recorder->has_failed());
  const std::string text = written();
  EXPECT_GT(text.size(), load_record_header().size());
  EXPECT_LE(text.size(), 10'000U);
  EXPECT_EQ(text.back(), '\n');
}

TEST_F(RecorderTest, SaysWhereItCannotWrite) {
  RecorderOptions elsewhere = options();
  elsewhere.samples = folder_.path() / "no" / "such" / "samples.csv";

  const auto recorder = Recorder::create(elsewhere);

  ASSERT_FALSE(recorder);
  EXPECT_THAT(recorder.error().where, HasSubstr("samples.csv"));
}

TEST_F(RecorderTest, CountsForOtherThreads) {
  const auto recorder = Recorder::create(options()).value();
  recorder->take(good());
  recorder->take(failed(Cause::status));

  EXPECT_EQ(recorder->live().ended.load(), 2U);
  EXPECT_EQ(recorder->live().ok.load(), 1U);
}

}  // namespace
}  // namespace thaw
