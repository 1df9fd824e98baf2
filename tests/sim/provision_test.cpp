#include "sim/provision.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/known_cases.h"
#include "sim/small_traces.h"

namespace thaw {
namespace {

using testing::draw;

/// The predecessor's procedure over plain arrays: sorted samples, all moving means, nearest entries by search.
struct Notebook {
  std::vector<double> x, y;  // samples with -infinity in front, and their cumulative shares
  std::vector<double> moving;

  Notebook(const Trace& trace, std::size_t window) {
    const auto& functions = trace.invocations.function;
    x.push_back(-std::numeric_limits<double>::infinity());
    for (std::size_t i = 0; i < functions.size(); ++i) {
      std::vector<bool> seen(trace.functions.size());
      double sum = 0;
      for (std::size_t j = i + 1; j < functions.size(); ++j) {
        if (functions[j] == functions[i]) {
          x.push_back(sum);
          break;
        }
        if (!seen[functions[j]]) sum += trace.functions[functions[j]].memory_mb;
        seen[functions[j]] = true;
      }
    }
    std::sort(x.begin(), x.end());
    for (std::size_t i = 0; i < x.size(); ++i)
      y.push_back(static_cast<double>(i) / static_cast<double>(x.size() - 1));
    const auto& times = trace.invocations.time_ms;
    for (std::size_t i = 0; i + 1 < times.size(); ++i) {
      const std::size_t last = std::max(i, window - 1);
      double sum = 0;
      for (std::size_t j = last + 1 - window; j <= last; ++j) sum += times[j + 1] - times[j];
      moving.push_back(sum / static_cast<double>(window));
    }
  }

  static std::size_t nearest(const std::vector<double>& sorted, double value) {
    const auto right =
        static_cast<std::size_t>(std::lower_bound(sorted.begin(), sorted.end(), value) - sorted.begin());
    if (right > 0 &&
        (right == sorted.size() || std::abs(value - sorted[right - 1]) < std::abs(value - sorted[right])))
      return right - 1;
    return right;
  }

  [[nodiscard]] std::vector<std::pair<std::size_t, double>> sizes(const ProvisionOptions& options) const {
    std::vector<std::pair<std::size_t, double>> changes = {{0, options.start_mb}};
    const double mean =
        std::accumulate(moving.begin(), moving.end(), 0.0) / static_cast<double>(moving.size());
    const double target = 1.0 / options.mean_interval_ms * options.miss_ratio;
    double size = options.start_mb;
    double hit = y[nearest(x, size)];
    std::size_t previous = 0;
    for (std::size_t i = 0; i < moving.size(); ++i) {
      const double error = (1.0 / moving[i] * (1 - hit) - target) / target;
      if (std::abs(error) <= options.deadband || i - previous <= options.check_every) continue;
      previous = i;
      const double wanted = x[nearest(y, 1 - moving[i] / mean * options.miss_ratio)];
      if (std::abs(wanted - size) <= options.least_change_mb) continue;
      size = wanted;
      hit = y[nearest(x, size)];
      changes.emplace_back(i, size);
    }
    return changes;
  }
};

/// A load whose rate changes every so often.
Trace changing_load(std::uint64_t seed) {
  Trace trace = draw({.functions = 60, .invocations = 4000, .zipf = 0.7, .seed = seed});
  RandomStream stream(seed, "tests.sim.provision");
  double time = 0, scale = 100;
  for (std::size_t i = 0; i < trace.invocations.size(); ++i) {
    if (i % 300 == 0) scale = 20 + stream.uniform() * 180;
    time += std::floor(stream.uniform() * 2 * scale);
    trace.invocations.time_ms[i] = time;
  }
  return trace;
}

constexpr ProvisionOptions quick = {
    .start_mb = 2000, .mean_interval_ms = 90, .check_every = 100, .window = 50};

HitRatioCurve curve_of(const Trace& trace) {
  return measure_curve(trace.functions, *source_of(trace)).value();
}

TEST(Provision, FollowsThePredecessorStepByStep) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const Trace trace = changing_load(seed);

    const ProvisionPlan plan = provision(curve_of(trace), trace.invocations.time_ms, quick);

    const auto expected = Notebook(trace, 50).sizes(quick);
    ASSERT_EQ(plan.sizes.size(), expected.size()) << seed;
    ASSERT_GT(plan.sizes.size(), 5U) << seed;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_EQ(plan.sizes[i].index, expected[i].first) << seed;
      EXPECT_DOUBLE_EQ(plan.sizes[i].memory_mb, expected[i].second) << seed;
    }
  }
}

/// a, b and c of 10, 20 and 30 MB. Reuse distances are 20, 30, 40, 30, 50 and 0 MB, so the shares of 0, 20, 30, 30,
/// 40 and 50 MB are 1/6 to 1. Means of two intervals are 10, 10, 10, 10, 25, 40, 25 and 15 ms, 18.125 ms on average.
Trace trace_by_hand() {
  Trace trace;
  for (const double memory_mb : {10, 20, 30})
    trace.functions.push_back(
        {.name = std::string(1, "abc"[trace.functions.size()]), .memory_mb = memory_mb});
  trace.invocations.time_ms = {0, 10, 20, 30, 40, 80, 120, 130, 150};
  trace.invocations.function = {0, 1, 0, 2, 0, 1, 2, 0, 0};
  return trace;
}

TEST(Provision, TakesTheStepsWorkedByHand) {
  const Trace trace = trace_by_hand();

  const ProvisionPlan plan = provision(curve_of(trace), trace.invocations.time_ms,
                                       {.start_mb = 20,
                                        .mean_interval_ms = 10,
                                        .miss_ratio = 0.5,
                                        .check_every = 1,
                                        .window = 2,
                                        .least_change_mb = 5});

  // The target is 0.05 misses per ms. After interval 2: (4/6)/10 is a third above it; wanted is a hit ratio of
  // 1 - 10/18.125/2 = 0.724, nearest 4/6, which is 30 MB. After 4: (3/6)/25 is 60 % below; 1 - 25/18.125/2 = 0.310,
  // nearest 2/6, 20 MB. After 6: (4/6)/25 is below again, but 20 MB is what there is.
  ASSERT_EQ(plan.sizes.size(), 3U);
  EXPECT_EQ(plan.sizes[1].index, 2U);
  EXPECT_DOUBLE_EQ(plan.sizes[1].time_ms, 30);
  EXPECT_DOUBLE_EQ(plan.sizes[1].memory_mb, 30);
  EXPECT_DOUBLE_EQ(plan.sizes[1].hit_ratio, 3.0 / 6);
  EXPECT_NEAR(plan.sizes[1].relative_error, 1.0 / 3, 1e-12);
  EXPECT_EQ(plan.sizes[2].index, 4U);
  EXPECT_DOUBLE_EQ(plan.sizes[2].memory_mb, 20);
  EXPECT_NEAR(plan.sizes[2].relative_error, -0.6, 1e-12);
  EXPECT_EQ(plan.checks, 3U);
  EXPECT_DOUBLE_EQ(plan.mean_mb, (20 * 30 + 30 * 50 + 20 * 70) / 150.0);
}

TEST(Provision, RefersToTheMeanOfTheMovingMean) {
  const Trace trace = trace_by_hand();

  const ProvisionPlan plan = provision(curve_of(trace), trace.invocations.time_ms, {.window = 2});

  EXPECT_DOUBLE_EQ(plan.moving_ms, 18.125);
  EXPECT_DOUBLE_EQ(plan.interval_ms, 150.0 / 8);
}

TEST(Provision, ShrinksTheBundledDayToWhatATenthOfMissesNeeds) {
  const Trace& trace = known::trace_of("azure2019-20b");

  const ProvisionPlan plan = provision(curve_of(trace), trace.invocations.time_ms);

  // By the predecessor's script on the same trace.
  ASSERT_EQ(plan.sizes.size(), 2U);
  EXPECT_EQ(plan.sizes[1].index, 10001U);
  EXPECT_DOUBLE_EQ(plan.sizes[1].memory_mb, 151);
  EXPECT_NEAR(plan.sizes[1].hit_ratio, 0.8859201498385031, 1e-12);
  EXPECT_NEAR(plan.moving_ms, 834.0102697096, 1e-9);
  EXPECT_EQ(plan.checks, 10U);
}

TEST(Provision, KeepsItsSizeWithinTheDeadband) {
  // A steady load at a size with a tenth of misses.
  Trace trace = draw({.functions = 60, .invocations = 4000, .zipf = 0.7});
  for (std::size_t i = 0; i < trace.invocations.size(); ++i)
    trace.invocations.time_ms[i] = 90 * static_cast<double>(i);
  const HitRatioCurve curve = curve_of(trace);
  ProvisionOptions options = quick;
  options.start_mb = curve.legacy().size_for(0.9);

  EXPECT_EQ(provision(curve, trace.invocations.time_ms, options).sizes.size(), 1U);
}

TEST(Provision, GrowsWhenTheLoadDoubles) {
  Trace trace = draw({.functions = 60, .invocations = 4000, .zipf = 0.7});
  for (std::size_t i = 0; i < trace.invocations.size(); ++i) {
    const auto x = static_cast<double>(i);
    trace.invocations.time_ms[i] = i < 2000 ? 90 * x : 90 * 2000 + 30 * (x - 2000);
  }
  const HitRatioCurve curve = curve_of(trace);
  ProvisionOptions options = quick;
  options.start_mb = curve.legacy().size_for(0.9);

  const ProvisionPlan plan = provision(curve, trace.invocations.time_ms, options);

  ASSERT_GE(plan.sizes.size(), 2U);
  EXPECT_GT(plan.sizes.back().memory_mb, options.start_mb);
  EXPECT_GT(plan.sizes[1].index, 2000U);
}

TEST(Provision, KeepsTheStartOfATraceShorterThanTheWindow) {
  const Trace trace = draw({.functions = 5, .invocations = 500});

  const ProvisionPlan plan = provision(curve_of(trace), trace.invocations.time_ms);

  ASSERT_EQ(plan.sizes.size(), 1U);
  EXPECT_DOUBLE_EQ(plan.sizes[0].memory_mb, 5000);
  EXPECT_DOUBLE_EQ(plan.mean_mb, 5000);
}

TEST(Provision, CanReadTheCurveExactly) {
  const Trace trace = changing_load(2);
  ProvisionOptions options = quick;
  options.reading = CurveReading::exact;
  const HitRatioCurve curve = curve_of(trace);

  for (const Resize& each : provision(curve, trace.invocations.time_ms, options).sizes)
    EXPECT_DOUBLE_EQ(each.hit_ratio, curve.hit_ratio(each.memory_mb));
}

TEST(Provision, AveragesMemoryOverTime) {
  const Trace trace = changing_load(3);
  const ProvisionPlan plan = provision(curve_of(trace), trace.invocations.time_ms, quick);
  double least = 1e9, most = 0;
  for (const Resize& each : plan.sizes) {
    least = std::min(least, each.memory_mb);
    most = std::max(most, each.memory_mb);
  }

  EXPECT_GT(plan.mean_mb, least);
  EXPECT_LT(plan.mean_mb, most);
}

}  // namespace
}  // namespace thaw
