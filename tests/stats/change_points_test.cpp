#include "stats/change_points.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"
#include "stats/reference_streams.h"
#include "stats/summary.h"

namespace thaw {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Level {
  std::size_t count;
  double mean;
  double deviation;
};

std::vector<double> levels(std::initializer_list<Level> parts, std::uint64_t seed = 1) {
  RandomStream random(seed, "change points test");
  std::vector<double> series;
  for (const auto& [count, mean, deviation] : parts) {
    for (std::size_t i = 0; i < count; ++i) series.push_back(mean + deviation * random.normal());
  }
  return series;
}

TEST(ChangePoints, AreWhereTheMeanJumps) {
  const auto series = levels({{40, 10, 0.5}, {60, 14, 0.5}, {50, 9, 0.5}});

  for (const SegmentCost cost : {SegmentCost::mean, SegmentCost::normal, SegmentCost::kernel}) {
    EXPECT_THAT(change_points(series, {.cost = cost}), ElementsAre(40, 100));
  }
}

TEST(ChangePoints, AreWhereTheSpreadJumpsIfTheCostKnowsSpread) {
  const auto series = levels({{100, 10, 0.1}, {100, 10, 2}});

  EXPECT_THAT(change_points(series, {.cost = SegmentCost::normal}),
              ElementsAre(testing::AllOf(testing::Ge(98), testing::Le(103))));
}

TEST(ChangePoints, DoNotDependOnTheUnit) {
  const auto seconds = levels({{400, 0.001, 0.0001}, {300, 0.0012, 0.0001}});
  std::vector<double> nanoseconds;
  for (const double value : seconds) nanoseconds.push_back(value * 1e9);

  EXPECT_EQ(change_points(seconds), change_points(nanoseconds));
  EXPECT_EQ(change_points(seconds).size(), 1);
}

TEST(ChangePoints, AreRareInNoise) {
  int found = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    found += change_points(levels({{200, 10, 1}}, seed)).empty() ? 0 : 1;
    found += change_points(levels({{800, 10, 1}}, seed)).empty() ? 0 : 1;
  }

  EXPECT_LE(found, 2);
}

TEST(ChangePoints, NeedTenValuesAndSomeSpread) {
  EXPECT_THAT(change_points(std::vector<double>{1, 1, 1, 9, 9, 9, 9, 9, 9}), IsEmpty());
  EXPECT_THAT(change_points(std::vector<double>(100, 3.0)), IsEmpty());
}

TEST(ChangePoints, KeepTheLeastSegment) {
  const auto series = levels({{50, 10, 0.1}, {4, 20, 0.1}, {50, 10, 0.1}});

  EXPECT_THAT(change_points(series, {.cost = SegmentCost::mean, .least_segment = 4}), ElementsAre(50, 54));
  for (const std::size_t change : change_points(series, {.cost = SegmentCost::mean, .least_segment = 10})) {
    EXPECT_GE(change, 10);
    EXPECT_LE(change, 94);
  }
}

TEST(ChangePoints, OfALongSeriesAreFoundOnAThinnedOne) {
  const auto changes = change_points(levels({{12000, 10, 1}, {8000, 15, 1}}));

  ASSERT_EQ(changes.size(), 1);
  EXPECT_NEAR(static_cast<double>(changes[0]), 12000, 8);
}

TEST(ChangePoints, MatchAReferenceRun) {
  // ruptures 1.1.10, Pelt with min_size 10, jump 1 and penalty 3 ln 200, the series divided by the noise for "l2".
  std::vector<double> series = reference::normal(200);
  for (std::size_t i = 60; i < 120; ++i) series[i] += 12;
  for (std::size_t i = 150; i < 200; ++i) series[i] -= 9;

  EXPECT_THAT(change_points(series, {.cost = SegmentCost::kernel}), ElementsAre(59, 123));
  EXPECT_THAT(change_points(series, {.cost = SegmentCost::mean}), ElementsAre(59, 120, 149));
}

double normal_cost(std::span<const double> segment) {
  const double size = static_cast<double>(segment.size());
  const double centre = mean(segment);
  double squares = 0;
  for (const double value : segment) squares += (value - centre) * (value - centre);
  return size * std::log(squares / size);
}

TEST(ChangePoints, AreOptimalDespitePruning) {
  constexpr double penalty = 6;
  constexpr std::size_t least = 4;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const auto data = levels({{30, 0, 1}, {25, 1.5, 1}, {20, 0.5, 2}}, seed);
    const std::span<const double> series = data;
    std::vector<double> best(series.size() + 1, std::numeric_limits<double>::infinity());
    best[0] = -penalty;
    for (std::size_t end = least; end <= series.size(); ++end) {
      for (std::size_t begin = 0; begin + least <= end; ++begin) {
        best[end] =
            std::min(best[end], best[begin] + normal_cost(series.subspan(begin, end - begin)) + penalty);
      }
    }

    auto ends =
        change_points(series, {.cost = SegmentCost::normal, .penalty = penalty, .least_segment = least});
    ends.push_back(series.size());

    double cost = -penalty;
    std::size_t begin = 0;
    for (const std::size_t end : ends) {
      cost += normal_cost(series.subspan(begin, end - begin)) + penalty;
      begin = end;
    }
    EXPECT_NEAR(cost, best.back(), 1e-8) << seed;
  }
}

TEST(FindPhases, SeesAWarmUp) {
  const auto phases = find_phases(levels({{15, 20, 0.5}, {100, 10, 0.5}}));

  EXPECT_EQ(phases.warm_up.size, 15);
  EXPECT_LT(phases.warm_up.p_value, 0.001);
  EXPECT_GT(phases.warm_up.median, phases.warm_up.median_of_rest);
  EXPECT_EQ(phases.cool_down.size, 0);
  EXPECT_EQ(phases.steady_begin(), 15);
}

TEST(FindPhases, SeesACoolDown) {
  const auto phases = find_phases(levels({{100, 10, 0.5}, {20, 13, 0.5}}));

  EXPECT_EQ(phases.warm_up.size, 0);
  EXPECT_EQ(phases.cool_down.size, 20);
  EXPECT_EQ(phases.steady_end(120), 100);
}

TEST(FindPhases, LeavesAChangeInTheMiddleAlone) {
  const auto phases = find_phases(levels({{60, 10, 0.5}, {60, 13, 0.5}}));

  EXPECT_THAT(phases.changes, ElementsAre(60));
  EXPECT_EQ(phases.warm_up.size + phases.cool_down.size, 0);
}

}  // namespace
}  // namespace thaw
