// Policies that decide how long a container stays: hybrid, hist, adaptive-ttl, rainbowcake-user and icebreaker.

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "core/random.h"
#include "keepalive/idle_histogram.h"
#include "keepalive/idle_times.h"
#include "policy_trial.h"

namespace thaw {
namespace {

using testing::PolicyTrial;
using testing::seconds;

constexpr double minute = 60;
constexpr double hour = 3600;

/// Invokes "f" `count` times, each for no time, `gap` after the one before; returns the time of the last.
double invoke_every(PolicyTrial& trial, double gap_s, int count) {
  double at = 0;
  for (int i = 0; i < count; ++i) {
    at = i * gap_s;
    trial.run("f", at, 0);
  }
  return at;
}

bool is_there(PolicyTrial& trial, double at) {
  trial.advance(at);
  return trial.containers("f") > 0;
}

// --- hybrid -----------------------------------------------------------------------------------------------------------

TEST(Hybrid, KeepsFourHoursAsLongAsItKnowsTooLittle) {
  PolicyTrial trial("hybrid", 1000);
  const double last = invoke_every(trial, 10 * minute, 9);
  EXPECT_TRUE(is_there(trial, last + 4 * hour));
  EXPECT_FALSE(is_there(trial, last + 4 * hour + 1));
}

TEST(Hybrid, UnloadsAndComesBackBeforeTheHead) {
  PolicyTrial trial("hybrid", 1000);
  // All idle times are in the bin of 10 to 11 minutes: pre-warm at 0.9 x 10, until 1.1 x 11.
  const double last = invoke_every(trial, 10 * minute, 12);
  EXPECT_FALSE(is_there(trial, last + 1));
  EXPECT_FALSE(is_there(trial, last + 9 * minute - 1));
  EXPECT_TRUE(is_there(trial, last + 9 * minute));
  EXPECT_TRUE(is_there(trial, last + 12.1 * minute));
  EXPECT_FALSE(is_there(trial, last + 12.1 * minute + 1));
}

TEST(Hybrid, StaysLoadedWhenTheHeadIsInTheFirstMinute) {
  PolicyTrial trial("hybrid", 1000);
  const double last = invoke_every(trial, 30, 12);
  EXPECT_TRUE(is_there(trial, last + 1.1 * minute));
  EXPECT_FALSE(is_there(trial, last + 1.1 * minute + 1));
}

TEST(Hybrid, TakesAHistogramWithoutPeaksForNothing) {
  PolicyTrial trial("hybrid", 1000);
  double at = 0;
  trial.run("f", at, 0);
  // One idle time in every second bin: their coefficient of variation is 1.
  for (int i = 0; i < 120; ++i) trial.run("f", at += (2 * i + 0.5) * minute, 0);
  EXPECT_TRUE(is_there(trial, at + 4 * hour));
  EXPECT_FALSE(is_there(trial, at + 4 * hour + 1));
}

TEST(Hybrid, ForecastsIdleTimesBeyondTheHistogram) {
  PolicyTrial trial("hybrid", 1000);
  // Five hours each time: pre-warm at 0.85 x 300 min, for 0.3 x 300 min.
  const double last = invoke_every(trial, 5 * hour, 12);
  EXPECT_FALSE(is_there(trial, last + 255 * minute - 2));
  EXPECT_TRUE(is_there(trial, last + 255 * minute + 2));
  EXPECT_TRUE(is_there(trial, last + 345 * minute - 2));
  EXPECT_FALSE(is_there(trial, last + 345 * minute + 2));
}

TEST(Hybrid, ForecastsIdleTimesThatAlternate) {
  PolicyTrial trial("hybrid", 1000);
  double at = 0;
  trial.run("f", at, 0);
  for (int i = 0; i < 14; ++i) trial.run("f", at += (i % 2 == 0 ? 5 : 9) * hour, 0);
  // The next one is of 5 hours.
  EXPECT_FALSE(is_there(trial, at + 255 * minute - 2));
  EXPECT_TRUE(is_there(trial, at + 255 * minute + 2));
}

TEST(Hybrid, MeasuresFromTheEndOfTheExecution) {
  PolicyTrial trial("hybrid", 1000);
  double at = 0;
  for (int i = 0; i < 12; ++i) {
    at = i * 25 * minute;
    trial.run("f", at, 15 * minute);  // leaves 10 min
  }
  EXPECT_FALSE(is_there(trial, at + 24 * minute - 1));
  EXPECT_TRUE(is_there(trial, at + 24 * minute));
}

TEST(Hybrid, RefusesAHeadAboveTheTail) {
  const auto policy = make_policy("hybrid:head=0.9,tail=0.5", 1);
  ASSERT_FALSE(policy);
  EXPECT_NE(policy.error().what.find("head"), std::string::npos);
}

// --- hist -------------------------------------------------------------------------------------------------------------

TEST(Hist, KeepsTwoHoursAsLongAsItKnowsTooLittle) {
  PolicyTrial trial("hist", 1000);
  const double last = invoke_every(trial, 10 * minute, 2);
  EXPECT_TRUE(is_there(trial, last + 2 * hour));
  EXPECT_FALSE(is_there(trial, last + 2 * hour + 1));
}

TEST(Hist, ComesBackAtItsTime) {
  PolicyTrial trial("hist", 1000);
  // Bin 10: head 9 min, of which 0.9 less the second that an execution takes; tail 11 min, times 1.1.
  const double last = invoke_every(trial, 10 * minute, 4);
  EXPECT_FALSE(is_there(trial, last + 8.1 * minute - 2));
  EXPECT_TRUE(is_there(trial, last + 8.1 * minute));
  EXPECT_TRUE(is_there(trial, last + 20.2 * minute - 2));
  EXPECT_FALSE(is_there(trial, last + 20.2 * minute + 1));
}

TEST(Hist, KeepsTwoHoursWhenTimesVaryMuch) {
  PolicyTrial trial("hist", 1000);
  double at = 0;
  trial.run("f", at, 0);
  // Minutes 1 and 61 in turn: the variance is 900, the mean 31.
  for (int i = 0; i < 6; ++i) trial.run("f", at += (i % 2 == 0 ? 1 : 61) * minute, 0);
  EXPECT_TRUE(is_there(trial, at + 2 * hour));
  EXPECT_FALSE(is_there(trial, at + 2 * hour + 1));
}

// --- adaptive-ttl -----------------------------------------------------------------------------------------------------

TEST(AdaptiveTtl, StartsWithAFixedKeepAlive) {
  PolicyTrial trial("adaptive-ttl", 1000);
  trial.run("f", 0, 0);
  EXPECT_TRUE(is_there(trial, 10 * minute));
  EXPECT_FALSE(is_there(trial, 10 * minute + 1));
}

TEST(AdaptiveTtl, CoversTheQuantileOfRecentIdleTimes) {
  // Idle times 100, 200 … 1000 s; the median (rank 5) is 500 s.
  PolicyTrial trial("adaptive-ttl:0.5,margin=0.1,window=10", 1000);
  double at = 0;
  trial.run("f", at, 0);
  for (int i = 10; i >= 1; --i) trial.run("f", at += 100 * i, 0);
  EXPECT_TRUE(is_there(trial, at + 550));
  EXPECT_FALSE(is_there(trial, at + 551));
}

TEST(AdaptiveTtl, ForgetsOldIdleTimes) {
  PolicyTrial trial("adaptive-ttl:1,margin=0,window=3,min=1s", 1000);
  double at = 0;
  trial.run("f", at, 0);
  for (const double idle : {900.0, 800.0, 20.0, 10.0, 30.0}) trial.run("f", at += idle, 0);
  EXPECT_TRUE(is_there(trial, at + 30));
  EXPECT_FALSE(is_there(trial, at + 31));
}

TEST(AdaptiveTtl, KeepsItsBounds) {
  PolicyTrial brief("adaptive-ttl", 1000);
  const double last = invoke_every(brief, 1, 10);
  EXPECT_TRUE(is_there(brief, last + minute));
  EXPECT_FALSE(is_there(brief, last + minute + 1));
  PolicyTrial lengthy("adaptive-ttl", 1000);
  const double end = invoke_every(lengthy, 20 * hour, 10);
  EXPECT_TRUE(is_there(lengthy, end + 2 * hour));
  EXPECT_FALSE(is_there(lengthy, end + 2 * hour + 1));
}

TEST(AdaptiveTtl, RefusesBoundsTheWrongWayRound) {
  EXPECT_FALSE(make_policy("adaptive-ttl:min=1h,max=1m", 1));
}

// --- rainbowcake-user -------------------------------------------------------------------------------------------------

TEST(RainbowCakeUser, ExpiresAtTheQuantileOfAPoissonProcess) {
  // -ln(0.2) x 100 s = 160.94 s; the break-even is far above.
  PolicyTrial trial("rainbowcake-user", 1000);
  const double last = invoke_every(trial, 100, 10);
  EXPECT_TRUE(is_there(trial, last + 160.9));
  EXPECT_FALSE(is_there(trial, last + 161));
}

TEST(RainbowCakeUser, ExpiresAtTheBreakEven) {
  // alpha 0.9: 9 x 2 s / 0.1 GB = 180 s.
  PolicyTrial trial("rainbowcake-user:alpha=0.9", 1000);
  trial.add("f", {.init_s = 2});
  const double last = invoke_every(trial, 1000, 10);
  EXPECT_TRUE(is_there(trial, last + 180));
  EXPECT_FALSE(is_there(trial, last + 180.1));
}

TEST(RainbowCakeUser, TakesTheRateFromRecentInvocations) {
  PolicyTrial trial("rainbowcake-user:window=2", 1000);
  double at = 0;
  trial.run("f", at, 0);
  for (const double gap : {5000.0, 5000.0, 90.0, 110.0}) trial.run("f", at += gap, 0);
  EXPECT_TRUE(is_there(trial, at + 160.9));
  EXPECT_FALSE(is_there(trial, at + 161));
}

// --- icebreaker -------------------------------------------------------------------------------------------------------

TEST(IceBreaker, StartsAContainerAheadOfARhythm) {
  PolicyTrial trial("icebreaker:window=32,refit=1,keep=1m", 1000);
  trial.add("large", {.memory_mb = 500});
  // In the middle of every fourth minute.
  for (int i = 0; i < 24; ++i) trial.run("f", (4 * i + 0.5) * minute, 1);
  const double next = (4 * 24 + 0.5) * minute;
  EXPECT_FALSE(is_there(trial, next - 0.6 * minute));
  EXPECT_TRUE(is_there(trial, next));
  EXPECT_EQ(trial.run("f", next, 1), Outcome::warm);
}

TEST(IceBreaker, StartsNothingOfLittleUtility) {
  PolicyTrial trial("icebreaker:window=32,refit=1,keep=1m,utility=1", 1000);
  for (int i = 0; i < 24; ++i) trial.run("f", (4 * i + 0.5) * minute, 1);
  EXPECT_EQ(trial.pool().totals().prewarms, 0U);
}

TEST(IceBreaker, StartsAsManyAsWereInUseAtOnce) {
  PolicyTrial trial("icebreaker:window=32,refit=1,keep=1m", 1000);
  trial.add("large", {.memory_mb = 500});
  for (int i = 0; i < 24; ++i) {
    for (int clone = 0; clone < 3; ++clone) trial.run("f", (4 * i + 0.5) * minute, 1);
  }
  trial.advance((4 * 24 + 0.5) * minute);
  EXPECT_EQ(trial.containers("f"), 3U);
}

TEST(IceBreaker, ForgetsAFunctionThatIsNotUsedForAWindowAndLearnsItAgain) {
  PolicyTrial trial("icebreaker:window=32,refit=1,keep=1m", 1000);
  trial.add("large", {.memory_mb = 500});
  for (int i = 0; i < 24; ++i) trial.run("f", (4 * i + 0.5) * minute, 1);
  const double pause_ends = (4 * 24 + 40) * minute;
  trial.advance(pause_ends);
  const std::uint64_t before = trial.pool().totals().prewarms;
  trial.advance(pause_ends + 40 * minute);
  EXPECT_EQ(trial.pool().totals().prewarms, before);
  for (int i = 0; i < 24; ++i) trial.run("f", pause_ends + (4 * i + 40.5) * minute, 1);
  EXPECT_EQ(trial.run("f", pause_ends + (4 * 24 + 40.5) * minute, 1), Outcome::warm);
}

TEST(IceBreaker, RefusesAWindowThatIsNoPowerOfTwo) { EXPECT_FALSE(make_policy("icebreaker:window=100", 1)); }

// --- what they are made of --------------------------------------------------------------------------------------------

TEST(IdleHistogram, FollowsItsQuantiles) {
  IdleHistogram histogram(0.05, 0.99);
  RandomStream random(1, "tests/idle-histogram");
  std::array<std::uint64_t, IdleHistogram::bin_count> counts{};
  const auto quantile_bin = [&](double share, std::uint64_t total) {
    std::uint64_t below = 0;
    std::size_t bin = 0;
    while (static_cast<double>(below += counts[bin]) < share * static_cast<double>(total)) ++bin;
    return static_cast<std::int64_t>(bin);
  };
  for (std::uint64_t n = 1; n <= 3000; ++n) {
    const std::uint64_t bin = n < 1000 ? random.below(240) : random.below(1 + random.below(60));
    ++counts[bin];
    histogram.add(std::chrono::minutes(bin) + std::chrono::seconds(random.below(60)));
    ASSERT_EQ(histogram.head(), std::chrono::minutes(quantile_bin(0.05, n))) << n;
    ASSERT_EQ(histogram.tail(), std::chrono::minutes(quantile_bin(0.99, n) + 1)) << n;
  }
}

TEST(IdleHistogram, KnowsTheVariationOfItsCounts) {
  IdleHistogram histogram(0.05, 0.99);
  // All in one bin: mean n/240, so the coefficient is sqrt(240 - 1).
  for (int i = 0; i < 7; ++i) histogram.add(std::chrono::minutes(3));
  EXPECT_NEAR(histogram.variation(), std::sqrt(239.0), 1e-12);
}

TEST(IdleHistogram, CountsWhatIsBeyondApart) {
  IdleHistogram histogram(0.05, 0.99);
  EXPECT_TRUE(histogram.add(std::chrono::hours(4) - Nanos{1}));
  EXPECT_FALSE(histogram.add(std::chrono::hours(4)));
  EXPECT_EQ(histogram.within(), 1U);
  EXPECT_EQ(histogram.beyond(), 1U);
}

}  // namespace
}  // namespace thaw
