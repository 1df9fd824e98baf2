// SIEVE, S3-FIFO, ARC and W-TinyLFU on sequences worked by hand. Containers have 100 MB each unless stated.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy_trial.h"

namespace thaw {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::PolicyTrial;

/// One invocation after the other, a second apart, from `at` on.
double invoke_all(PolicyTrial& trial, const std::string& letters, double at) {
  for (const char letter : letters) trial.invoke(std::string(1, letter), at++);
  return at;
}

// --- SIEVE ------------------------------------------------------------------------------------------------------------

TEST(Sieve, SparesWhatWasUsedAndGoesOnFromThere) {
  PolicyTrial trial("sieve", 300);
  // The hand clears a, takes b, then c and d; e stands behind it.
  invoke_all(trial, "abcadef", 0);
  EXPECT_THAT(trial.evicted(), ElementsAre("b", "c", "d"));
}

TEST(Sieve, TakesTheOldestWhenNothingWasUsedAgain) {
  PolicyTrial trial("sieve", 300);
  invoke_all(trial, "abcde", 0);
  EXPECT_THAT(trial.evicted(), ElementsAre("a", "b"));
}

TEST(Sieve, ComesRoundToWhatItSparedWhenAllWasUsed) {
  PolicyTrial trial("sieve", 300);
  // All bits are set: one round clears them, and the hand ends at a.
  invoke_all(trial, "abcabcd", 0);
  EXPECT_THAT(trial.evicted(), ElementsAre("a"));
}

TEST(Sieve, DoesNotMoveWhatIsUsed) {
  PolicyTrial trial("sieve", 300);
  // a was used last before d came; once its bit is cleared it goes in its turn, before d and e.
  invoke_all(trial,
             "abca"
             "d"
             "e"
             "f"
             "g",
             0);
  EXPECT_THAT(trial.evicted(), ElementsAre("b", "c", "d", "e"));
}

TEST(Sieve, StepsOverWhatRuns) {
  PolicyTrial trial("sieve", 300);
  trial.run("a", 0, 100);
  invoke_all(trial, "bcd", 1);
  EXPECT_THAT(trial.evicted(), ElementsAre("b"));
}

TEST(Sieve, ComesBackToWhatRan) {
  PolicyTrial trial("sieve", 300);
  trial.run("a", 0, 10);
  invoke_all(trial, "bcd", 1);  // steps over a, takes b
  invoke_all(trial, "ef", 20);  // takes c and d
  invoke_all(trial, "g", 30);   // e: the hand has passed a
  invoke_all(trial, "h", 40);   // f
  invoke_all(trial, "i", 50);   // g
  EXPECT_THAT(trial.evicted(), ElementsAre("b", "c", "d", "e", "f", "g"));
  EXPECT_EQ(trial.containers("a"), 1U);
}

// --- S3-FIFO ----------------------------------------------------------------------------------------------------------

TEST(S3Fifo, PromotesWhatWasUsedTwiceMore) {
  PolicyTrial trial("s3-fifo", 1000);
  double at = invoke_all(trial, "abcdefghij", 0);
  at = invoke_all(trial, "aab", at);
  // The small queue is above its tenth: a moves to the main queue, b with one more use goes.
  invoke_all(trial, "k", at);
  EXPECT_THAT(trial.evicted(), ElementsAre("b"));
}

TEST(S3Fifo, PutsAGhostIntoTheMainQueue) {
  PolicyTrial trial("s3-fifo:small=0.5", 400);
  // Small holds abcd; e takes a. a is a ghost and enters main, for which b goes. Then c and d go before a, until
  // small (e, f) has no more than its half; then a is the oldest of main.
  invoke_all(trial,
             "abcd"
             "e"
             "a"
             "f"
             "g",
             0);
  EXPECT_THAT(trial.evicted(), ElementsAre("a", "b", "c", "d"));
  EXPECT_EQ(trial.containers("a"), 1U);
}

TEST(S3Fifo, TakesFromTheMainQueueWhenTheSmallOneIsSmall) {
  PolicyTrial trial("s3-fifo:small=1,promote=0", 300);
  double at = invoke_all(trial, "abc", 0);
  at = invoke_all(trial, "abc", at);
  // All three are promoted on the way; main gives up its oldest.
  invoke_all(trial, "d", at);
  EXPECT_THAT(trial.evicted(), ElementsAre("a"));
}

TEST(S3Fifo, LetsTheMainQueueGoRoundOncePerUse) {
  PolicyTrial trial("s3-fifo:small=0,promote=0", 300);
  // d promotes all three and takes a. Then b and d are used; e promotes d, sends b round, and takes c.
  invoke_all(trial,
             "abcabc"
             "d"
             "bd"
             "e",
             0);
  EXPECT_THAT(trial.evicted(), ElementsAre("a", "c"));
}

// --- ARC --------------------------------------------------------------------------------------------------------------

TEST(Arc, TakesTheLeastRecentOfThoseUsedOnceFirst) {
  PolicyTrial trial("arc", 300);
  // T1 has b and c, above its target of 0; T2 has a.
  invoke_all(trial, "abcad", 0);
  EXPECT_THAT(trial.evicted(), ElementsAre("b"));
}

TEST(Arc, MakesRoomForThoseUsedOnceWhenAGhostOfThemComesBack) {
  PolicyTrial trial("arc", 300);
  // b goes and comes back: the target is 100 MB, c goes from T1 (c, d). Then T1 (d) is at its target, and e takes
  // the least recent of T2 (a, b).
  invoke_all(trial,
             "abcad"
             "b"
             "e",
             0);
  EXPECT_THAT(trial.evicted(), ElementsAre("b", "c", "a"));
}

TEST(Arc, MakesRoomForThoseUsedAgainWhenAGhostOfThemComesBack) {
  PolicyTrial trial("arc", 300);
  // As before; then a, a ghost of T2, comes back: the target is 0 again, and T1 (d, e) gives up d, then e.
  invoke_all(trial,
             "abcad"
             "b"
             "e"
             "a"
             "f",
             0);
  EXPECT_THAT(trial.evicted(), ElementsAre("b", "c", "a", "d", "e"));
}

TEST(Arc, KeepsItsTargetWhenTheComebackIsDropped) {
  PolicyTrial trial("arc", 300);
  invoke_all(trial, "abcad", 0);  // b is a ghost
  for (const char* name : {"a", "c", "d"}) trial.run(name, 10, 50);
  EXPECT_EQ(trial.invoke("b", 20), Outcome::dropped);
  // The target is 0 still: T1 gives up c, not T2 its a.
  invoke_all(trial, "e", 100);
  EXPECT_EQ(trial.evicted().size(), 2U);
}

// --- W-TinyLFU --------------------------------------------------------------------------------------------------------

TEST(WTinyLfu, LetsARareNewcomerGoRatherThanAPopularResident) {
  PolicyTrial trial("w-tinylfu:window=0.34", 300);
  double at = invoke_all(trial, "aaabbb", 0);
  // The window has c, invoked once; the oldest resident is a, invoked three times.
  at = invoke_all(trial, "c", at);
  invoke_all(trial, "d", at);
  EXPECT_THAT(trial.evicted(), ElementsAre("c"));
}

TEST(WTinyLfu, LetsARareResidentGoRatherThanAPopularNewcomer) {
  PolicyTrial trial("w-tinylfu:window=0.34", 300);
  invoke_all(trial,
             "abccc"
             "d",
             0);
  EXPECT_THAT(trial.evicted(), ElementsAre("a"));
}

TEST(WTinyLfu, CountsInvocationsThatWereDropped) {
  PolicyTrial trial("w-tinylfu:window=0.34", 300);
  trial.run("a", 0, 10);
  trial.run("b", 0, 10);
  trial.run("c", 0, 10);
  trial.add("d");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(trial.invoke("d", 1 + i), Outcome::dropped);
  // d is in the window by now, known for four invocations; a has one.
  invoke_all(trial,
             "d"
             "e",
             20);
  EXPECT_EQ(trial.containers("d"), 1U);
}

TEST(WTinyLfu, HalvesAllCountsInTheEnd) {
  // Four functions and a sample of 2: counts are halved every eight invocations at first, every four after that.
  PolicyTrial trial("w-tinylfu:window=0.34,sample=2", 300);
  for (const char* name : {"a", "b", "c", "d"}) trial.add(name);
  // a has 7, then 3, then 1 when c has 4, then 2. Without halving it would stay.
  invoke_all(trial,
             "aaaaaaab"
             "cccc"
             "d",
             0);
  EXPECT_THAT(trial.evicted(), ElementsAre("a"));
}

}  // namespace
}  // namespace thaw
