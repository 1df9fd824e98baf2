#include "load/pacer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "load/load_trial.h"
#include "load/planned_load.h"
#include "load/stepping_time.h"

namespace thaw {
namespace {

using namespace std::chrono_literals;
using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::SizeIs;
using tests::KeptInvocations;
using tests::ListedInvocations;
using tests::NotingWorker;
using tests::spaced;
using tests::SteppingTime;

/// A pacer over stepping time.
struct PacerTrial {
  SteppingTime time;
  NotingWorker worker{time, 1ms};
  KeptInvocations kept;
  PacerOptions options{.drain = 1s};
  std::function<bool()> is_stopped = [] { return false; };

  /// Returns whether the late policy ended it.
  bool run(std::vector<Invocation> all) {
    ListedInvocations plan(std::move(all));
    Pacer pacer(worker, options, time, kept);
    EXPECT_TRUE(pacer.run(plan, time.now(), is_stopped));
    return pacer.was_aborted();
  }
};

TEST(Pacer, TakesUpEachInvocationAtItsInstant) {
  PacerTrial trial;

  trial.run(spaced(100, 3ms));

  ASSERT_THAT(trial.worker.taken, SizeIs(100));
  for (const Invocation& invocation : trial.worker.taken)
    EXPECT_EQ(invocation.dispatched_ns, invocation.intended_ns);
}

TEST(Pacer, WaitsForNoAnswer) {
  PacerTrial trial;
  trial.worker.answers = false;

  trial.run(spaced(10, 1ms));

  EXPECT_EQ(trial.worker.taken.back().dispatched_ns, 9'000'000);
}

TEST(Pacer, SendsLateOnesAtOnceWhenItCatchesUp) {
  PacerTrial trial;
  trial.worker.sending = 10ms;

  trial.run(spaced(5, 1ms));

  EXPECT_THAT(trial.worker.taken, SizeIs(5));
  EXPECT_EQ(trial.worker.taken.back().lateness_ns(), 36'000'000);
}

TEST(Pacer, DropsWhatIsBeyondTheLimit) {
  PacerTrial trial;
  trial.options.late = LatePolicy::drop;
  trial.options.late_limit = 20ms;
  trial.worker.sending = 10ms;

  trial.run(spaced(6, 1ms));

  EXPECT_THAT(trial.worker.taken, SizeIs(3));
  EXPECT_THAT(trial.kept.all, testing::Contains(Field(&Invocation::cause, Cause::dropped)).Times(3));
}

TEST(Pacer, DropsNothingThatIsLateWithinTheLimit) {
  PacerTrial trial;
  trial.options.late = LatePolicy::drop;
  trial.options.late_limit = 36ms;
  trial.worker.sending = 10ms;

  trial.run(spaced(5, 1ms));

  EXPECT_THAT(trial.worker.taken, SizeIs(5));
}

TEST(Pacer, EndsTheRunBeyondTheLimitWhenItAborts) {
  PacerTrial trial;
  trial.options.late = LatePolicy::abort;
  trial.options.late_limit = 5ms;
  trial.worker.sending = 10ms;

  EXPECT_TRUE(trial.run(spaced(6, 1ms)));
  EXPECT_THAT(trial.worker.taken, SizeIs(1));
}

TEST(Pacer, WaitsForTheLastAnswers) {
  PacerTrial trial;

  trial.run(spaced(3, 0ns));

  EXPECT_THAT(trial.kept.all, Each(testing::Property(&Invocation::is_in_flight, false)));
}

TEST(Pacer, GivesUpOnAnswersAfterTheDrainTime) {
  PacerTrial trial;
  trial.worker.answers = false;

  trial.run(spaced(3, 1ms));

  EXPECT_THAT(trial.kept.all, SizeIs(3));
  EXPECT_THAT(trial.kept.all, Each(testing::Property(&Invocation::is_in_flight, true)));
  EXPECT_GE(trial.time.now().time_since_epoch(), 1002ms);
  EXPECT_LT(trial.time.now().time_since_epoch(), 1100ms);
}

TEST(Pacer, EndsWhenItIsStopped) {
  PacerTrial trial;
  trial.is_stopped = [&] { return trial.worker.taken.size() >= 100; };

  trial.run(spaced(10'000, 1ms));

  EXPECT_LT(trial.worker.taken.size(), 300U);
}

TEST(Pacer, GivesTheSinkEverythingOnce) {
  PacerTrial trial;
  trial.options.late = LatePolicy::drop;
  trial.options.late_limit = 2ms;
  trial.worker.sending = 5ms;

  trial.run(spaced(50, 1ms));

  std::set<std::uint32_t> numbers;
  for (const Invocation& invocation : trial.kept.all) numbers.insert(invocation.number);
  EXPECT_THAT(trial.kept.all, SizeIs(50));
  EXPECT_THAT(numbers, SizeIs(50));
}

TEST(Pacer, NeverSleepsLongerThanAnInterruptMayWait) {
  PacerTrial trial;
  std::vector<Nanos> waits;
  MonotonicTime before = trial.time.now();
  trial.worker.on_wait = [&] {
    waits.push_back(trial.time.now() - before);
    before = trial.time.now();
  };

  trial.run(spaced(2, 1s));

  EXPECT_LE(*std::max_element(waits.begin(), waits.end()), 50ms);
}

TEST(Pacer, WakesUpEarlierByWhatAWakeUpTakes) {
  PacerTrial trial;
  trial.time.look = 50ns;
  trial.worker.waking = 20us;

  trial.run(spaced(300, 1ms));

  EXPECT_LE(trial.worker.taken.back().lateness_ns(), 2'000);
}

TEST(Pacer, SaysHowLongItWasAwakeBeforeAnInstant) {
  PacerTrial trial;
  trial.time.look = 50ns;
  trial.options.spin = 100us;
  ListedInvocations plan(spaced(11, 1ms));
  Pacer pacer(trial.worker, trial.options, trial.time, trial.kept);

  EXPECT_TRUE(pacer.run(plan, trial.time.now(), trial.is_stopped));

  EXPECT_THAT(pacer.spare(), testing::AllOf(testing::Ge(900us), testing::Le(1100us)));
}

/// Leaves a piece of work for each invocation, which takes a microsecond.
class DeferringSink final : public InvocationSink {
 public:
  explicit DeferringSink(SteppingTime& time) : time_(time) {}
  void take(const Invocation&) override { ++left; }
  [[nodiscard]] bool has_deferred_work() const override { return left > 0; }
  bool do_deferred_work() override {
    if (is_busy) return false;
    left_before.push_back(left--);
    done_at.push_back(time_.now().time_since_epoch().count());
    time_.pass(1us);
    return true;
  }

  std::size_t left = 0;
  bool is_busy = false;
  std::vector<std::size_t> left_before;  ///< Pieces, before each one.
  std::vector<std::int64_t> done_at;     ///< ns.

 private:
  SteppingTime& time_;
};

TEST(Pacer, DoesDeferredWorkBetweenInstantsAndIsLateForNone) {
  PacerTrial trial;
  DeferringSink sink(trial.time);
  ListedInvocations plan(spaced(100, 20us));
  Pacer pacer(trial.worker, trial.options, trial.time, sink);

  ASSERT_TRUE(pacer.run(plan, trial.time.now(), trial.is_stopped));

  for (const Invocation& invocation : trial.worker.taken)
    EXPECT_EQ(invocation.dispatched_ns, invocation.intended_ns);
  // The last one ends the run.
  ASSERT_THAT(sink.done_at, SizeIs(99));
  for (const std::int64_t at : sink.done_at) EXPECT_TRUE(at >= 1'980'000 || at % 20'000 < 17'000) << at;
  EXPECT_GE(pacer.spare(), 99us);
}

TEST(Pacer, ReadsAnswersBeforeItDoesDeferredWork) {
  PacerTrial trial;
  trial.worker.sending = 400us;
  DeferringSink sink(trial.time);
  // All are sent by 1.6 ms; answers are there at 1, 1.4, 1.8 and 2.2 ms.
  ListedInvocations plan(spaced(4, 0ns));
  Pacer pacer(trial.worker, trial.options, trial.time, sink);

  ASSERT_TRUE(pacer.run(plan, trial.time.now(), trial.is_stopped));

  EXPECT_THAT(sink.left_before, ElementsAre(2, 1, 1));
}

TEST(Pacer, SleepsWhenDeferredWorkCannotBeDone) {
  PacerTrial trial;
  DeferringSink sink(trial.time);
  sink.is_busy = true;
  int waits = 0;
  trial.worker.on_wait = [&] { ++waits; };
  ListedInvocations plan(spaced(10, 1ms));
  Pacer pacer(trial.worker, trial.options, trial.time, sink);

  ASSERT_TRUE(pacer.run(plan, trial.time.now(), trial.is_stopped));

  EXPECT_LT(waits, 100);
  EXPECT_EQ(sink.left, 10U);
}

TEST(Pacer, LeavesTheProcessorForAWhileWhenDeferredWorkCannotBeDoneAtAHighRate) {
  PacerTrial trial;
  DeferringSink sink(trial.time);
  sink.is_busy = true;
  ListedInvocations plan(spaced(500, 10us));
  Pacer pacer(trial.worker, trial.options, trial.time, sink);

  ASSERT_TRUE(pacer.run(plan, trial.time.now(), trial.is_stopped));

  std::int64_t latest = 0;
  for (const Invocation& invocation : trial.worker.taken) latest = std::max(latest, invocation.lateness_ns());
  EXPECT_GE(latest, 20'000);
  EXPECT_LE(latest, 30'000);
}

TEST(ClosedLoop, SendsTheNextOneAfterAnAnswerAndThinking) {
  SteppingTime time;
  NotingWorker worker(time, 10ms);
  KeptInvocations kept;
  ClosedLoop loop({.connections = 1, .duration = 100ms, .think = 15ms});
  Pacer pacer(worker, {}, time, kept, &loop);

  EXPECT_TRUE(pacer.run(loop, time.now(), [] { return false; }));

  std::vector<std::int64_t> starts;
  for (const Invocation& invocation : worker.taken) starts.push_back(invocation.intended_ns / 1'000'000);
  EXPECT_THAT(starts, ElementsAre(0, 25, 50, 75));
}

TEST(ClosedLoop, KeepsSoManyInFlight) {
  SteppingTime time;
  NotingWorker worker(time, 10ms);
  std::uint64_t most = 0;
  worker.on_wait = [&] { most = std::max(most, worker.in_flight()); };
  KeptInvocations kept;
  ClosedLoop loop({.connections = 8, .duration = 100ms});
  Pacer pacer(worker, {}, time, kept, &loop);

  EXPECT_TRUE(pacer.run(loop, time.now(), [] { return false; }));

  EXPECT_EQ(most, 8U);
}

TEST(ClosedLoop, IsWarmUpFirst) {
  SteppingTime time;
  NotingWorker worker(time, 10ms);
  KeptInvocations kept;
  ClosedLoop loop({.connections = 1, .duration = 50ms, .warmup = 50ms});
  Pacer pacer(worker, {}, time, kept, &loop);

  EXPECT_TRUE(pacer.run(loop, time.now(), [] { return false; }));

  EXPECT_EQ(kept.all.at(4).phase, 1);
  EXPECT_EQ(kept.all.at(5).phase, 2);
  EXPECT_THAT(kept.all, SizeIs(10));
}

TEST(ClosedLoop, NumbersInvocationsByColumn) {
  SteppingTime time;
  NotingWorker worker(time, 10ms);
  KeptInvocations kept;
  ClosedLoop loop({.connections = 1, .duration = 50ms, .column = 20ms});
  Pacer pacer(worker, {}, time, kept, &loop);

  EXPECT_TRUE(pacer.run(loop, time.now(), [] { return false; }));

  std::vector<std::pair<std::uint32_t, std::uint32_t>> names;
  for (const Invocation& invocation : worker.taken) names.emplace_back(invocation.column, invocation.number);
  EXPECT_THAT(names, ElementsAre(std::pair(0, 0), std::pair(0, 1), std::pair(1, 0), std::pair(1, 1),
                                 std::pair(2, 0)));
}

TEST(LatePolicy, SuggestsTheNearestName) {
  const auto parsed = parse_late_policy("catchup");

  ASSERT_FALSE(parsed);
  EXPECT_THAT(parsed.error().hint, testing::HasSubstr("catch-up"));
}

}  // namespace
}  // namespace thaw
