#include "sim/sizing_text.h"

#include <gmock/gmock.h>

#include "sim/small_traces.h"

namespace thaw {
namespace {

using nlohmann::json;
using testing::function;
using testing::trace_of;

const Trace& worked_trace() {
  static const Trace trace =
      trace_of({function("A", 1, 5), function("B", 10, 50), function("C", 100, 500)}, "ABCBBCA");
  return trace;
}

HitRatioCurve curve_of(const Trace& trace) {
  return measure_curve(trace.functions, *source_of(trace)).value();
}

TEST(CurveText, HasItsSchemaAndPointsInJson) {
  const HitRatioCurve curve = curve_of(worked_trace());
  const std::vector<double> targets = {0.5, 0.9};

  const json document = json::parse(render_curve(
      curve, {.trace = "t", .functions = 3, .targets = sizes_for(curve, targets), .points = {curve.at(110)}},
      TableFormat::json));

  EXPECT_EQ(document["schema"], "thaw.curve/1");
  EXPECT_EQ(document["method"], "exact");
  EXPECT_EQ(document["invocations"], 7);
  EXPECT_EQ(document["points"][0]["hit_ratio"], 3.0 / 7);
  EXPECT_EQ(document["targets"][0]["memory_mb"], 111);
  EXPECT_TRUE(document["targets"][1]["memory_mb"].is_null());
  EXPECT_EQ(document["targets"][1]["legacy_memory_mb"], 110);
}

TEST(CurveText, SaysWhenNoMemoryIsEnough) {
  const HitRatioCurve curve = curve_of(worked_trace());
  const std::vector<double> targets = {0.9};

  EXPECT_THAT(render_curve(curve, {.targets = sizes_for(curve, targets)}, TableFormat::text),
              ::testing::HasSubstr("no memory is enough"));
}

TEST(CurveText, IsRowsAloneInCsv) {
  const HitRatioCurve curve = curve_of(worked_trace());

  EXPECT_EQ(render_curve(curve, {.points = {curve.at(111)}}, TableFormat::csv),
            "memory_mb,hit_ratio,cold,cold_ms,legacy_hit_ratio\n111,0.5714285714285714,3,555,1\n");
}

TEST(ProvisionText, LeavesTheErrorOfTheStartOut) {
  const HitRatioCurve curve = curve_of(worked_trace());
  const ProvisionPlan plan = provision(curve, worked_trace().invocations.time_ms);

  const json document = json::parse(render_provision(plan, {.trace = "t"}, TableFormat::json));

  EXPECT_EQ(document["schema"], "thaw.provision/1");
  EXPECT_EQ(document["sizes"][0]["memory_mb"], 5000);
  EXPECT_TRUE(document["sizes"][0]["relative_error"].is_null());
}

TEST(BoundsText, PutsEveryPolicyBesideTheBound) {
  const std::vector<double> memory = {110, 200};
  const std::vector<std::string> policies = {"lru"};
  const auto rows = compare_with_bounds(worked_trace(), memory, policies).value();

  const json document = json::parse(render_bounds(rows, "t", TableFormat::json));

  EXPECT_EQ(document["schema"], "thaw.bounds/1");
  ASSERT_EQ(document["rows"].size(), 10U);
  EXPECT_EQ(document["rows"][0]["policy"], "bound");
  EXPECT_TRUE(document["rows"][0]["cold"].is_null());
  EXPECT_EQ(document["rows"][9]["policy"], "lru");
  EXPECT_EQ(document["rows"][9]["starts"], 3);
  EXPECT_NEAR(document["rows"][9]["above_bound_pct"].get<double>(), 0, 1e-6);
}

TEST(BoundsText, AddsUpTheInitialisationOfColdStarts) {
  const std::vector<double> memory = {200};
  const auto rows = compare_with_bounds(worked_trace(), memory, {}).value();

  EXPECT_EQ(rows.back().policy, "farthest-cost");
  EXPECT_DOUBLE_EQ(rows.back().cost_ms, 555);
}

TEST(ScoreText, NamesTheBaseline) {
  const std::vector<PolicyScore> scores = {{"gd", Model::clean, 0.05, 3}};

  const json document = json::parse(render_scores(scores, {}, TableFormat::json));

  EXPECT_EQ(document["baseline"], "lru");
  EXPECT_EQ(document["scores"][0]["score"], 0.05);
}

}  // namespace
}  // namespace thaw
