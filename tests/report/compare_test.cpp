#include "report/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "core/random.h"
#include "record/csv.h"
#include "report/compare_text.h"

namespace thaw {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

Dataset sharp(std::string_view name) {
  return *load_dataset(Path(THAW_SOURCE_DIR) / "tests/fixtures/sharp" / fmt::format("{}.csv", name));
}

Dataset numbers(std::string label, std::vector<double> values) {
  Dataset dataset{.label = std::move(label), .rows = values.size()};
  Series series{.name = "value", .values = std::move(values)};
  series.rows.resize(series.values.size());
  std::iota(series.rows.begin(), series.rows.end(), std::size_t{0});
  dataset.series.push_back(std::move(series));
  return dataset;
}

/// `n` values around `center` with a deviation of 1 %.
std::vector<double> around(double center, std::size_t n, std::uint64_t index) {
  RandomStream random(3, "compare test", index);
  std::vector<double> values;
  for (std::size_t i = 0; i < n; ++i) values.push_back(center * (1 + 0.01 * random.normal()));
  return values;
}

Comparison compared(const std::vector<Dataset>& datasets, const CompareOptions& options = {}) {
  auto comparison = compare(datasets, options);
  EXPECT_TRUE(comparison) << render(comparison.error());
  return *std::move(comparison);
}

MetricComparison only(const std::vector<Dataset>& datasets, const CompareOptions& options = {}) {
  return compared(datasets, options).candidates.at(0).metrics.at(0);
}

MetricComparison by_metric(std::string_view a, std::string_view b, std::string metric) {
  return only({sharp(a), sharp(b)}, {.metrics = {std::move(metric)}});
}

// The predecessor's fixture pairs and what it says about them.

TEST(SharpComparison, DescribesBothSidesOfASlowdown) {
  const MetricComparison metric = by_metric("sleep_fast", "sleep_slow", "outer_time");

  EXPECT_EQ(metric.baseline.n, 10U);
  EXPECT_NEAR(metric.baseline.median.value, .4119, 1e-9);
  EXPECT_NEAR(metric.candidate.median.value, .50815, 1e-9);
  EXPECT_NEAR(metric.baseline.mean.value, .41289, 1e-9);
  EXPECT_NEAR(metric.candidate.mean.value, .50527, 1e-9);
  EXPECT_NEAR(metric.baseline.stddev, .01282, 5e-6);
  EXPECT_NEAR(metric.candidate.stddev, .0105, 5e-6);
}

TEST(SharpComparison, DescribesTheSpreadOfOneSide) {
  const MetricComparison metric = by_metric("sleep_fast", "sleep_slow", "outer_time");

  EXPECT_NEAR(metric.baseline.mean.low, .40372, 5e-6);
  EXPECT_NEAR(metric.baseline.mean.high, .42206, 5e-6);
  EXPECT_NEAR(metric.baseline.p95.value, .43282, 5e-6);
  EXPECT_NEAR(metric.baseline.p99.value, .43624, 5e-6);
  EXPECT_NEAR(metric.baseline.cv, .03104, 5e-6);
  EXPECT_NEAR(metric.candidate.mean.low, .49776, 5e-6);
  EXPECT_NEAR(metric.candidate.mean.high, .51278, 5e-6);
  EXPECT_NEAR(metric.candidate.p95.value, .5193, 5e-6);
  EXPECT_NEAR(metric.candidate.p99.value, .5261, 5e-6);
}

TEST(SharpComparison, TestsASlowdown) {
  const MetricComparison metric = by_metric("sleep_fast", "sleep_slow", "outer_time");

  EXPECT_NEAR(metric.median_diff, .09625, 1e-9);
  EXPECT_NEAR(metric.pct_change, 23.37, 5e-3);
  EXPECT_FALSE(metric.improved);
  EXPECT_EQ(metric.mann_whitney_u, 0);
  EXPECT_NEAR(metric.p_value, 1.7861e-4, 5e-9);
  EXPECT_EQ(metric.effect_size, 1);
  EXPECT_EQ(metric.ks_d, 1);
  EXPECT_NEAR(metric.ks_p, 1.0825e-5, 5e-10);
}

TEST(SharpComparison, TestsASpeedup) {
  const MetricComparison metric = by_metric("sleep_slow", "sleep_fast", "outer_time");

  EXPECT_NEAR(metric.median_diff, -.09625, 1e-9);
  EXPECT_NEAR(metric.pct_change, -18.94, 5e-3);
  EXPECT_TRUE(metric.improved);
  EXPECT_EQ(metric.mann_whitney_u, 100);
  EXPECT_NEAR(metric.p_value, 1.7861e-4, 5e-9);
  EXPECT_EQ(metric.effect_size, -1);
}

TEST(SharpComparison, TestsTheInnerTime) {
  const MetricComparison metric = by_metric("sleep_fast", "sleep_slow", "inner_time");

  EXPECT_NEAR(metric.baseline.median.value, .1001, 1e-9);
  EXPECT_NEAR(metric.candidate.median.value, .2001, 1e-9);
  EXPECT_NEAR(metric.baseline.mean.value, .10013, 1e-9);
  EXPECT_NEAR(metric.baseline.stddev, 5e-5, 5e-6);
  EXPECT_NEAR(metric.median_diff, .1, 1e-9);
  EXPECT_NEAR(metric.pct_change, 99.9, 5e-3);
  EXPECT_EQ(metric.mann_whitney_u, 0);
  EXPECT_NEAR(metric.p_value, 5.7206e-5, 5e-10);
  EXPECT_EQ(metric.effect_size, 1);
}

TEST(SharpComparison, TellsThePredecessorsStory) {
  const MetricComparison metric = by_metric("sleep_fast", "sleep_slow", "outer_time");

  ASSERT_EQ(metric.narrative.size(), 9U);
  EXPECT_THAT(metric.narrative[0], StartsWith("The mean significantly increased"));
  EXPECT_THAT(metric.narrative[1], StartsWith("The median significantly increased"));
  EXPECT_THAT(metric.narrative[2], StartsWith("The standard deviation remained similar"));
  EXPECT_THAT(metric.narrative[3], StartsWith("The coefficient of variation decreased notably"));
  EXPECT_THAT(metric.narrative[6], StartsWith("The 99th percentile worsened"));
  EXPECT_EQ(metric.narrative[7], "The distributions are statistically different.");
  EXPECT_THAT(metric.narrative[8], HasSubstr("468.2 ms"));
}

TEST(SharpComparison, FallsBackToTheOuterTime) {
  const Comparison comparison =
      compared({sharp("nope_test"), sharp("sleep_fast")}, {.metrics = {"inner_time"}});

  EXPECT_THAT(comparison.metrics, ElementsAre("outer_time"));
  EXPECT_THAT(comparison.notes, ElementsAre(HasSubstr("inner_time is not in all of them")));
}

TEST(SharpComparison, NamesTheOptionsThatDiffer) {
  const Comparison comparison = compared({sharp("sleep_fast"), sharp("sleep_slow")});

  const auto& differences = comparison.candidates.at(0).context_differences;
  ASSERT_EQ(differences.size(), 3U);
  EXPECT_EQ(differences[0].key, "invariant.task");
  EXPECT_EQ(differences[1].key, "runtime.args.0");
  EXPECT_EQ(differences[2].key, "runtime.task");
}

TEST(ContextOfDifferentTools, IsComparedWhereBothStateIt) {
  Dataset other = sharp("sleep_slow");
  other.format = DatasetFormat::thaw;
  other.context = {{"runtime.args.0", "9"}, {"runtime.pin", "2"}};

  const Comparison comparison = compared({sharp("sleep_fast"), other});

  const auto& differences = comparison.candidates.at(0).context_differences;
  ASSERT_EQ(differences.size(), 1U);
  EXPECT_EQ(differences[0].key, "runtime.args.0");
}

// The table of the predecessor's own tests: 10.0 × 50 -> 8.0 × 50, 100 -> 120 and 100 -> 110 higher.

TEST(Improvement, IsADecreaseWhenLowerIsBetter) {
  EXPECT_TRUE(only({numbers("a", std::vector<double>(50, 10.0)), numbers("b", std::vector<double>(50, 8.0))})
                  .improved);
}

TEST(Improvement, IsAnIncreaseWhenHigherIsBetter) {
  Dataset baseline = numbers("a", std::vector<double>(50, 100.0));
  Dataset candidate = numbers("b", std::vector<double>(50, 110.0));
  candidate.series[0].lower_is_better = false;

  const MetricComparison metric = only({baseline, candidate});

  EXPECT_TRUE(metric.improved);
  EXPECT_DOUBLE_EQ(metric.pct_change, 10.0);
  EXPECT_EQ(metric.verdict, Verdict::better);
}

TEST(PercentChangeOfMedians, IsMissingForABaselineOfZero) {
  EXPECT_TRUE(std::isnan(only({numbers("a", {0, 0, 0}), numbers("b", {1, 1, 1})}).pct_change));
}

// Ratio, shift and verdict.

TEST(Ratio, HoldsTheTrueFactor) {
  const MetricComparison metric = only({numbers("a", around(1.0, 40, 0)), numbers("b", around(1.25, 40, 1))});

  EXPECT_NEAR(metric.ratio.value, 1.25, 0.01);
  EXPECT_LT(metric.ratio.low, 1.25);
  EXPECT_GT(metric.ratio.high, 1.25);
  EXPECT_DOUBLE_EQ(metric.speedup.value, 1 / metric.ratio.value);
}

TEST(Ratio, IsExactForAScaledCopy) {
  const std::vector<double> values = around(1.0, 15, 0);
  std::vector<double> doubled = values;
  for (double& value : doubled) value *= 2;

  EXPECT_NEAR(only({numbers("a", values), numbers("b", doubled)}).ratio.value, 2, 1e-12);
}

TEST(Ratio, IsMissingForNegativeValues) {
  const MetricComparison metric =
      only({numbers("a", {-3, -2, -1, 1, 2, 3}), numbers("b", {7, 8, 9, 10, 11, 12})});

  EXPECT_TRUE(std::isnan(metric.ratio.value));
  EXPECT_EQ(metric.verdict, Verdict::worse);
  EXPECT_THAT(metric.reason, HasSubstr("shift"));
}

TEST(Verdict, IsWorseForAClearSlowdown) {
  EXPECT_EQ(by_metric("sleep_fast", "sleep_slow", "outer_time").verdict, Verdict::worse);
}

TEST(Verdict, IsBetterForAClearSpeedup) {
  EXPECT_EQ(by_metric("sleep_slow", "sleep_fast", "outer_time").verdict, Verdict::better);
}

TEST(Verdict, FindsNoEvidenceBetweenSamplesOfOneLaw) {
  EXPECT_EQ(only({numbers("a", around(1.0, 40, 0)), numbers("b", around(1.0, 40, 1))}).verdict,
            Verdict::no_evidence);
}

TEST(Verdict, FindsNoEvidenceWithThreeValuesASide) {
  EXPECT_EQ(only({sharp("sleep"), sharp("ls")}).verdict, Verdict::no_evidence);
}

TEST(Verdict, RefusesTwoValues) {
  const MetricComparison metric = only({numbers("a", {1, 2}), numbers("b", {1, 2, 3})});

  EXPECT_EQ(metric.verdict, Verdict::not_comparable);
  EXPECT_THAT(metric.reason, HasSubstr("a has 2 values"));
  EXPECT_TRUE(std::isnan(metric.p_value));
}

TEST(Verdict, RefusesUnitsOfDifferentKinds) {
  Dataset baseline = numbers("a", {1, 2, 3}), candidate = numbers("b", {1, 2, 3});
  baseline.series[0].unit = "s";
  candidate.series[0].unit = "bytes";

  EXPECT_EQ(only({baseline, candidate}).verdict, Verdict::not_comparable);
}

TEST(Verdict, RefusesOppositeDirections) {
  Dataset baseline = numbers("a", {1, 2, 3}), candidate = numbers("b", {1, 2, 3});
  baseline.series[0].lower_is_better = true;
  candidate.series[0].lower_is_better = false;

  EXPECT_EQ(only({baseline, candidate}).verdict, Verdict::not_comparable);
}

TEST(Units, OfTimeAreConvertedToTheBaselines) {
  Dataset baseline = numbers("a", {1, 2, 3}), candidate = numbers("b", {1000, 2000, 3000});
  baseline.series[0].unit = "us";
  candidate.series[0].unit = "ns";

  const MetricComparison metric = only({baseline, candidate});

  EXPECT_EQ(metric.unit, "us");
  EXPECT_NEAR(metric.candidate.median.value, 2, 1e-12);
}

TEST(Headline, SaysHowManyTimesFaster) {
  const MetricComparison metric = by_metric("sleep_slow", "sleep_fast", "outer_time");

  EXPECT_THAT(headline(metric, "A", "B"), StartsWith("B is 1.23 × faster than A in outer_time ["));
}

TEST(Headline, SaysHowManyTimesSlower) {
  const MetricComparison metric = by_metric("sleep_fast", "sleep_slow", "outer_time");

  EXPECT_THAT(headline(metric, "A", "B"), StartsWith("B is 1.23 × slower than A in outer_time ["));
}

TEST(Headline, SaysHigherOrLowerOfWhatIsNoDuration) {
  const MetricComparison metric = only({numbers("A", around(1, 40, 0)), numbers("B", around(2, 40, 1))});

  EXPECT_THAT(headline(metric, "A", "B"), testing::MatchesRegex("B is 2.* × higher than A in value .*"));
}

TEST(Headline, TellsCloseBoundsApart) {
  MetricComparison metric{.metric = "m", .unit = "s", .verdict = Verdict::worse};
  metric.shift = {0.1, 0.1, 0.1};
  metric.ratio = {1.0201, 1.0199, 1.0203};

  EXPECT_EQ(headline(metric, "A", "B"), "B is 1.0201 × slower than A in m [1.0199, 1.0203]");
}

TEST(Holm, AdjustsOverTheCandidatesOfAMetric) {
  const Comparison comparison = compared({sharp("sleep_fast"), sharp("sleep_slow"), sharp("nope_test")});

  const MetricComparison& slow = comparison.candidates.at(0).metrics.at(0);
  EXPECT_DOUBLE_EQ(slow.p_adjusted, 2 * slow.p_value);
  EXPECT_THAT(comparison.rule, HasSubstr("Holm over 2 candidates"));
}

TEST(Notes, WarnOfADrift) {
  std::vector<double> drifting;
  for (int i = 0; i < 40; ++i) drifting.push_back(100.0 + i);

  const MetricComparison metric = only({numbers("a", around(100, 40, 0)), numbers("b", drifting)});

  EXPECT_THAT(metric.notes, Contains(HasSubstr("the values of b drift")));
}

TEST(Notes, WarnOfACoarseClock) {
  const MetricComparison metric =
      only({numbers("a", around(1, 12, 0)), numbers("b", {1, 1, 1, 2, 2, 2, 1, 1, 2, 2, 1, 2})});

  EXPECT_THAT(metric.notes, Contains(HasSubstr("b has only 2 different values")));
}

TEST(Notes, WarnOfSeveralModes) {
  std::vector<double> bimodal = around(1e-3, 60, 0);
  for (std::size_t i = 0; i < bimodal.size(); i += 2) bimodal[i] += 1e-3;

  const MetricComparison metric = only({numbers("a", around(1e-3, 60, 2)), numbers("b", bimodal)});

  EXPECT_THAT(metric.notes, Contains(HasSubstr("the values of b have several modes")));
  EXPECT_THAT(metric.notes, Not(Contains(HasSubstr("the values of a have several modes"))));
}

TEST(Notes, CountFailedRuns) {
  Dataset candidate = numbers("b", {1, 2, 3});
  candidate.rows = 5;
  candidate.failed = 2;

  const Comparison comparison = compared({numbers("a", {1, 2, 3}), candidate});

  EXPECT_THAT(comparison.candidates.at(0).side.notes, ElementsAre("2 of 5 runs failed and are left out"));
}

// Pairs.

TEST(Paired, UsesTheSignedRankTest) {
  // Wilcoxon 1945 by hand: differences 1 … 6, all positive, so W = 0 and p = 2/2^6.
  const MetricComparison metric = only(
      {numbers("a", {10, 20, 30, 40, 50, 60}), numbers("b", {11, 22, 33, 44, 55, 66})}, {.paired = true});

  ASSERT_TRUE(metric.paired);
  EXPECT_EQ(metric.paired->pairs, 6U);
  EXPECT_EQ(metric.paired->w, 0);
  EXPECT_DOUBLE_EQ(metric.p_value, 2.0 / 64);
  EXPECT_NEAR(metric.ratio.value, 1.1, 1e-12);
}

TEST(Paired, LeavesOutRowsThatOneSideLacks) {
  Dataset baseline = numbers("a", {10, 20, 30, 40}), candidate = numbers("b", {11, 33, 44});
  candidate.series[0].rows = {0, 2, 3};
  candidate.rows = 4;

  const MetricComparison metric = only({baseline, candidate}, {.paired = true});

  ASSERT_TRUE(metric.paired);
  EXPECT_EQ(metric.paired->pairs, 3U);
}

TEST(Paired, RefusesUnequalNumbersOfRows) {
  const auto comparison = compare({numbers("a", {1, 2, 3}), numbers("b", {1, 2, 3, 4})}, {.paired = true});

  ASSERT_FALSE(comparison);
  EXPECT_EQ(comparison.error().kind, ErrorKind::bad_usage);
}

// Choosing metrics.

TEST(Metrics, AreThoseInCommonByDefault) {
  EXPECT_THAT(compared({sharp("sleep_fast"), sharp("sleep_slow")}).metrics,
              ElementsAre("outer_time", "inner_time"));
  EXPECT_THAT(compared({sharp("sleep_fast"), sharp("nope_test")}).metrics, ElementsAre("outer_time"));
}

TEST(Metrics, OfSingleColumnsAreComparedWhateverTheirNames) {
  Dataset candidate = numbers("b", {1, 2, 3});
  candidate.series[0].name = "latency";

  const Comparison comparison = compared({numbers("a", {1, 2, 3}), candidate});

  EXPECT_THAT(comparison.metrics, ElementsAre("value"));
  EXPECT_THAT(comparison.notes, ElementsAre("latency of b is compared with value of a"));
}

TEST(Metrics, SuggestTheNearestWhenUnknown) {
  const auto comparison = compare({sharp("sleep_fast"), sharp("sleep_slow")}, {.metrics = {"iner_time"}});

  ASSERT_FALSE(comparison);
  EXPECT_EQ(comparison.error().kind, ErrorKind::bad_usage);
  EXPECT_EQ(comparison.error().hint, "did you mean \"inner_time\"?");
}

TEST(Metrics, ListWhatThereIsWhenNothingIsCommon) {
  Dataset a = numbers("a", {1}), b = numbers("b", {1});
  a.series.push_back({.name = "x"});
  b.series[0].name = "y";

  const auto comparison = compare({a, b});

  ASSERT_FALSE(comparison);
  EXPECT_THAT(comparison.error().hint, HasSubstr("a has value, x; b has y"));
}

TEST(Datasets, MustBeTwoOrMore) { EXPECT_FALSE(compare({numbers("a", {1, 2, 3})})); }

// Gates.

std::vector<GateOutcome> outcomes(const std::string& gates, const std::vector<Dataset>& datasets,
                                  std::vector<std::string> metrics = {}) {
  return compared(datasets, {.metrics = std::move(metrics), .gates = *parse_gates(gates)}).gates;
}

TEST(GateCheck, FailsOnARelativeChangeAboveTheLimit) {
  const auto gates = outcomes("p99 > +5%", {sharp("sleep_fast"), sharp("sleep_slow")});

  ASSERT_EQ(gates.size(), 1U);
  EXPECT_FALSE(gates[0].holds);
  EXPECT_NEAR(gates[0].value, 100 * (.5261 / .43624 - 1), 1e-2);
  EXPECT_EQ(gates[0].metric, "outer_time");
}

TEST(GateCheck, HoldsBelowTheLimit) {
  EXPECT_TRUE(outcomes("p99 > +25%", {sharp("sleep_fast"), sharp("sleep_slow")}).at(0).holds);
}

TEST(GateCheck, ReadsDurationsInTheUnitOfTheMetric) {
  EXPECT_FALSE(outcomes("median > 500ms", {sharp("sleep_fast"), sharp("sleep_slow")}).at(0).holds);
  EXPECT_TRUE(outcomes("median > 510ms", {sharp("sleep_fast"), sharp("sleep_slow")}).at(0).holds);
}

TEST(GateCheck, ComparesDifferences) {
  EXPECT_FALSE(outcomes("median > +96ms", {sharp("sleep_fast"), sharp("sleep_slow")}).at(0).holds);
  EXPECT_TRUE(outcomes("median > +97ms", {sharp("sleep_fast"), sharp("sleep_slow")}).at(0).holds);
}

TEST(GateCheck, ComparesMultiples) {
  EXPECT_FALSE(outcomes("median > 1.23x", {sharp("sleep_fast"), sharp("sleep_slow")}).at(0).holds);
  EXPECT_TRUE(outcomes("median > 1.24x", {sharp("sleep_fast"), sharp("sleep_slow")}).at(0).holds);
}

TEST(GateCheck, UsesTheMetricItNames) {
  const auto gates =
      outcomes("inner_time.p99 > +99%", {sharp("sleep_fast"), sharp("sleep_slow")}, {"outer_time"});

  ASSERT_EQ(gates.size(), 1U);
  EXPECT_EQ(gates[0].metric, "inner_time");
  EXPECT_FALSE(gates[0].holds);
}

TEST(GateCheck, AppliesToEveryMetricAskedFor) {
  EXPECT_EQ(
      outcomes("p99 > +5%", {sharp("sleep_fast"), sharp("sleep_slow")}, {"inner_time", "outer_time"}).size(),
      2U);
}

TEST(GateCheck, CountsFailedRuns) {
  Dataset candidate = numbers("b", {1, 2, 3});
  candidate.rows = 5;
  candidate.failed = 2;

  EXPECT_FALSE(outcomes("failed > 0", {numbers("a", {1, 2, 3}), candidate}).at(0).holds);
  EXPECT_TRUE(outcomes("failed > 40%", {numbers("a", {1, 2, 3}), candidate}).at(0).holds);
  EXPECT_FALSE(outcomes("failed > 39%", {numbers("a", {1, 2, 3}), candidate}).at(0).holds);
}

TEST(GateCheck, FailsWhenTheVerdictIsWorse) {
  EXPECT_FALSE(outcomes("worse", {sharp("sleep_fast"), sharp("sleep_slow")}).at(0).holds);
  EXPECT_TRUE(outcomes("outer_time.worse", {sharp("sleep_slow"), sharp("sleep_fast")}).at(0).holds);
}

TEST(GateCheck, FailsWhenItsValueIsMissing) {
  EXPECT_FALSE(outcomes("ratio > 2", {numbers("a", {0, 0, 0}), numbers("b", {1, 1, 1})}).at(0).holds);
}

TEST(GateCheck, RefusesADurationForAMetricThatIsNoTime) {
  const auto comparison =
      compare({numbers("a", {1, 2, 3}), numbers("b", {1, 2, 3})}, {.gates = *parse_gates("median > 250ms")});

  ASSERT_FALSE(comparison);
  EXPECT_EQ(comparison.error().kind, ErrorKind::bad_usage);
}

TEST(GateCheck, NamesAllFailuresInTheFinalError) {
  const Comparison comparison = compared({sharp("sleep_fast"), sharp("sleep_slow")},
                                         {.gates = *parse_gates("p99 > +5%, median > 1x, max > 2x")});

  const Error error = gate_failure(comparison);

  EXPECT_EQ(error.kind, ErrorKind::check_failed);
  EXPECT_THAT(error.what, HasSubstr("p99 > +5%"));
  EXPECT_THAT(error.what, HasSubstr("median > 1x"));
  EXPECT_THAT(error.what, Not(HasSubstr("max > 2x")));
}

// Forms.

TEST(CompareCsv, BeginsWithThePredecessorsColumns) {
  const std::string csv = render(compared({sharp("sleep_fast"), sharp("sleep_slow")}), TableFormat::csv);

  EXPECT_THAT(csv,
              StartsWith("metric,baseline_n,baseline_median,baseline_mean,baseline_stddev,treatment_n,"
                         "treatment_median,treatment_mean,treatment_stddev,median_diff,pct_change,improved,"
                         "mann_whitney_u,p_value,effect_size,"));
  EXPECT_THAT(csv, HasSubstr(",23.37,No,0,0.000178"));
  EXPECT_THAT(csv, Not(HasSubstr("|")));
}

TEST(CompareCsv, HasAsManyFieldsAsColumns) {
  const std::string csv = render(compared({sharp("sleep_fast"), sharp("sleep_slow")}), TableFormat::csv);

  const auto columns = read_columns(CsvReader::over(csv, "compare.csv"));

  ASSERT_TRUE(columns) << render(columns.error());
  EXPECT_EQ(columns->rows, 2U);
}

TEST(CompareJson, WritesMissingNumbersAsNull) {
  const auto json = to_json(compared({numbers("a", {0, 0, 0}), numbers("b", {1, 1, 1})}));

  EXPECT_EQ(json["schema"], "thaw.compare/1");
  EXPECT_TRUE(json["candidates"][0]["metrics"]["value"]["pct_change"].is_null());
}

TEST(CompareJson, HoldsWhatTheTableSays) {
  const auto json =
      to_json(compared({sharp("sleep_fast"), sharp("sleep_slow")}, {.gates = *parse_gates("p99 > +5%")}));

  const auto& metric = json["candidates"][0]["metrics"]["outer_time"];
  EXPECT_EQ(metric["verdict"], "worse");
  EXPECT_EQ(metric["mann_whitney_u"], 0.0);
  EXPECT_EQ(metric["baseline"]["n"], 10);
  EXPECT_EQ(json["gates"][0]["held"], false);
  EXPECT_EQ(json["passed"], false);
  EXPECT_EQ(json["context_differences"][1]["key"], "runtime.args.0");
}

}  // namespace
}  // namespace thaw
