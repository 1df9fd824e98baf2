#include "sim/bounds.h"

#include <gmock/gmock.h>

#include <limits>

#include "sim/farthest.h"
#include "sim/idle_gaps.h"
#include "sim/plain_server.h"
#include "sim/small_traces.h"
#include "sim/space_time.h"

namespace thaw {
namespace {

using testing::draw;
using testing::function;
using testing::PlainContainer;
using testing::PlainServer;
using testing::RandomTrace;
using testing::trace_of;

/// Smallest cost and smallest number of starts over all ways to evict: before each invocation any set of idle
/// containers may go, needed or not.
class AllWays {
 public:
  AllWays(const Trace& trace, double memory_mb) : trace_(trace), capacity_(PlainServer::bytes(memory_mb)) {
    explore(0, {}, 0, 0);
  }
  double cost_ms = std::numeric_limits<double>::infinity();
  std::uint64_t starts = std::numeric_limits<std::uint64_t>::max();

 private:
  struct Container {
    FunctionIndex function;
    std::int64_t end;
  };

  void explore(std::size_t index, const std::vector<Container>& pool, double cost, std::uint64_t count) {
    if (cost >= cost_ms && count >= starts) return;
    if (index == trace_.invocations.size()) {
      cost_ms = std::min(cost_ms, cost);
      starts = std::min(starts, count);
      return;
    }
    const std::int64_t now = PlainServer::nanoseconds(trace_.invocations.time_ms[index]);
    std::vector<std::size_t> idle;
    for (std::size_t i = 0; i < pool.size(); ++i)
      if (pool[i].end <= now) idle.push_back(i);
    for (std::size_t gone = 0; gone < (1U << idle.size()); ++gone) {
      std::vector<Container> kept;
      for (std::size_t i = 0, k = 0; i < pool.size(); ++i) {
        const bool is_idle = k < idle.size() && idle[k] == i;
        if (!is_idle || ((gone >> k) & 1) == 0) kept.push_back(pool[i]);
        if (is_idle) ++k;
      }
      serve(index, now, std::move(kept), cost, count);
    }
  }

  void serve(std::size_t index, std::int64_t now, std::vector<Container> pool, double cost,
             std::uint64_t count) {
    const FunctionIndex f = trace_.invocations.function[index];
    const TraceFunction& function = trace_.functions[f];
    std::int64_t used = 0, running = 0;
    Container* chosen = nullptr;
    for (Container& each : pool) {
      const std::int64_t memory = PlainServer::bytes(trace_.functions[each.function].memory_mb);
      used += memory;
      if (each.end > now) running += memory;
      if (each.function == f && each.end <= now && (chosen == nullptr || each.end > chosen->end))
        chosen = &each;
    }
    const std::int64_t own = PlainServer::bytes(function.memory_mb);
    if (chosen != nullptr) {
      chosen->end = now + PlainServer::nanoseconds(function.warm_ms);
      explore(index + 1, pool, cost, count);
    } else if (running + own > capacity_) {
      explore(index + 1, pool, cost + function.init_ms(), count + 1);
    } else if (used + own <= capacity_) {  // otherwise another choice evicts more
      pool.push_back({f, now + PlainServer::nanoseconds(function.cold_ms)});
      explore(index + 1, pool, cost + function.init_ms(), count + 1);
    }
  }

  const Trace& trace_;
  std::int64_t capacity_;
};

void expect_below(const ColdBound& bound, const PlainServer& server, std::string_view what) {
  EXPECT_LE(bound.cost_ms, server.cost_ms * (1 + 1e-12)) << what;
  EXPECT_LE(bound.starts, server.cold + server.dropped + server.prewarms) << what;
}

TEST(LowerBound, IsTheCostOfFirstUsesWhenAllFits) {
  const Trace trace = trace_of({function("A", 100, 70), function("B", 100, 30)}, "ABABAB");

  const ColdBound bound = lower_bound(trace, 200);

  EXPECT_NEAR(bound.cost_ms, 100, 1e-6);
  EXPECT_EQ(bound.starts, 2U);
}

TEST(LowerBound, ForbidsFunctionsLargerThanTheServer) {
  const Trace trace = trace_of({function("A", 100, 70)}, "AAAA");

  const ColdBound bound = lower_bound(trace, 50);

  EXPECT_NEAR(bound.cost_ms, 280, 1e-6);
  EXPECT_EQ(bound.starts, 4U);
  EXPECT_EQ(bound.droppable, 4U);
}

TEST(LowerBound, IsNearTheOptimumWhenTwoFunctionsTakeTurns) {
  // Room for one of two: nobody is ever warm. The relaxation cuts gaps into parts and shares the room, so that half
  // of the eight repeated uses hit.
  const Trace trace = trace_of({function("A", 100, 100), function("B", 100, 100)}, "ABABABABAB");

  EXPECT_EQ(AllWays(trace, 100).starts, 10U);
  EXPECT_EQ(lower_bound(trace, 100).starts, 6U);
}

TEST(LowerBound, CountsConcurrency) {
  // Three at once, then three at once: three containers at least.
  Trace trace = trace_of({function("A", 100, 100, 500)}, "");
  trace.invocations.time_ms = {0, 0, 0, 9000, 9000, 9000};
  trace.invocations.function = {0, 0, 0, 0, 0, 0};

  const ColdBound bound = lower_bound(trace, 1000);

  EXPECT_EQ(bound.unavoidable_starts, 3U);
  EXPECT_NEAR(bound.cost_ms, 300, 1e-6);
}

TEST(LowerBound, IsNeverAboveTheBestOfAllWays) {
  std::uint64_t above_unavoidable = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    const Trace trace =
        draw({.functions = 4, .invocations = 9, .zipf = 0.3, .duration_ms = 30000, .seed = seed});
    const double memory = 300 + 60 * static_cast<double>(seed % 12);
    const AllWays best(trace, memory);

    const ColdBound bound = lower_bound(trace, memory, {.windows = 16});

    EXPECT_LE(bound.cost_ms, best.cost_ms * (1 + 1e-12)) << seed;
    EXPECT_LE(bound.starts, best.starts) << seed;
    EXPECT_GE(bound.cost_ms, bound.unavoidable_cost_ms) << seed;
    above_unavoidable += bound.cost_ms > bound.unavoidable_cost_ms + 1 ? 1 : 0;
  }
  EXPECT_GT(above_unavoidable, 20U);  // so that the comparison means something
}

/// Mostly sparse, with executions of many lengths, at memory sizes from starved to ample.
RandomTrace shape(std::uint64_t seed) {
  return {.functions = 15,
          .invocations = 600,
          .zipf = seed % 2 == 0 ? 0.5 : 1.0,
          .duration_ms = seed % 3 == 0 ? 1e5 : 1e6,
          .longest_warm_ms = seed % 5 == 0 ? 20000.0 : 1000.0,
          .longest_init_ms = seed % 7 == 0 ? 0.0 : 5000.0,
          .seed = seed};
}

TEST(LowerBound, IsNeverAboveAPolicy) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const Trace trace = draw(shape(seed));
    const double memory = 500 + 80 * static_cast<double>(seed);
    const ColdBound bound = lower_bound(trace, memory, {.windows = 64, .iterations = 60});
    PlainServer lru(trace, memory);
    lru.simulate(testing::least_recently_used);
    expect_below(bound, lru, "lru");
    PlainServer cheapest(trace, memory);
    cheapest.simulate([&](const PlainServer& server, const PlainContainer& a, const PlainContainer& b) {
      const double x = trace.functions[a.function].init_ms(), y = trace.functions[b.function].init_ms();
      return x != y ? x < y : testing::least_recently_used(server, a, b);
    });
    expect_below(bound, cheapest, "cheapest");
    RandomStream stream(seed, "tests.sim.bounds");
    PlainServer chance(trace, memory);
    chance.simulate([&](const PlainServer&, const PlainContainer&, const PlainContainer&) {
      return stream.below(2) == 0;
    });
    expect_below(bound, chance, "chance");
    for (const FarthestRule rule : {FarthestRule::plain, FarthestRule::cost_aware}) {
      const SimulationOutcome outcome = simulate_farthest(trace, memory, rule);
      double cost = 0;
      for (std::size_t f = 0; f < trace.functions.size(); ++f) {
        const FunctionOutcome& counts = outcome.functions[f];
        cost += static_cast<double>(counts.cold + counts.dropped) * trace.functions[f].init_ms();
      }
      EXPECT_LE(bound.cost_ms, cost * (1 + 1e-12)) << outcome.point.policy << seed;
      EXPECT_LE(bound.starts, outcome.cold + outcome.dropped) << outcome.point.policy << seed;
    }
  }
}

TEST(LowerBound, HoldsForPoliciesThatStartContainersAheadOfTime) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const Trace trace = draw(shape(seed));
    const double memory = 500 + 80 * static_cast<double>(seed);
    RandomStream stream(seed, "tests.sim.bounds");
    PlainServer server(trace, memory);
    server.simulate(testing::least_recently_used, [&](PlainServer& at) {
      // The coming invocation is known one time in four, and idle containers are thrown away at random.
      std::erase_if(at.pool,
                    [&](const PlainContainer& each) { return at.is_idle(each) && stream.below(20) == 0; });
      if (stream.below(4) == 0) at.prewarm(trace.invocations.function[at.index]);
    });

    EXPECT_GT(server.prewarms, 0U);
    expect_below(lower_bound(trace, memory, {.windows = 64, .iterations = 60}), server, "prewarm");
  }
}

TEST(LowerBound, HoldsWhateverWindowsAndIterations) {
  const Trace trace = draw({.functions = 15, .invocations = 600, .duration_ms = 1e6, .seed = 9});
  const SimulationOutcome best = simulate_farthest(trace, 1200, FarthestRule::cost_aware);
  for (const std::size_t windows : {1U, 2U, 7U, 100U, 5000U}) {
    for (const std::size_t iterations : {0U, 1U, 300U}) {
      const ColdBound bound = lower_bound(trace, 1200, {.windows = windows, .iterations = iterations});
      EXPECT_LE(bound.starts, best.cold + best.dropped) << windows << ' ' << iterations;
    }
  }
}

TEST(LowerBound, RisesWithThePricesOfWindows) {
  const Trace trace = draw({.functions = 15, .invocations = 600, .duration_ms = 1e6, .seed = 9});

  const double single = lower_bound(trace, 1200, {.windows = 1}).cost_ms;
  const double many = lower_bound(trace, 1200, {.windows = 256}).cost_ms;

  EXPECT_GT(many, single);
}

TEST(LowerBound, NeverRisesWithMemory) {
  const Trace trace = draw({.functions = 15, .invocations = 600, .seed = 4});
  double last = std::numeric_limits<double>::infinity();
  for (double memory = 600; memory < 6000; memory += 300) {
    const double cost = lower_bound(trace, memory, {.windows = 1}).cost_ms;
    EXPECT_LE(cost, last * (1 + 1e-9)) << memory;
    last = cost;
  }
}

TEST(LowerBound, OfAnEmptyTraceIsZero) {
  Trace trace;
  trace.functions = {function("A", 1)};

  EXPECT_EQ(lower_bound(trace, 100).cost_ms, 0);
  EXPECT_EQ(lower_bound(trace, 100).starts, 0U);
}

TEST(NestedGaps, PairEachArrivalWithTheLatestEnd) {
  Trace trace = trace_of({function("A", 100, 0, 100)}, "");
  trace.invocations.time_ms = {0, 50, 1000, 2000};
  trace.invocations.function = {0, 0, 0, 0};

  const std::vector<IdleGap> gaps = nested_gaps(trace);

  ASSERT_EQ(gaps.size(), 2U);
  EXPECT_EQ(gaps[0].begin, 150'000'000);
  EXPECT_EQ(gaps[0].end, 1000'000'000);
  EXPECT_EQ(gaps[1].begin, 1100'000'000);
}

TEST(CertainExecutions, LeaveOutWhatMightFindNoRoom) {
  // Warm A runs 1 s, cold A 3 s: B might come while two cold A run.
  const Trace trace = trace_of({function("A", 100, 2000, 1000), function("B", 100)}, "AAB");

  const CertainExecutions certain = certain_executions(trace, PlainServer::bytes(200));

  EXPECT_EQ(certain.droppable, 1U);
  ASSERT_EQ(certain.intervals.size(), 2U);
  EXPECT_EQ(certain.intervals[0].end, 1'000'000'000);
}

TEST(WindowUse, SharesAnIntervalAmongItsWindows) {
  const Windows windows(0, 100, 4);
  WindowUse use(4);

  use.add(windows.position(20), windows.position(60), 2);
  use.add(windows.position(80), windows.position(1000), 1);

  EXPECT_THAT(use.totals(), ::testing::Pointwise(::testing::DoubleEq(), {0.4, 2.0, 0.8, 0.8}));
}

TEST(WindowPrices, AddUpOverAnInterval) {
  const Windows windows(0, 100, 4);
  const WindowPrices prices({1, 10, 100, 1000});

  EXPECT_DOUBLE_EQ(prices.between(windows.position(20), windows.position(60)), 0.2 + 10 + 40);
  EXPECT_DOUBLE_EQ(prices.between(windows.position(0), windows.position(100)), 1111);
}

}  // namespace
}  // namespace thaw
