#include "report/stats_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/random.h"

namespace thaw {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using Json = nlohmann::ordered_json;

Json summary_of(const std::vector<double>& values) {
  return Json::parse(
      render_summary({.source = "n.txt", .name = "value", .values = values}, TableFormat::json));
}

TEST(StatsSummary, MatchesThePredecessorOnOneToTen) {
  const Json json = summary_of({1, 2, 3, 4, 5, 6, 7, 8, 9, 10});

  EXPECT_EQ(json["schema"], "thaw.stats/1");
  EXPECT_EQ(json["n"], 10);
  EXPECT_DOUBLE_EQ(json["mean"], 5.5);
  EXPECT_DOUBLE_EQ(json["median"], 5.5);
  EXPECT_NEAR(json["stddev"], 3.02765, 5e-6);
  EXPECT_NEAR(json["stderr"], .95743, 5e-6);
  EXPECT_NEAR(json["ci95_low"], 3.33415, 5e-6);
  EXPECT_NEAR(json["ci95_high"], 7.66585, 5e-6);
  EXPECT_DOUBLE_EQ(json["p95"], 9.55);
  EXPECT_DOUBLE_EQ(json["p99"], 9.91);
  EXPECT_NEAR(json["cv"], .55048, 5e-6);
}

TEST(StatsSummary, KnowsTheMode) {
  const Dataset slow = *load_dataset(Path(THAW_SOURCE_DIR) / "tests/fixtures/sharp/sleep_slow.csv");

  const Json json = Json::parse(render_summary(*sample_of(slow), TableFormat::json));

  EXPECT_DOUBLE_EQ(json["mode"], .5084);
}

TEST(StatsSummary, WritesWhatASampleCannotTellAsNull) {
  const Json json = summary_of({7});

  EXPECT_EQ(json["mean"], 7.0);
  EXPECT_TRUE(json["stddev"].is_null());
  EXPECT_TRUE(json["ci95_low"].is_null());
}

TEST(StatsSummary, CountsMissingAndFailedRows) {
  Dataset dataset{.rows = 10, .failed = 2};
  dataset.series = {{.name = "x", .values = {1, 2, 3, 4, 5}}};

  const auto sample = sample_of(dataset, "x");

  ASSERT_TRUE(sample);
  EXPECT_EQ(sample->missing, 3U);
  EXPECT_EQ(sample->failed, 2U);
}

TEST(StatsSummary, RefusesAnUnknownMetric) {
  Dataset dataset;
  dataset.series = {{.name = "x"}};

  EXPECT_FALSE(sample_of(dataset, "y"));
}

TEST(StatsClassification, NamesTheClass) {
  const std::vector<double> constant(30, 5.0);

  const Json json = Json::parse(
      render_classification({.source = "n.txt", .name = "value", .values = constant}, TableFormat::json));

  EXPECT_EQ(json["class"], "constant");
  EXPECT_TRUE(json["skewness"].is_null());
}

TEST(StatsClassification, SurvivesAnEmptySample) {
  const Json json =
      Json::parse(render_classification({.source = "n.txt", .name = "value"}, TableFormat::json));

  EXPECT_EQ(json["n"], 0);
}

TEST(StatsChangePoints, TellWarmUpFromTheSteadyState) {
  RandomStream random(1, "phases test");
  std::vector<double> values;
  for (int i = 0; i < 100; ++i) values.push_back((i < 20 ? 15 : 10) + 0.1 * random.normal());

  const Json json = Json::parse(
      render_change_points({.source = "n.txt", .name = "value", .values = values}, TableFormat::json));

  EXPECT_EQ(json["change_points"], Json::array({20}));
  EXPECT_EQ(json["warm_up"]["n"], 20);
  EXPECT_EQ(json["cool_down"]["n"], 0);
  EXPECT_EQ(json["steady"]["first"], 20);
  EXPECT_EQ(json["steady"]["n"], 80);
  EXPECT_EQ(json["segments"].size(), 2U);
}

TEST(StatsChangePoints, SurviveAnEmptySample) {
  const std::string text = render_change_points({.source = "n.txt", .name = "value"}, TableFormat::text);

  EXPECT_THAT(text, HasSubstr("no warm-up"));
}

TEST(Shape, OfANormalSampleIsSymmetricAndCouldBeNormal) {
  RandomStream random(1, "shape test");
  std::vector<double> values;
  for (int i = 0; i < 200; ++i) values.push_back(100 + random.normal());

  const auto sentences = describe_shape(values);

  EXPECT_THAT(sentences,
              ElementsAre(HasSubstr("symmetric"), HasSubstr("ordinary tails"), HasSubstr("could be normal")));
}

TEST(Shape, OfALognormalSampleIsSkewedToTheRight) {
  RandomStream random(1, "shape test");
  std::vector<double> values;
  for (int i = 0; i < 200; ++i) values.push_back(std::exp(random.normal()));

  const auto sentences = describe_shape(values);

  EXPECT_THAT(sentences, Contains(HasSubstr("skewed to the right")));
  EXPECT_THAT(sentences, Contains(HasSubstr("could be lognormal")));
}

TEST(StatsComparison, PutsTheMetricAtTheTop) {
  Dataset a{.label = "a", .rows = 3}, b{.label = "b", .rows = 3};
  a.series = {{.name = "value", .values = {1, 2, 3}, .rows = {0, 1, 2}}};
  b.series = {{.name = "value", .values = {4, 5, 6}, .rows = {0, 1, 2}}};

  const Json json = Json::parse(render_stats_comparison(*compare({a, b}), TableFormat::json));

  EXPECT_EQ(json["schema"], "thaw.stats/1");
  EXPECT_EQ(json["mann_whitney_u"], 0.0);
  EXPECT_DOUBLE_EQ(json["p_value"], 0.1);
  EXPECT_DOUBLE_EQ(json["median_diff"], 3);
}

}  // namespace
}  // namespace thaw
