// Policies that give containers a value: hyperbolic, cidre, gdsf-ewma and formulas, on sequences worked by hand.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/random.h"
#include "policy_trial.h"

namespace thaw {
namespace {

using ::testing::ElementsAre;
using testing::PolicyTrial;

TEST(Hyperbolic, ValuesStartsPerSecondSinceTheContainerCame) {
  PolicyTrial trial("hyperbolic", 200);
  // At 2000 s: a has 4 starts in 2000 s, b has 1 in 100 s.
  for (const double at : {0.0, 1.0, 2.0, 3.0}) trial.invoke("a", at);
  trial.invoke("b", 1900);
  trial.invoke("c", 2000);
  EXPECT_THAT(trial.evicted(), ElementsAre("a"));
}

TEST(Hyperbolic, ValuesTheCostOfAStartPerMegabyte) {
  PolicyTrial trial("hyperbolic", 300);
  trial.add("slow", {.memory_mb = 100, .init_s = 9});
  trial.add("large", {.memory_mb = 200, .init_s = 9});
  trial.invoke("slow", 0);
  trial.invoke("large", 0);
  trial.invoke("c", 10);
  EXPECT_THAT(trial.evicted(), ElementsAre("large"));
}

TEST(Hyperbolic, GivesTheSameVictimsForASeed) {
  std::vector<std::vector<std::string>> evicted;
  for (int i = 0; i < 2; ++i) {
    PolicyTrial trial("hyperbolic:sample=2", 1000, 5);
    for (int k = 0; k < 60; ++k) trial.invoke(std::string(1, static_cast<char>('a' + k * k % 23)), k);
    evicted.push_back(trial.evicted());
  }
  EXPECT_EQ(evicted[0], evicted[1]);
}

TEST(Cidre, TakesACloneRatherThanTheOnlyContainer) {
  PolicyTrial trial("cidre:patience=0", 300);
  trial.add("twice", {.init_s = 3});
  trial.add("once", {.init_s = 2});
  trial.run("twice", 0, 10);
  trial.run("twice", 1, 10);
  // 2 starts x 3 s / 2 clones against 4 starts x 2 s: greedy-dual would have 6 and 8; a third start of "twice" gives
  // 9 / 2 here and 9 there.
  for (const double at : {20.0, 21.0, 22.0, 23.0}) trial.invoke("once", at);
  trial.invoke("twice", 24);
  trial.invoke("other", 30);
  EXPECT_THAT(trial.evicted(), ElementsAre("twice"));
}

TEST(Cidre, ValuesTheLastCloneByItselfAgain) {
  PolicyTrial trial("cidre:patience=0", 300);
  trial.add("twice", {.init_s = 4});
  trial.add("once", {.init_s = 6});
  trial.run("twice", 0, 10);
  trial.run("twice", 1, 10);
  trial.invoke("once", 20);
  trial.invoke("other", 30);  // "twice" 2 x 4 / 2 = 4, "once" 6
  trial.add("more", {.memory_mb = 200});
  trial.invoke("more", 40);  // "twice" 2 x 4 / 1 = 8 now; "other" 4 + 1, "once" 6
  EXPECT_THAT(trial.evicted(), ElementsAre("twice", "other", "once"));
}

TEST(Cidre, WaitsForABusyCloneThatIsSoonerThanAColdStart) {
  PolicyTrial trial("cidre", 1000);
  trial.add("a", {.init_s = 2, .warm_s = 5});
  trial.run("a", 0, 7);  // the cold start with it
  EXPECT_EQ(trial.run("a", 6, 5), Outcome::delayed);
}

TEST(Cidre, StartsAContainerThatIsSoonerThanABusyClone) {
  PolicyTrial trial("cidre", 1000);
  trial.add("a", {.init_s = 2, .warm_s = 5});
  trial.run("a", 0, 7);
  EXPECT_EQ(trial.run("a", 4, 7), Outcome::cold);
}

TEST(Cidre, CountsThoseWhoWaitAlready) {
  PolicyTrial trial("cidre", 1000);
  trial.add("a", {.init_s = 2, .warm_s = 5});
  trial.run("a", 0, 7);
  trial.run("a", 6, 5);
  EXPECT_EQ(trial.run("a", 6, 7), Outcome::cold);
}

TEST(Cidre, DoesNotWaitForOneThatIsLongOverdue) {
  PolicyTrial trial("cidre", 1000);
  trial.add("a", {.init_s = 2, .warm_s = 5});
  trial.run("a", 0, 100);
  EXPECT_EQ(trial.run("a", 10, 7), Outcome::cold);
}

TEST(GdsfEwma, ForgetsWhatWasPopular) {
  for (const char* policy : {"gdsf-ewma:1h", "gd"}) {
    PolicyTrial trial(policy, 200);
    for (const double at : {0.0, 1.0, 2.0, 3.0}) trial.invoke("a", at);
    trial.invoke("a", 100 * 3600);
    for (const double at : {1.0, 2.0, 3.0}) trial.invoke("b", 100 * 3600 + at);
    trial.invoke("c", 100 * 3600 + 10);
    EXPECT_THAT(trial.evicted(), ElementsAre(std::string(policy) == "gd" ? "b" : "a")) << policy;
  }
}

TEST(GdsfEwma, HalvesAStartInAHalfLife) {
  PolicyTrial trial("gdsf-ewma:10s", 100);
  trial.invoke("a", 0);
  trial.invoke("a", 10);
  EXPECT_NEAR(trial.pool().container(0).priority, 1.5 * 1000 / 100, 1e-9);
}

// --- formulas ---------------------------------------------------------------------------------------------------------

/// Victims of a mixed sequence.
std::vector<std::string> victims_by(const std::string& policy) {
  PolicyTrial trial(policy, 900);
  for (int f = 0; f < 12; ++f) {
    trial.add(std::string(1, static_cast<char>('a' + f)),
              {.memory_mb = 40.0 * (1 + f % 5), .init_s = 0.5 * (1 + f * 7 % 11), .warm_s = 0.2 * f});
  }
  RandomStream random(1, "tests/victims");
  for (int k = 0; k < 400; ++k) {
    trial.run(std::string(1, static_cast<char>('a' + random.below(12))), 0.7 * k, 0.3 * (k % 7));
  }
  return trial.evicted();
}

TEST(ExpressionPolicy, OfGreedyDualIsGreedyDual) {
  ASSERT_GT(victims_by("gd").size(), 20U);
  EXPECT_EQ(victims_by("expr:clock + freq*(cost/size)"), victims_by("gd"));
}

TEST(ExpressionPolicy, OfTheLastUseIsLru) { EXPECT_EQ(victims_by("expr:last_use"), victims_by("lru")); }

TEST(ExpressionPolicy, WithTimeInItIsEvaluatedWhenAVictimIsWanted) {
  PolicyTrial trial("expr:uses*cost/(size*age)", 200);
  for (const double at : {0.0, 1.0, 2.0, 3.0}) trial.invoke("a", at);
  trial.invoke("b", 1900);
  trial.invoke("c", 2000);
  EXPECT_THAT(trial.evicted(), ElementsAre("a"));
}

TEST(ExpressionPolicy, KnowsHowLongAContainerIsIdle) {
  PolicyTrial trial("expr:-idle", 200);
  trial.run("a", 0, 50);
  trial.run("b", 10, 1);
  trial.invoke("c", 100);
  EXPECT_THAT(trial.evicted(), ElementsAre("b"));
}

TEST(ExpressionPolicy, TakesColonsAndCommasAsItsOwn) {
  EXPECT_TRUE(make_policy("expr:min(freq, 3) + max(uses, 1)", 1));
  EXPECT_TRUE(make_policy(" EXPR:clock", 1));
}

TEST(ExpressionPolicy, MarksTheColumnOfAMistake) {
  const auto policy = make_policy("expr:clock + frq*cost", 1);
  ASSERT_FALSE(policy);
  EXPECT_EQ(policy.error().kind, ErrorKind::bad_usage);
  EXPECT_EQ(policy.error().where, "column 9");
  EXPECT_EQ(policy.error().hint,
            "clock + frq*cost\n"
            "               ^\n"
            "       did you mean \"freq\"?");
}

}  // namespace
}  // namespace thaw
