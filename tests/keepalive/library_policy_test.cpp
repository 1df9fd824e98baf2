#include "keepalive/library_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy_trial.h"

namespace thaw {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::PolicyTrial;

std::string library(const std::string& name) {
  return std::string("lib:") + THAW_POLICY_LIBRARIES "/" + name + ".so";
}

Error error_of(const std::string& text) {
  auto policy = make_policy(text, 1);
  EXPECT_FALSE(policy) << text;
  return policy ? Error{} : policy.error();
}

TEST(LibraryPolicy, OfTheExampleRemovesWhatWasUsedLast) {
  PolicyTrial trial(library("policy_lifo"), 300);
  double at = 0;
  for (const char* name : {"a", "b", "c", "a", "d", "e"}) trial.invoke(name, at++);
  EXPECT_THAT(trial.evicted(), ElementsAre("a", "d"));
}

TEST(LibraryPolicy, GetsTheTextAfterItsPath) {
  PolicyTrial trial(library("policy_lifo") + ":2000", 300);
  trial.run("a", 0, 0);
  trial.advance(2);
  EXPECT_EQ(trial.containers("a"), 1U);
  trial.advance(2.001);
  EXPECT_EQ(trial.containers("a"), 0U);
}

TEST(LibraryPolicy, MayRefuseItsParameters) {
  const Error error = error_of(library("policy_lifo") + ":soon");
  EXPECT_EQ(error.kind, ErrorKind::bad_usage);
  EXPECT_THAT(error.what, HasSubstr("the keep-alive must be a number of ms, got \"soon\""));
}

TEST(LibraryPolicy, MayChooseVictimsItself) {
  PolicyTrial trial(library("chooser"), 300);
  double at = 0;
  for (const char* name : {"a", "b", "c", "a", "d", "e"}) trial.invoke(name, at++);
  EXPECT_THAT(trial.evicted(), ElementsAre("a", "b"));
}

TEST(LibraryPolicy, IsNotBelievedWhenItsChoiceIsImpossible) {
  for (const char* mistake : {":twice", ":beyond"}) {
    PolicyTrial trial(library("chooser") + mistake, 300);
    for (const char* name : {"a", "b", "c"}) trial.invoke(name, 0);
    trial.add("large", {.memory_mb = 200});
    EXPECT_EQ(trial.invoke("large", 1), Outcome::dropped) << mistake;
    EXPECT_THAT(trial.evicted(), IsEmpty()) << mistake;
  }
}

TEST(LibraryPolicy, IsNotThere) {
  const Error error = error_of("lib:/nowhere/policy.so");
  EXPECT_EQ(error.kind, ErrorKind::environment);
  EXPECT_EQ(error.where, "/nowhere/policy.so");
}

TEST(LibraryPolicy, NeedsAPath) { EXPECT_EQ(error_of("lib:").kind, ErrorKind::bad_usage); }

TEST(LibraryPolicy, HasNoTable) {
  const Error error = error_of(library("no_symbol"));
  EXPECT_EQ(error.kind, ErrorKind::bad_input);
  EXPECT_EQ(error.what, "the library does not export thaw_policy");
}

TEST(LibraryPolicy, IsOfAnotherVersion) {
  const Error error = error_of(library("other_version"));
  EXPECT_EQ(error.kind, ErrorKind::bad_input);
  EXPECT_EQ(error.what, "the library has version 99 of the policy interface, this program has 1");
}

TEST(LibraryPolicy, CanNeitherRankNorChoose) {
  EXPECT_EQ(error_of(library("no_choice")).what, "the library's table has neither rank nor choose");
}

}  // namespace
}  // namespace thaw
