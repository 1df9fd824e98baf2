#include "record/load_totals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "record/load_summary.h"

namespace thaw {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// Totals whose every number differs by `seed`.
LoadTotals totals_of(std::int64_t seed) {
  LoadTotals totals;
  const auto n = static_cast<std::uint64_t>(seed);
  totals.planned = 10 * n;
  totals.sent = 9 * n;
  totals.ok = 8 * n;
  totals.in_flight = n;
  totals.cold = 2 * n;
  totals.knows_cold = 3 * n;
  totals.by_cause[0] = totals.ok;
  totals.by_cause[static_cast<std::size_t>(Cause::reset)] = n;
  for (std::int64_t i = 1; i <= 100; ++i) {
    totals.response.record(i * 1'000'003 * seed);
    totals.service.record(i * 900'001 * seed);
    totals.lateness.record(i * 101 * seed);
    totals.slowdown.add(1 + 0.01 * static_cast<double>(i * seed));
  }
  totals.last_done_ns = 77 * seed;
  return totals;
}

TEST(LoadTotals, ReadBackWhatTheyWrote) {
  const auto json = to_exact_json(totals_of(3));

  const LoadTotals read = load_totals_from(json).value();

  EXPECT_EQ(to_exact_json(read), json);
}

TEST(LoadTotals, MergeWithoutLossThroughTheirText) {
  LoadTotals direct = totals_of(2);
  direct.merge(totals_of(5));

  LoadTotals read = load_totals_from(to_exact_json(totals_of(2))).value();
  read.merge(load_totals_from(to_exact_json(totals_of(5))).value());

  EXPECT_EQ(to_exact_json(read), to_exact_json(direct));
}

TEST(LoadTotals, KeepTheirExactExtremesInTheirText) {
  LoadTotals totals;
  for (const std::int64_t response : {1'234'567, 22'492'443, 22'149'241}) totals.response.record(response);

  LoadTotals read = load_totals_from(to_exact_json(totals)).value();

  EXPECT_EQ(read.response.min(), 1'234'567);
  EXPECT_EQ(read.response.max(), 22'492'443);
  EXPECT_EQ(read.response.quantile(0.99), totals.response.quantile(0.99));
}

TEST(LoadTotals, MergeInAnyOrder) {
  LoadTotals one = totals_of(2), other = totals_of(5);
  one.merge(totals_of(5));
  other.merge(totals_of(2));

  EXPECT_EQ(one.response.bins(), other.response.bins());
  EXPECT_EQ(one.planned, other.planned);
}

TEST(LoadTotals, RefuseATornHistogram) {
  auto json = to_exact_json(totals_of(1));
  json["response_ns"] = "AAAA";

  EXPECT_EQ(load_totals_from(json).error().kind, ErrorKind::bad_input);
}

TEST(SlowdownTotals, HaveAHarmonicMean) {
  SlowdownTotals totals;
  totals.add(1);
  totals.add(3);

  EXPECT_DOUBLE_EQ(totals.harmonic_mean(), 1.5);
}

// --- the summary -------------------------------------------------------------------------------------------------------

/// A thousand invocations in a second, all well.
LoadSummary healthy() {
  LoadSummary summary;
  summary.measured.planned = summary.measured.sent = summary.measured.ok = 1000;
  summary.measured.response.record_n(1'000'000, 1000);
  summary.measured.service.record_n(900'000, 1000);
  summary.measured.lateness.record_n(30'000, 1000);
  summary.duration_s = summary.measured_s = 1;
  return summary;
}

std::string judged(const LoadSummary& summary) {
  return judge(summary.measured, summary.sender, summary.duration_s, false);
}

TEST(Verdict, IsHealthyWhenEverythingWasOnTime) { EXPECT_EQ(judged(healthy()), "healthy"); }

TEST(Verdict, SaysLateAboveOneMillisecond) {
  LoadSummary summary = healthy();
  summary.measured.lateness.record_n(1'100'000, 11);

  EXPECT_THAT(judged(summary), StartsWith("late: "));
}

TEST(Verdict, AllowsOnePercentOfTheGapBetweenRareArrivals) {
  LoadSummary summary = healthy();
  summary.duration_s = 1000;  // one a second: 1 % is 10 ms
  summary.measured.lateness.record_n(9'000'000, 1000);

  EXPECT_EQ(judged(summary), "healthy");
}

TEST(Verdict, SaysThatInvocationsWereDropped) {
  LoadSummary summary = healthy();
  summary.measured.by_cause[static_cast<std::size_t>(Cause::dropped)] = 3;

  EXPECT_THAT(judged(summary), HasSubstr("3 invocations were dropped"));
}

TEST(Verdict, SaysBusyAboveFourFifthsOfAProcessor) {
  LoadSummary summary = healthy();
  summary.sender.cpu_s = 0.81;

  EXPECT_THAT(judged(summary), StartsWith("busy: "));
}

TEST(Verdict, DoesNotCountSpinningAsBusy) {
  LoadSummary summary = healthy();
  summary.sender.cpu_s = 1;

  EXPECT_EQ(judge(summary.measured, summary.sender, 1, true), "healthy");
}

TEST(LoadSummary, HasTheKeysOfItsSchemaInOrder) {
  const auto json = to_json(healthy());

  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  EXPECT_THAT(keys, testing::ElementsAre("schema", "planned", "sent", "ok", "failed", "dropped", "in_flight",
                                         "cold", "duration_s", "throughput_per_s", "response", "service",
                                         "lateness", "slowdown", "phases", "sender", "verdict", "out"));
}

TEST(LoadSummary, LeavesOutWhatWasNotMeasured) {
  const auto json = to_json(LoadSummary());

  EXPECT_TRUE(json["cold"].is_null());
  EXPECT_TRUE(json["response"]["p99_ms"].is_null());
  EXPECT_TRUE(json["throughput_per_s"].is_null());
}

TEST(LoadSummary, ReadsBackFromItsRecord) {
  LoadSummary summary = healthy();
  summary.verdict = "late: by much";
  auto json = to_json(summary);
  json.update(exact_parts(summary));

  const LoadSummary read = load_summary_from(json).value();

  EXPECT_EQ(exact_parts(read), exact_parts(summary));
  EXPECT_EQ(read.verdict, summary.verdict);
}

}  // namespace
}  // namespace thaw
