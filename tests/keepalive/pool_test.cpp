#include "keepalive/pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/random.h"
#include "scripted_policy.h"

namespace thaw {
namespace {

using testing::at_ms;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::mb;
using testing::Server;

constexpr FunctionId a = 0, b = 1, c = 2;

// --- warm, cold, dropped ----------------------------------------------------------------------------------------------

TEST(Pool, StartsTheFirstInvocationCold) {
  Server server(mb(200));
  EXPECT_EQ(server.run(a, 0, 10).outcome, Outcome::cold);
  EXPECT_EQ(server.pool->used(), mb(100));
}

TEST(Pool, TakesAnIdleContainerWarm) {
  Server server(mb(200));
  const Placement first = server.run(a, 0, 10);
  const Placement second = server.run(a, 20, 10);
  EXPECT_EQ(second.outcome, Outcome::warm);
  EXPECT_EQ(second.container, first.container);
}

TEST(Pool, CountsAnArrivalExactlyAtTheFinishAsWarm) {
  Server server(mb(200));
  server.run(a, 0, 10);
  EXPECT_EQ(server.run(a, 10, 10).outcome, Outcome::warm);
}

TEST(Pool, StartsACloneWhileTheContainerRuns) {
  Server server(mb(200));
  const Placement first = server.run(a, 0, 10);
  const Placement second = server.run(a, 9, 10);
  EXPECT_EQ(second.outcome, Outcome::cold);
  EXPECT_NE(second.container, first.container);
}

TEST(Pool, TakesTheContainerThatFinishedLast) {
  Server server(mb(300));
  server.run(a, 0, 30);
  const Placement last = server.run(a, 1, 90);
  server.run(a, 2, 50);
  EXPECT_EQ(server.run(a, 100, 10).container, last.container);
}

TEST(Pool, TakesTheOneStartedLastOfThoseThatFinishTogether) {
  Server server(mb(300));
  server.run(a, 0, 30);
  server.run(a, 10, 20);
  const Placement last = server.run(a, 20, 10);
  EXPECT_EQ(server.run(a, 30, 10).container, last.container);
}

TEST(Pool, TakesAContainerAgainThatRanForNoTime) {
  Server server(mb(100));
  server.run(a, 5, 0);
  EXPECT_EQ(server.run(a, 5, 0).outcome, Outcome::warm);
  EXPECT_EQ(server.run(a, 5, 0).outcome, Outcome::warm);
}

TEST(Pool, DropsAFunctionLargerThanTheServer) {
  Server server(mb(99));
  EXPECT_EQ(server.run(a, 0, 10).outcome, Outcome::dropped);
  EXPECT_EQ(server.pool->counts(a).dropped, 1U);
}

TEST(Pool, TellsThePolicyOfArrivalsThatAreDropped) {
  Server server(mb(100));
  server.run(a, 0, 10);
  server.run(b, 1, 10);
  EXPECT_THAT(server.policy->arrivals, ElementsAre(a, b));
}

// --- eviction ---------------------------------------------------------------------------------------------------------

TEST(Pool, EvictsOnlyWhatIsMissing) {
  Server server(mb(300));
  server.run(a, 0, 1);
  server.run(b, 2, 1);
  server.pool->add_function(mb(200), {}, {});  // 100 MB are free
  EXPECT_EQ(server.run(3, 10, 1).outcome, Outcome::cold);
  EXPECT_EQ(server.pool->totals().evictions, 1U);
  EXPECT_EQ(server.pool->counts(a).evictions, 1U);
  EXPECT_EQ(server.pool->used(), mb(300));
}

TEST(Pool, EvictsNobodyWhenThatDoesNotHelp) {
  Server server(mb(300));
  server.run(a, 0, 1);
  server.run(b, 2, 100);
  server.pool->add_function(mb(300), {}, {});
  EXPECT_EQ(server.run(3, 10, 1).outcome, Outcome::dropped);
  EXPECT_EQ(server.pool->totals().evictions, 0U);
  EXPECT_EQ(server.run(a, 11, 1).outcome, Outcome::warm);
}

TEST(Pool, NeverEvictsWhatRuns) {
  Server server(mb(200));
  const Placement running = server.run(a, 0, 100);
  server.run(b, 1, 1);
  server.run(c, 10, 1);
  EXPECT_TRUE(server.pool->container(running.container).exists);
  EXPECT_EQ(server.pool->counts(b).evictions, 1U);
}

TEST(Pool, EvictsWhatFinishesAtThatInstant) {
  Server server(mb(100));
  server.run(a, 0, 10);
  EXPECT_EQ(server.run(b, 10, 10).outcome, Outcome::cold);
}

TEST(Pool, MakesRoomWithinASmallerCapacityAtTheNextStart) {
  Server server(mb(300));
  server.run(a, 0, 1);
  server.run(b, 2, 1);
  server.pool->set_capacity(mb(100));
  EXPECT_EQ(server.run(c, 10, 1).outcome, Outcome::cold);
  EXPECT_EQ(server.pool->totals().evictions, 2U);
  EXPECT_EQ(server.pool->used(), mb(100));
}

// --- keep-alive -------------------------------------------------------------------------------------------------------

TEST(Pool, KeepsAContainerThroughTheLastInstantOfItsKeepAlive) {
  Server server(mb(200));
  server.policy->retention.keep_alive = at_ms(50);
  server.run(a, 0, 10);
  EXPECT_EQ(server.run(a, 60, 10).outcome, Outcome::warm);
}

TEST(Pool, LosesAContainerOneNanosecondAfterItsKeepAlive) {
  Server server(mb(200));
  server.policy->retention.keep_alive = at_ms(50);
  server.run(a, 0, 10);
  const Instant late = at_ms(60) + Nanos{1};
  server.pool->advance(late);
  EXPECT_EQ(server.pool->place(a, late).outcome, Outcome::cold);
  EXPECT_EQ(server.pool->totals().expirations, 1U);
  EXPECT_THAT(server.policy->removals, ElementsAre(Removal::expired));
}

TEST(Pool, CountsKeepAliveFromTheLastExecution) {
  Server server(mb(200));
  server.policy->retention.keep_alive = at_ms(50);
  server.run(a, 0, 10);
  server.run(a, 40, 10);
  EXPECT_EQ(server.run(a, 100, 10).outcome, Outcome::warm);
}

TEST(Pool, FollowsAKeepAliveThatBecomesShorter) {
  Server server(mb(200));
  server.policy->retention.keep_alive = at_ms(1000);
  server.run(a, 0, 10);
  server.policy->retention.keep_alive = at_ms(5);
  server.run(a, 20, 10);
  server.pool->advance(at_ms(36));
  EXPECT_EQ(server.pool->size(), 0U);
  EXPECT_THAT(server.policy->removal_times, ElementsAre(at_ms(35)));
}

TEST(Pool, FollowsAKeepAliveThatBecomesEndless) {
  Server server(mb(200));
  server.policy->retention.keep_alive = at_ms(10);
  server.run(a, 0, 10);
  server.policy->retention.keep_alive = forever;
  server.run(a, 20, 10);
  server.pool->advance(at_ms(1'000'000));
  EXPECT_EQ(server.pool->size(), 1U);
}

TEST(Pool, FreesTheMemoryOfExpiredContainersBeforeAnArrival) {
  Server server(mb(100));
  server.policy->retention.keep_alive = at_ms(5);
  server.run(a, 0, 10);
  EXPECT_EQ(server.run(b, 20, 10).outcome, Outcome::cold);
  EXPECT_EQ(server.pool->totals().evictions, 0U);
  EXPECT_EQ(server.pool->totals().expirations, 1U);
}

// --- waiting for a busy container -------------------------------------------------------------------------------------

TEST(Pool, DelaysAnInvocationThatThePolicyWantsToWait) {
  Server server(mb(200));
  server.policy->waits = true;
  const Placement first = server.run(a, 0, 10);
  const Placement second = server.run(a, 4, 10);
  EXPECT_EQ(second.outcome, Outcome::delayed);
  EXPECT_EQ(second.container, first.container);
  EXPECT_EQ(second.starts_at, at_ms(10));
}

TEST(Pool, DelaysBehindTheContainerThatFinishesFirst) {
  Server server(mb(200));
  server.run(a, 0, 50);
  const Placement early = server.run(a, 1, 20);
  server.policy->waits = true;
  const Placement third = server.run(a, 2, 10);
  EXPECT_EQ(third.container, early.container);
  EXPECT_EQ(third.starts_at, at_ms(21));
  EXPECT_EQ(server.run(a, 3, 1).starts_at, at_ms(31));
}

TEST(Pool, CountsADelayedStartAsAHit) {
  Server server(mb(200));
  server.policy->waits = true;
  server.run(a, 0, 10);
  server.run(a, 4, 10);
  EXPECT_EQ(server.pool->function(a).hits, 1U);
}

// --- what a policy watches --------------------------------------------------------------------------------------------

TEST(Pool, ReportsAWatchedContainerOnceItIsIdle) {
  Server server(mb(200));
  const Placement watched = server.run(a, 0, 10);
  server.pool->watch(watched.container);
  server.run(b, 5, 1);
  server.run(c, 10, 1);  // needs room
  EXPECT_THAT(server.policy->idle, ElementsAre(watched.container));
}

TEST(Pool, ReportsNothingWhileAWatchedContainerRuns) {
  Server server(mb(200));
  server.pool->watch(server.run(a, 0, 100).container);
  server.run(b, 5, 1);
  server.run(c, 10, 1);
  EXPECT_THAT(server.policy->idle, IsEmpty());
}

TEST(Pool, ForgetsAWatchWhenTheContainerIsUsedAgain) {
  Server server(mb(200));
  server.pool->watch(server.run(a, 0, 10).container);
  server.run(a, 10, 100);
  server.run(b, 20, 1);
  server.run(c, 30, 1);
  EXPECT_THAT(server.policy->idle, IsEmpty());
}

TEST(Pool, ReportsAWatchedContainerWhoseEndWasNotKnown) {
  Server server(mb(200));
  const Placement watched = server.start(a, 0);
  server.pool->watch(watched.container);
  server.pool->finished(watched.container, at_ms(10));
  server.run(b, 11, 1);
  server.run(c, 20, 1);
  EXPECT_THAT(server.policy->idle, ElementsAre(watched.container));
}

// --- started ahead of time --------------------------------------------------------------------------------------------

TEST(Pool, UnloadsAtTheEndAndStartsAgainAheadOfTime) {
  Server server(mb(200));
  server.policy->retention = {.keep_alive = at_ms(30), .prewarm_after = at_ms(100)};
  server.run(a, 0, 10);
  server.pool->advance(at_ms(109));
  EXPECT_EQ(server.pool->size(), 0U);
  EXPECT_THAT(server.policy->removals, ElementsAre(Removal::unloaded));
  EXPECT_THAT(server.policy->removal_times, ElementsAre(at_ms(10)));
  server.pool->advance(at_ms(110));
  EXPECT_EQ(server.pool->size(), 1U);
  EXPECT_EQ(server.pool->totals().prewarms, 1U);
}

TEST(Pool, FindsAContainerStartedAheadOfTimeWarm) {
  Server server(mb(200));
  server.policy->retention = {.keep_alive = at_ms(30), .prewarm_after = at_ms(100)};
  server.run(a, 0, 10);
  EXPECT_EQ(server.run(a, 110, 10).outcome, Outcome::warm);
}

TEST(Pool, KeepsAContainerStartedAheadOfTimeForItsKeepAlive) {
  Server server(mb(200));
  server.policy->retention = {.keep_alive = at_ms(30), .prewarm_after = at_ms(100)};
  server.run(a, 0, 10);
  server.pool->advance(at_ms(140));
  EXPECT_EQ(server.pool->size(), 1U);
  server.pool->advance(at_ms(141));
  EXPECT_EQ(server.pool->size(), 0U);
}

TEST(Pool, StartsNothingAheadOfTimeThatHasCome) {
  Server server(mb(300));
  server.policy->retention = {.keep_alive = at_ms(30), .prewarm_after = at_ms(100)};
  server.run(a, 0, 10);
  server.policy->retention = {.keep_alive = forever};
  server.run(a, 50, 10);
  server.pool->advance(at_ms(1000));
  EXPECT_EQ(server.pool->totals().prewarms, 0U);
}

TEST(Pool, StartsNothingAheadOfTimeWithoutFreeMemory) {
  Server server(mb(100));
  server.policy->retention = {.keep_alive = at_ms(30), .prewarm_after = at_ms(100)};
  server.run(a, 0, 10);
  server.policy->retention = {};
  server.run(b, 20, 1);
  server.pool->advance(at_ms(200));
  EXPECT_EQ(server.pool->totals().prewarms, 0U);
  EXPECT_EQ(server.pool->totals().evictions, 0U);
}

TEST(Pool, StartsWhatATickWants) {
  Server server(mb(200));
  server.policy->tick = at_ms(10);
  server.policy->wish = {b};
  server.run(a, 0, 5);
  server.pool->advance(at_ms(50));
  EXPECT_THAT(server.policy->ticks, ElementsAre(at_ms(10)));
  EXPECT_EQ(server.pool->function(b).containers, 1U);
}

TEST(Pool, HearsOfATickThatAnArrivalBroughtForward) {
  Server server(mb(200));
  server.run(a, 0, 5);
  server.policy->tick = at_ms(10);
  server.run(a, 5, 5);
  server.run(a, 20, 5);
  EXPECT_THAT(server.policy->ticks, ElementsAre(at_ms(10)));
}

// What is put off or void on the way to what is due must not drag along what comes later.
TEST(Pool, DoesWhatIsDueInTheOrderOfTime) {
  Server server(mb(100));
  server.policy->retention.keep_alive = at_ms(100);
  server.run(a, 0, 1);  // due at 101 ms, put off to 131 ms by the next
  server.run(a, 30, 1);
  server.policy->tick = at_ms(110);
  server.policy->wish = {b};
  server.pool->advance(at_ms(31));
  server.pool->advance(at_ms(1000));
  // At 110 ms the server was still full.
  EXPECT_EQ(server.pool->totals().prewarms, 0U);
  EXPECT_THAT(server.policy->removal_times, ElementsAre(at_ms(131)));
}

// --- stop -------------------------------------------------------------------------------------------------------------

TEST(Pool, ForgetsAnIdleContainerThatIsStopped) {
  Server server(mb(100));
  const Placement gone = server.run(a, 0, 10);
  server.pool->stop(gone.container, at_ms(20));
  EXPECT_EQ(server.pool->used(), Bytes{});
  EXPECT_THAT(server.policy->removals, ElementsAre(Removal::stopped));
  EXPECT_EQ(server.run(a, 30, 10).outcome, Outcome::cold);
}

TEST(Pool, ForgetsARunningContainerOfUnknownEndThatIsStopped) {
  Server server(mb(100));
  const Placement gone = server.start(a, 0);
  server.pool->stop(gone.container, at_ms(20));
  EXPECT_EQ(server.run(b, 30, 10).outcome, Outcome::cold);
}

TEST(Pool, ForgetsARunningContainerOfKnownEndThatIsStopped) {
  Server server(mb(300));
  server.run(a, 0, 50);
  const Placement gone = server.run(a, 1, 100);
  const Placement kept = server.run(a, 2, 200);
  server.pool->stop(gone.container, at_ms(20));
  EXPECT_EQ(server.pool->size(), 2U);
  server.run(a, 60, 1000);
  EXPECT_EQ(server.run(a, 150, 1).outcome, Outcome::cold);
  EXPECT_EQ(server.run(a, 300, 500).container, kept.container);
}

TEST(Pool, IgnoresAContainerThatIsStoppedTwice) {
  Server server(mb(100));
  const Placement gone = server.run(a, 0, 10);
  server.pool->stop(gone.container, at_ms(20));
  server.pool->stop(gone.container, at_ms(21));
  EXPECT_EQ(server.pool->size(), 0U);
}

// --- totals -----------------------------------------------------------------------------------------------------------

TEST(Pool, AddsUpTheMemoryOfIdleContainersOverTime) {
  Server server(mb(300));
  server.policy->retention.keep_alive = at_ms(500);
  server.run(a, 0, 1000);  // idle from 1 s to 1.5 s
  server.run(b, 0, 2000);  // idle from 2 s to 2.25 s, then used for 1 s, idle for 0.5 s
  server.run(b, 2250, 1000);
  server.pool->advance(at_ms(10'000));
  server.pool->close(at_ms(10'000));
  EXPECT_NEAR(server.pool->totals().idle_byte_seconds, 100e6 * (0.5 + 0.25 + 0.5), 1);
}

TEST(Pool, CountsTheIdleTimeOfWhatIsLeftAtTheEnd) {
  Server server(mb(300));
  server.run(a, 0, 1000);
  server.run(b, 0, 9000);
  server.pool->close(at_ms(4000));
  EXPECT_NEAR(server.pool->totals().idle_byte_seconds, 100e6 * 3, 1);
}

TEST(Pool, CountsTheUsesOfAFunctionSinceItLastHadNoContainer) {
  Server server(mb(100));
  server.run(a, 0, 1);
  server.run(a, 2, 1);
  EXPECT_EQ(server.pool->function(a).uses, 2U);
  server.run(b, 4, 1);
  server.run(a, 6, 1);
  EXPECT_EQ(server.pool->function(a).uses, 1U);
}

TEST(Pool, KnowsTheMostContainersThereWere) {
  Server server(mb(300));
  server.policy->retention.keep_alive = at_ms(5);
  for (const FunctionId function : {a, b, c}) server.run(function, 0, 1);
  server.run(a, 100, 1);
  EXPECT_EQ(server.pool->totals().most_containers, 3U);
  EXPECT_EQ(server.pool->size(), 1U);
}

// --- a driver that does not know when executions end ------------------------------------------------------------------

struct Summary {
  std::uint64_t cold = 0, hits = 0, dropped = 0;
  PoolTotals totals;
  std::uint32_t size = 0;
};

Summary summary_of(Pool& pool, Instant end) {
  pool.advance(end);
  pool.close(end);
  Summary summary{.totals = pool.totals(), .size = pool.size()};
  for (FunctionId id = 0; id < pool.functions().size(); ++id) {
    summary.cold += pool.counts(id).cold;
    summary.hits += pool.function(id).hits;
    summary.dropped += pool.counts(id).dropped;
  }
  return summary;
}

/// Invocations at random, the same for each way of driving.
class TwoDrivers : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  struct Invocation {
    Instant at{};
    FunctionId function = 0;
    Nanos lasts{};
    Retention retention;
  };

  void SetUp() override {
    RandomStream random(GetParam(), "tests.two-drivers");
    Instant now{};
    for (int i = 0; i < 400; ++i) {
      now += at_ms(static_cast<std::int64_t>(random.below(12)));
      Retention retention;
      if (random.below(3) != 0) retention.keep_alive = at_ms(static_cast<std::int64_t>(random.below(60)));
      if (random.below(4) == 0)
        retention.prewarm_after = at_ms(1 + static_cast<std::int64_t>(random.below(60)));
      invocations_.push_back({now, static_cast<FunctionId>(random.below(3)),
                              at_ms(static_cast<std::int64_t>(random.below(40))), retention});
    }
    end_ = now;
  }

  Summary foreseen() {
    Server server(mb(300));
    for (const Invocation& invocation : invocations_) {
      server.policy->retention = invocation.retention;
      server.pool->advance(invocation.at);
      const Placement placement = server.pool->place(invocation.function, invocation.at);
      if (placement.outcome == Outcome::dropped) continue;
      server.pool->runs_until(placement.container, placement.starts_at + invocation.lasts);
    }
    return summary_of(*server.pool, end_);
  }

  /// The ends are reported when they happen, in the order of (end, start).
  Summary live() {
    Server server(mb(300));
    struct Running {
      Instant end{};
      ContainerId container = no_container;
    };
    std::vector<Running> running;
    const auto finish_until = [&](Instant now) {
      std::stable_sort(running.begin(), running.end(), [](auto& x, auto& y) { return x.end < y.end; });
      while (!running.empty() && running.front().end <= now) {
        server.pool->advance(running.front().end - Nanos{1});
        server.pool->finished(running.front().container, running.front().end);
        running.erase(running.begin());
      }
    };
    for (const Invocation& invocation : invocations_) {
      server.policy->retention = invocation.retention;
      finish_until(invocation.at);
      server.pool->advance(invocation.at);
      const Placement placement = server.pool->place(invocation.function, invocation.at);
      if (placement.outcome == Outcome::dropped) continue;
      running.push_back({placement.starts_at + invocation.lasts, placement.container});
    }
    finish_until(end_);
    return summary_of(*server.pool, end_);
  }

  std::vector<Invocation> invocations_;
  Instant end_{};
};

TEST_P(TwoDrivers, GetTheSame) {
  const Summary simulated = foreseen(), real = live();
  EXPECT_EQ(simulated.cold, real.cold);
  EXPECT_EQ(simulated.hits, real.hits);
  EXPECT_EQ(simulated.dropped, real.dropped);
  EXPECT_EQ(simulated.size, real.size);
  EXPECT_EQ(simulated.totals.evictions, real.totals.evictions);
  EXPECT_EQ(simulated.totals.expirations, real.totals.expirations);
  EXPECT_EQ(simulated.totals.prewarms, real.totals.prewarms);
  EXPECT_EQ(simulated.totals.most_containers, real.totals.most_containers);
  EXPECT_NEAR(simulated.totals.idle_byte_seconds, real.totals.idle_byte_seconds, 1);
}

INSTANTIATE_TEST_SUITE_P(Seeds, TwoDrivers, ::testing::Range<std::uint64_t>(1, 101));

}  // namespace
}  // namespace thaw
