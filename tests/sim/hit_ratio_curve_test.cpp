#include "sim/hit_ratio_curve.h"

#include <gmock/gmock.h>

#include <cmath>
#include <list>

#include "sim/small_traces.h"

namespace thaw {
namespace {

using testing::draw;
using testing::function;
using testing::trace_of;

HitRatioCurve curve_of(const Trace& trace) {
  return measure_curve(trace.functions, *source_of(trace)).value();
}

/// Misses and their cost of a least-recently-used cache that never holds more than `capacity_mb`, where a function
/// too large for what more recent ones leave is not served from it: the stack model of the curve.
struct StackCache {
  double misses = 0;
  double cold_ms = 0;
};
StackCache serve(const Trace& trace, double capacity_mb) {
  std::list<FunctionIndex> stack;  // most recent first
  StackCache result;
  for (const FunctionIndex f : trace.invocations.function) {
    double above = 0;
    bool is_hit = false;
    for (auto at = stack.begin(); at != stack.end(); ++at) {
      if (*at == f) {
        is_hit = above + trace.functions[f].memory_mb <= capacity_mb;
        stack.erase(at);
        break;
      }
      above += trace.functions[*at].memory_mb;
    }
    stack.push_front(f);
    if (is_hit) continue;
    ++result.misses;
    result.cold_ms += trace.functions[f].init_ms();
  }
  return result;
}

const Trace& worked_trace() {
  // Distances: A -, B -, C -, B 100, B 0, C 10, A 110.
  static const Trace trace =
      trace_of({function("A", 1, 5), function("B", 10, 50), function("C", 100, 500)}, "ABCBBCA");
  return trace;
}

TEST(HitRatioCurve, HitsWhenDistanceAndOwnMemoryFit) {
  const HitRatioCurve curve = curve_of(worked_trace());

  EXPECT_DOUBLE_EQ(curve.hit_ratio(9), 0);
  EXPECT_DOUBLE_EQ(curve.hit_ratio(10), 1.0 / 7);  // B B: 0 + 10
  EXPECT_DOUBLE_EQ(curve.hit_ratio(109), 1.0 / 7);
  EXPECT_DOUBLE_EQ(curve.hit_ratio(110), 3.0 / 7);  // B C B: 100 + 10; C B B C: 10 + 100
  EXPECT_DOUBLE_EQ(curve.hit_ratio(111), 4.0 / 7);  // A … A: 110 + 1
}

TEST(HitRatioCurve, CountsTheFirstInvocationOfEachFunctionAsCold) {
  const HitRatioCurve curve = curve_of(worked_trace());

  EXPECT_DOUBLE_EQ(curve.hit_ratio(1e9), 4.0 / 7);
  EXPECT_DOUBLE_EQ(curve.at(1e9).cold, 3);
}

TEST(HitRatioCurve, AddsUpTheInitialisationOfMisses) {
  const HitRatioCurve curve = curve_of(worked_trace());

  EXPECT_DOUBLE_EQ(curve.cold_ms(0), 2 * 5 + 3 * 50 + 2 * 500);
  EXPECT_DOUBLE_EQ(curve.cold_ms(10), 2 * 5 + 2 * 50 + 2 * 500);
  EXPECT_DOUBLE_EQ(curve.cold_ms(111), 5 + 50 + 500);
}

TEST(HitRatioCurve, GivesTheSmallestMemoryThatReachesARatio) {
  const HitRatioCurve curve = curve_of(worked_trace());

  EXPECT_EQ(curve.size_for(0.1), 10);
  EXPECT_EQ(curve.size_for(3.0 / 7), 110);
  EXPECT_EQ(curve.size_for(0.5), 111);
}

TEST(HitRatioCurve, HasNoMemoryForARatioThatFirstUsesForbid) {
  EXPECT_EQ(curve_of(worked_trace()).size_for(0.6), std::nullopt);
}

TEST(HitRatioCurve, EqualsTheStackModelAtEverySize) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const Trace trace = draw({.functions = 40, .invocations = 3000, .seed = seed});
    const HitRatioCurve curve = curve_of(trace);
    const double n = static_cast<double>(trace.invocations.size());

    for (double memory = 50; memory < 12000; memory += 397) {
      const StackCache expected = serve(trace, memory);
      EXPECT_NEAR(curve.hit_ratio(memory), 1 - expected.misses / n, 1e-12) << memory;
      EXPECT_NEAR(curve.cold_ms(memory), expected.cold_ms, 1e-6) << memory;
    }
  }
}

TEST(HitRatioCurve, IsTheSameFromBlocksAsFromTheWhole) {
  const Trace trace = draw({.functions = 50, .invocations = 40000});  // more than one block

  EXPECT_EQ(curve_of(trace).basis().invocations, 40000U);
}

TEST(HitRatioCurve, OfAnEmptyTraceIsMissing) {
  Trace trace;
  trace.functions = {function("A", 1)};

  EXPECT_TRUE(std::isnan(curve_of(trace).hit_ratio(100)));
}

TEST(HitRatioCurve, NeverFallsAlongItsPoints) {
  const std::vector<CurvePoint> points = curve_of(draw({.functions = 30, .invocations = 5000})).points(64);

  ASSERT_EQ(points.size(), 64U);
  for (std::size_t i = 1; i < points.size(); ++i) {
    EXPECT_GE(points[i].hit_ratio, points[i - 1].hit_ratio);
    EXPECT_LE(points[i].cold_ms, points[i - 1].cold_ms);
  }
}

TEST(ReuseDistribution, LeavesFirstUsesAndOwnMemoryOut) {
  const HitRatioCurve curve = curve_of(worked_trace());  // distances 0, 10, 100, 110

  EXPECT_DOUBLE_EQ(curve.legacy().count(), 4);
  EXPECT_DOUBLE_EQ(curve.legacy().at(0), 0.25);
  EXPECT_DOUBLE_EQ(curve.legacy().at(99), 0.5);
  EXPECT_DOUBLE_EQ(curve.legacy().at(110), 1);
}

TEST(ReuseDistribution, LooksUpTheNearestSampleWithTiesToTheRight) {
  const ReuseDistribution legacy = curve_of(worked_trace()).legacy();  // distances 0, 10, 100, 110

  EXPECT_DOUBLE_EQ(legacy.at_nearest(4), 0.25);
  EXPECT_DOUBLE_EQ(legacy.at_nearest(5), 0.5);
  EXPECT_DOUBLE_EQ(legacy.at_nearest(54), 0.5);
  EXPECT_DOUBLE_EQ(legacy.at_nearest(56), 0.75);
  EXPECT_DOUBLE_EQ(legacy.at_nearest(1e6), 1);
}

TEST(ReuseDistribution, TakesTheFirstOfEqualSamplesToTheRight) {
  // A B A B A: distances 2 (A), 1 (B), 2 (A) MB.
  const ReuseDistribution legacy = curve_of(trace_of({function("A", 1), function("B", 2)}, "ABABA")).legacy();

  EXPECT_DOUBLE_EQ(legacy.at(2), 1);
  EXPECT_DOUBLE_EQ(legacy.at_nearest(2), 2.0 / 3);
  EXPECT_DOUBLE_EQ(legacy.at_nearest(3), 1);
}

TEST(ReuseDistribution, GivesTheSampleWhoseShareIsNearest) {
  const ReuseDistribution legacy = curve_of(worked_trace()).legacy();  // shares 0, ¼, ½, ¾, 1

  EXPECT_DOUBLE_EQ(legacy.size_for(0.12), 0);
  EXPECT_DOUBLE_EQ(legacy.size_for(0.6), 10);
  EXPECT_DOUBLE_EQ(legacy.size_for(0.625), 100);
  EXPECT_DOUBLE_EQ(legacy.size_for(0.9), 110);
}

}  // namespace
}  // namespace thaw
