#include "bench/noise.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "core/random.h"

namespace thaw {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// n normal values of 100 ms with a deviation of 2 ms.
std::vector<double> quiet_series(std::size_t n, std::uint64_t seed = 1) {
  RandomStream random(seed, "test");
  std::vector<double> values;
  for (std::size_t i = 0; i < n; ++i) values.push_back(0.1 + 0.002 * random.normal());
  return values;
}

NoiseFacts facts_of(const std::vector<double>& seconds) {
  NoiseFacts facts;
  facts.seconds = seconds;
  facts.repetitions = seconds.size();
  return facts;
}

std::vector<NoiseKind> kinds(const NoiseFacts& facts) {
  std::vector<NoiseKind> found;
  for (const auto& warning : find_noise(facts)) found.push_back(warning.kind);
  return found;
}

NoiseWarning warning_of(const NoiseFacts& facts, NoiseKind kind) {
  for (auto& warning : find_noise(facts)) {
    if (warning.kind == kind) return warning;
  }
  return {kind, "no warning", ""};
}

TEST(Noise, IsNotFoundInAQuietMeasurement) {
  const auto values = quiet_series(50);
  NoiseFacts facts = facts_of(values);
  facts.governor = "performance";
  facts.has_turbo = false;
  facts.load = 0.5;
  facts.cores = 2;
  facts.steal_share = 0.001;
  facts.throttle_events = 0;
  facts.swap_used_bytes = 0;
  facts.clock_resolution = Nanos(1);

  EXPECT_THAT(kinds(facts), IsEmpty());
}

TEST(Noise, IsSeldomFoundInQuietMeasurements) {
  std::size_t warnings = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed)
    warnings += find_noise(facts_of(quiet_series(40, seed))).size();

  EXPECT_LE(warnings, 20U);  // One in twenty measurements, over all checks together.
}

TEST(Noise, IsNotFoundWhereNothingIsKnown) { EXPECT_THAT(kinds({}), IsEmpty()); }

TEST(Noise, HasEachKindInTheTableOnce) {
  std::set<NoiseKind> seen;
  for (const NoiseCheck& check : noise_checks()) EXPECT_TRUE(seen.insert(check.kind).second) << check.name;

  EXPECT_EQ(seen.size(), static_cast<std::size_t>(NoiseKind::swap) + 1);
}

TEST(Noise, CountsFailedRepetitions) {
  auto values = quiet_series(48);
  NoiseFacts facts = facts_of(values);
  facts.repetitions = 50;
  facts.failed = 2;

  EXPECT_EQ(warning_of(facts, NoiseKind::failures).text,
            "2 of 50 repetitions failed and are left out of the statistics");
}

TEST(Noise, FindsTooFewRepetitions) {
  EXPECT_EQ(warning_of(facts_of(quiet_series(3)), NoiseKind::few_repetitions).text,
            "only 3 values: percentiles and intervals say little");
}

TEST(Noise, FindsCommandsThatAreTooShort) {
  NoiseFacts facts = facts_of({0.001, 0.0012, 0.0011});
  const std::vector<double> values(20, 0.0011);
  facts.seconds = values;
  facts.spawn_seconds = 0.0005;

  EXPECT_THAT(warning_of(facts, NoiseKind::too_short).text,
              HasSubstr("starting a program alone takes 500 µs"));
}

TEST(Noise, FindsAClockThatIsTooCoarse) {
  const std::vector<double> values(20, 0.1);
  NoiseFacts facts = facts_of(values);
  facts.clock_resolution = std::chrono::milliseconds(4);

  EXPECT_THAT(kinds(facts), ElementsAre(NoiseKind::coarse_clock));
}

// --- The start ---------------------------------------------------------------------------------------

TEST(Noise, FindsASlowFirstRun) {
  auto values = quiet_series(30);
  values[0] = 0.2;
  const NoiseWarning warning = warning_of(facts_of(values), NoiseKind::slow_first_run);

  EXPECT_THAT(warning.text, HasSubstr("the first run took 200 ms"));
  EXPECT_THAT(warning.advice, HasSubstr("--warm"));
}

TEST(Noise, AdvisesALongerWarmUpWhereThereWasOne) {
  auto values = quiet_series(30);
  values[0] = 0.2;
  NoiseFacts facts = facts_of(values);
  facts.has_warm_up = true;

  EXPECT_EQ(warning_of(facts, NoiseKind::slow_first_run).advice, "the warm-up was too short: raise --warmup");
}

TEST(Noise, AdvisesToLookAtTheResetOfColdRuns) {
  auto values = quiet_series(30);
  values[0] = 0.2;
  NoiseFacts facts = facts_of(values);
  facts.is_cold = true;

  EXPECT_THAT(warning_of(facts, NoiseKind::slow_first_run).advice, HasSubstr("outlives the reset"));
}

TEST(WarmUp, EndsAtTheChangePoint) {
  auto values = quiet_series(60);
  for (std::size_t i = 0; i < 12; ++i) values[i] += 0.03;

  EXPECT_EQ(warm_up_length(values), 12U);
  EXPECT_THAT(kinds(facts_of(values)), ElementsAre(NoiseKind::warm_up));
}

TEST(WarmUp, IsNotFoundInAChangeAfterTheFirstThird) {
  auto values = quiet_series(60);
  for (std::size_t i = 0; i < 30; ++i) values[i] += 0.03;

  EXPECT_EQ(warm_up_length(values), 0U);
}

TEST(WarmUp, IsNotFoundInATrend) {
  auto values = quiet_series(60);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += 0.001 * static_cast<double>(i);

  EXPECT_EQ(warm_up_length(values), 0U);
}

TEST(WarmUp, IsNotDecidedByOutliers) {
  auto values = quiet_series(60);
  values[2] = 50;

  EXPECT_EQ(warm_up_length(values), 0U);
}

TEST(WarmUp, IsNotFoundInEqualOrFewValues) {
  EXPECT_EQ(warm_up_length(std::vector<double>(50, 0.1)), 0U);
  EXPECT_EQ(warm_up_length(std::vector<double>{3, 1, 1, 1}), 0U);
}

// --- The series --------------------------------------------------------------------------------------

TEST(ModifiedZScore, FollowsItsDefinition) {
  // Median 3, MAD 1: 0.6745 (x - 3).
  const auto scores = modified_z_scores(std::vector<double>{1, 2, 3, 4, 100});

  EXPECT_NEAR(scores[4], 0.6745 * 97, 1e-12);
  EXPECT_NEAR(scores[0], 0.6745 * -2, 1e-12);
}

TEST(ModifiedZScore, UsesTheMeanDeviationWhereTheMedianOneIsZero) {
  // Median 1, MAD 0, mean absolute deviation 10 / 5.
  const auto scores = modified_z_scores(std::vector<double>{1, 1, 1, 1, 11});

  EXPECT_NEAR(scores[4], 10 / (1.2533 * 2), 1e-12);
}

TEST(ModifiedZScore, IsZeroForEqualValues) {
  EXPECT_THAT(modified_z_scores(std::vector<double>{2, 2, 2}), ElementsAre(0, 0, 0));
}

TEST(Trend, HasThePValueOfTheExactSeries) {
  // 1 … 10: S = 45, variance 10 · 9 · 25 / 18 = 125, z = 44 / sqrt(125) = 3.93548.
  std::vector<double> values;
  for (int i = 1; i <= 10; ++i) values.push_back(i);

  EXPECT_NEAR(trend_p_value(values), std::erfc(44 / std::sqrt(125.0) / std::sqrt(2.0)), 1e-12);
}

TEST(Trend, CorrectsForTies) {
  // 1 1 1 1 1 2 2 2 2 2: S = 25; variance (10·9·25 - 2 · 5·4·15) / 18 = 1650 / 18.
  const std::vector<double> values = {1, 1, 1, 1, 1, 2, 2, 2, 2, 2};

  EXPECT_NEAR(trend_p_value(values), std::erfc(24 / std::sqrt(1650.0 / 18) / std::sqrt(2.0)), 1e-12);
}

TEST(Trend, IsMissingForEqualOrFewValues) {
  EXPECT_TRUE(std::isnan(trend_p_value(std::vector<double>(20, 1.0))));
  EXPECT_TRUE(std::isnan(trend_p_value(std::vector<double>{1, 2, 3})));
}

TEST(Noise, FindsDrift) {
  auto values = quiet_series(60);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += 0.0005 * static_cast<double>(i);

  EXPECT_THAT(kinds(facts_of(values)), ElementsAre(NoiseKind::drift));
}

TEST(Noise, AdvisesToMixTheOrderWhenThingsAreComparedInTurn) {
  auto values = quiet_series(60);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += 0.0005 * static_cast<double>(i);
  NoiseFacts facts = facts_of(values);
  facts.is_interleaved = false;

  EXPECT_THAT(warning_of(facts, NoiseKind::drift).advice, HasSubstr("--order random"));
}

TEST(Noise, FindsThatNeighboursAreAlike) {
  RandomStream random(5, "test");
  std::vector<double> values;
  double wander = 0;
  for (int i = 0; i < 300; ++i) {
    wander = 0.8 * wander + random.normal();
    values.push_back(0.1 + 0.001 * wander);
  }

  EXPECT_THAT(kinds(facts_of(values)), Contains(NoiseKind::autocorrelation));
}

TEST(Noise, FindsTwoGroups) {
  auto values = quiet_series(60);
  RandomStream random(8, "test");
  for (double& value : values) value += random.uniform() < 0.4 ? 0.05 : 0;
  const NoiseWarning warning = warning_of(facts_of(values), NoiseKind::bimodality);

  EXPECT_THAT(warning.text, HasSubstr("times form two groups"));
  EXPECT_THAT(warning.advice, HasSubstr("--pin"));
  EXPECT_THAT(kinds(facts_of(values)), Not(Contains(NoiseKind::outliers)));
}

TEST(TwoModes, AreNotFoundInSkewedOrFlatSeries) {
  RandomStream random(2, "test");
  std::vector<double> skewed;
  std::vector<double> flat;
  for (int i = 0; i < 200; ++i) {
    skewed.push_back(std::exp(0.5 * random.normal()));
    flat.push_back(random.uniform());
  }

  EXPECT_FALSE(two_modes(skewed));
  EXPECT_FALSE(two_modes(flat));
}

TEST(Noise, FindsAnOutlierFarAway) {
  auto values = quiet_series(60);
  values[30] = 0.3;

  EXPECT_THAT(kinds(facts_of(values)), ElementsAre(NoiseKind::outliers));
}

TEST(Noise, DoesNotAdvisePinningToWhoeverPinned) {
  auto values = quiet_series(60);
  values[30] = 0.3;
  NoiseFacts facts = facts_of(values);
  facts.is_pinned = true;

  EXPECT_THAT(warning_of(facts, NoiseKind::outliers).advice, Not(HasSubstr("--pin")));
}

// --- The machine -------------------------------------------------------------------------------------

TEST(Noise, FindsAGovernorThatSavesPower) {
  NoiseFacts facts;
  facts.governor = "powersave";

  EXPECT_EQ(warning_of(facts, NoiseKind::governor).text,
            "the frequency governor is 'powersave', not 'performance'");
}

TEST(Noise, FindsTurbo) {
  NoiseFacts facts;
  facts.has_turbo = true;

  EXPECT_THAT(kinds(facts), ElementsAre(NoiseKind::turbo));
}

TEST(Noise, FindsMoreLoadThanProcessors) {
  NoiseFacts facts;
  facts.load = 2.5;
  facts.cores = 2;

  EXPECT_EQ(warning_of(facts, NoiseKind::load).text, "the load was 2.5 on 2 processors before the run");
}

TEST(Noise, FindsStealAboveOnePercentOnly) {
  NoiseFacts facts;
  facts.steal_share = 0.01;
  EXPECT_THAT(kinds(facts), IsEmpty());

  facts.steal_share = 0.025;
  EXPECT_EQ(warning_of(facts, NoiseKind::steal).text, "the hypervisor took 2.5 % of the processor time");
}

TEST(Noise, FindsThrottlingQuotaAndSwap) {
  NoiseFacts facts;
  facts.throttle_events = 3;
  facts.quota_throttled_seconds = 0.25;
  facts.swap_used_bytes = 200e6;

  EXPECT_THAT(kinds(facts), ElementsAre(NoiseKind::throttling, NoiseKind::quota, NoiseKind::swap));
}

}  // namespace
}  // namespace thaw
