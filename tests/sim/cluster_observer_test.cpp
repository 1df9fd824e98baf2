#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "naive_server.h"
#include "sim/route.h"
#include "sim/simulation.h"
#include "small_traces.h"

namespace thaw {
namespace {

using testing::Crowd;
using testing::draw_crowd;
using testing::function;
using testing::trace_of;

/// What an observer is told, as rows.
class Diary final : public SimulationObserver {
 public:
  void on_invocation(double time_ms, FunctionIndex function, Served served) override {
    add(time_ms, fmt::format("invocation {} {}", function, static_cast<int>(served)));
    ++(served == Served::dropped ? dropped : served == Served::cold ? cold : warm);
  }
  void on_memory(double time_ms, std::string_view reason, double used_mb, double size_mb,
                 std::span<const EvictedContainer> victims) override {
    add(time_ms, fmt::format("memory {} {} {} {}", reason, used_mb, size_mb, victims.size()));
    most_used_mb = std::max(most_used_mb, used_mb);
  }
  void on_served(double time_ms, double used_mb, double running_mb) override {
    add(time_ms, fmt::format("served {} {}", used_mb, running_mb));
    EXPECT_LE(running_mb, used_mb + 1e-6);
    most_running_mb = std::max(most_running_mb, running_mb);
  }

  std::vector<std::string> rows;
  std::uint64_t cold = 0, warm = 0, dropped = 0;
  double most_used_mb = 0, most_running_mb = 0, last_ms = 0;

 private:
  void add(double time_ms, const std::string& what) {
    EXPECT_GE(time_ms, last_ms) << what;
    last_ms = time_ms;
    rows.push_back(fmt::format("{} {}", time_ms, what));
  }
};

SimulationOutcome observe(const Trace& trace, const SimulationPoint& point,
                          const std::optional<ClusterOptions>& cluster, SimulationObserver* observer) {
  auto simulation = make_simulation(point, trace.functions, observer, cluster);
  EXPECT_TRUE(simulation.has_value()) << render(simulation.error());
  EXPECT_TRUE((*simulation)->take(trace.invocations).has_value());
  return (*simulation)->finish();
}

TEST(ObservedCluster, OfOneServerWithUnlimitedCoresTellsWhatTheCleanModelTells) {
  for (const char* policy : {"lru", "gd", "ttl:keep=50ms", "hist"}) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      const Crowd crowd = draw_crowd(seed);
      const SimulationPoint point{.policy = policy, .memory_mb = crowd.memory_mb};
      Diary clean, cluster;
      observe(crowd.trace, point, std::nullopt, &clean);
      observe(crowd.trace, point, ClusterOptions{}, &cluster);
      ASSERT_EQ(cluster.rows, clean.rows) << policy << ", seed " << seed;
    }
  }
}

TEST(ObservedCluster, GivesTheSameAsOneThatNobodyObserves) {
  for (const RouteEntry& route : all_routes()) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      const Crowd crowd = draw_crowd(seed);
      const SimulationPoint point{.policy = "hybrid", .memory_mb = crowd.memory_mb};
      const ClusterOptions options{.servers = 3, .route = std::string(route.name), .cores = 2, .queue = 5};
      Diary diary;
      const SimulationOutcome seen = observe(crowd.trace, point, options, &diary);
      const SimulationOutcome unseen = observe(crowd.trace, point, options, nullptr);
      EXPECT_EQ(
          std::tuple(seen.cold, seen.warm, seen.dropped, seen.evictions, seen.expirations, seen.max_pool),
          std::tuple(unseen.cold, unseen.warm, unseen.dropped, unseen.evictions, unseen.expirations,
                     unseen.max_pool))
          << route.name << ", seed " << seed;
      EXPECT_EQ(seen.waits.waited, unseen.waits.waited);
    }
  }
}

TEST(ObservedCluster, TellsOfEveryInvocationInTheOrderOfTimeWithinTheMemoryOfAllServers) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const Crowd crowd = draw_crowd(seed);
    const ClusterOptions options{.servers = 2, .route = "least-loaded", .cores = 2, .queue = 3};
    Diary diary;  // complains of times that fall
    const SimulationOutcome outcome =
        observe(crowd.trace, {.policy = "ttl:keep=20ms", .memory_mb = crowd.memory_mb}, options, &diary);
    EXPECT_EQ(std::tuple(diary.cold, diary.warm, diary.dropped),
              std::tuple(outcome.cold, outcome.warm, outcome.dropped));
    EXPECT_LE(diary.most_used_mb, 2 * crowd.memory_mb + 1e-6);
  }
}

TEST(ObservedCluster, TellsOfAnInvocationThatWaitsWhenItStarts) {
  const Trace trace = trace_of({function("a", 100, 100, 10)}, "aa", 5);
  Diary diary;
  observe(trace, {.policy = "lru", .memory_mb = 1000}, ClusterOptions{.cores = 1}, &diary);
  // The first one is cold and holds the core from 0 to 110 ms.
  EXPECT_EQ(diary.rows.back(), "110 served 100 100");
  EXPECT_EQ(diary.rows[diary.rows.size() - 2], "110 invocation 0 0");
}

TEST(ObservedCluster, AddsUpTheMemoryOfItsServers) {
  const Trace trace = trace_of({function("a", 100, 100, 1000)}, "aa", 5);
  Diary diary;
  observe(trace, {.policy = "lru", .memory_mb = 150}, ClusterOptions{.servers = 2, .route = "least-loaded"},
          &diary);
  EXPECT_EQ(diary.rows.back(), "5 served 200 200");
}

TEST(CleanWaits, AreThoseForBusyContainers) {
  // A cold start of 10 s, then one that is worth waiting for.
  const Trace trace = trace_of({function("a", 100, 10000, 10)}, "aab", 1000);
  const SimulationOutcome outcome =
      observe(trace, {.policy = "cidre", .memory_mb = 1000}, std::nullopt, nullptr);
  EXPECT_EQ(outcome.cold + outcome.waits.waited, 2U);
  EXPECT_EQ(observe(trace, {.policy = "lru", .memory_mb = 1000}, std::nullopt, nullptr).waits.waited, 0U);
}

}  // namespace
}  // namespace thaw
