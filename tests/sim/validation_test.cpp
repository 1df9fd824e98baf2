// Comparisons of made-up records with the simulation of their plans.

#include "sim/validation.h"

#include <gtest/gtest.h>

#include <cmath>

namespace thaw {
namespace {

constexpr std::size_t index_of(DifferenceReason reason) { return static_cast<std::size_t>(reason); }

/// One function: 100 MB, 10 ms of initialisation, 20 ms of execution; LRU.
RecordedRun run_of(double memory_mb) {
  RecordedRun run;
  run.point = {.policy = "lru", .memory_mb = memory_mb};
  TraceFunction function;
  function.name = "f";
  function.memory_mb = 100;
  function.cold_ms = 30;
  function.warm_ms = 20;
  run.functions = {function};
  return run;
}

void add(RecordedRun& run, double intended_ms, std::optional<Served> served, double late_ms = 0,
         std::optional<double> busy_ms = {}) {
  RecordedInvocation invocation;
  invocation.intended_ms = intended_ms;
  invocation.arrived_ms = intended_ms + late_ms;
  invocation.busy_ms = busy_ms;
  invocation.served = served;
  run.invocations.push_back(invocation);
}

Validation validated(const RecordedRun& run) {
  auto validation = validate(run);
  EXPECT_TRUE(validation) << (validation ? "" : validation.error().what);
  return validation ? *validation : Validation{};
}

TEST(Validation, FindsNoDifferenceWhereThePlanWasKept) {
  RecordedRun run = run_of(100);
  add(run, 0, Served::cold);
  add(run, 50, Served::warm);
  const Validation validation = validated(run);
  EXPECT_EQ(validation.differing(), 0U);
}

TEST(Validation, CountsWhatIsSimulatedByThePlan) {
  RecordedRun run = run_of(100);
  add(run, 0, Served::cold);
  add(run, 20, Served::dropped);
  add(run, 40, Served::warm);
  const Validation validation = validated(run);
  EXPECT_EQ(validation.planned.cold, 1U);
  EXPECT_EQ(validation.planned.dropped, 1U);
  EXPECT_EQ(validation.planned.warm, 1U);
}

TEST(Validation, BlamesAnArrivalThatCameLater) {
  RecordedRun run = run_of(200);
  add(run, 0, Served::cold);
  // Planned for 5 ms before the container is free; it came 5 ms after.
  add(run, 25, Served::warm, 10);
  const Validation validation = validated(run);
  EXPECT_EQ(validation.reasons.at(index_of(DifferenceReason::arrival)).invocations, 1U);
  EXPECT_EQ(validation.reasons.at(index_of(DifferenceReason::arrival)).cold, -1);
}

TEST(Validation, BlamesAnExecutionThatTookLonger) {
  RecordedRun run = run_of(200);
  add(run, 0, Served::cold, 0, 60);
  add(run, 50, Served::cold);
  const Validation validation = validated(run);
  EXPECT_EQ(validation.reasons.at(index_of(DifferenceReason::duration)).invocations, 1U);
  EXPECT_EQ(validation.reasons.at(index_of(DifferenceReason::duration)).cold, 1);
}

TEST(Validation, BlamesAnExpiryCloseBy) {
  RecordedRun run = run_of(200);
  add(run, 0, Served::cold);
  add(run, 50, Served::cold);
  run.invocations.back().is_near_expiry = true;
  EXPECT_EQ(validated(run).reasons.at(index_of(DifferenceReason::expiry)).invocations, 1U);
}

TEST(Validation, KnowsWhenItDoesNotKnow) {
  RecordedRun run = run_of(200);
  add(run, 0, Served::cold);
  add(run, 50, Served::cold);
  EXPECT_EQ(validated(run).reasons.at(index_of(DifferenceReason::other)).invocations, 1U);
}

TEST(Validation, CountsFailuresApart) {
  RecordedRun run = run_of(200);
  add(run, 0, std::nullopt);
  const Validation validation = validated(run);
  EXPECT_EQ(validation.measured.failed, 1U);
  EXPECT_EQ(validation.reasons.at(index_of(DifferenceReason::failure)).cold, -1);
}

TEST(Validation, TakesDifferencesOfColdStartsInPercentOfInvocations) {
  RecordedRun run = run_of(200);
  add(run, 0, Served::cold);
  for (int i = 1; i < 50; ++i) add(run, 50 * i, i == 7 ? Served::cold : Served::warm);
  EXPECT_DOUBLE_EQ(validated(run).difference_pct(), 2);
}

TEST(Validation, AddsUpTheReasonsToTheDifference) {
  RecordedRun run = run_of(200);
  add(run, 0, Served::cold, 0, 60);
  add(run, 50, Served::cold);
  add(run, 75, Served::warm, 10);
  add(run, 200, Served::cold);
  const Validation validation = validated(run);
  std::int64_t sum = 0;
  for (const DifferenceCount& reason : validation.reasons) sum += reason.cold;
  EXPECT_EQ(sum, static_cast<std::int64_t>(validation.measured.cold) -
                     static_cast<std::int64_t>(validation.planned.cold));
}

TEST(Validation, CountsArrivalsInAnotherOrder) {
  RecordedRun run = run_of(400);
  add(run, 0, Served::cold, 9);
  add(run, 1, Served::cold);
  add(run, 2, Served::cold, 20);
  EXPECT_EQ(validated(run).deviations.swapped, 1U);
}

TEST(Validation, MeasuresWhatColdStartsTookMore) {
  RecordedRun run = run_of(200);
  add(run, 0, Served::cold, 0, 34);
  add(run, 50, Served::warm, 0, 21);
  const Deviations deviations = validated(run).deviations;
  EXPECT_DOUBLE_EQ(deviations.cold_excess_ms, 4);
  EXPECT_DOUBLE_EQ(deviations.warm_excess_ms, 1);
}

TEST(Validation, OfNothingHasNoPercentage) {
  RecordedRun run = run_of(100);
  EXPECT_TRUE(std::isnan(validated(run).difference_pct()));
}

TEST(Validation, RefusesFunctionsThatAreNotThere) {
  RecordedRun run = run_of(100);
  add(run, 0, Served::cold);
  run.invocations.back().function = 1;
  const auto validation = validate(run);
  ASSERT_FALSE(validation);
  EXPECT_EQ(validation.error().kind, ErrorKind::bad_input);
}

}  // namespace
}  // namespace thaw
