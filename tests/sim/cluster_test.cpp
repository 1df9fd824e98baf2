#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "naive_server.h"
#include "sim/clean_simulation.h"
#include "sim/cluster_simulation.h"
#include "small_traces.h"

namespace thaw {
namespace {

using testing::Crowd;
using testing::draw_crowd;
using ::testing::ElementsAre;
using testing::function;
using testing::trace_of;

ClusterOutcome run(const Trace& trace, const ClusterOptions& options, double memory_mb = 1000,
                   const std::string& policy = "lru") {
  const auto source = source_of(trace);
  auto outcome =
      simulate_cluster({.policy = policy, .memory_mb = memory_mb}, options, trace.functions, *source);
  EXPECT_TRUE(outcome.has_value()) << render(outcome.error());
  return *outcome;
}

// --- one server with unlimited cores is the clean model -----------------------------------------------------------------

void expect_same(const SimulationOutcome& cluster, const SimulationOutcome& clean) {
  EXPECT_EQ(cluster.invocations, clean.invocations);
  EXPECT_EQ(cluster.cold, clean.cold);
  EXPECT_EQ(cluster.warm, clean.warm);
  EXPECT_EQ(cluster.dropped, clean.dropped);
  EXPECT_EQ(cluster.evictions, clean.evictions);
  EXPECT_EQ(cluster.expirations, clean.expirations);
  EXPECT_EQ(cluster.prewarms, clean.prewarms);
  EXPECT_EQ(cluster.end_pool, clean.end_pool);
  EXPECT_EQ(cluster.end_used_mb, clean.end_used_mb);
  EXPECT_EQ(cluster.max_pool, clean.max_pool);
  EXPECT_EQ(cluster.idle_gb_s, clean.idle_gb_s);
  const auto is_same = [](double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); };
  EXPECT_TRUE(is_same(cluster.slowdown_p50, clean.slowdown_p50));
  EXPECT_TRUE(is_same(cluster.slowdown_p99, clean.slowdown_p99));
  ASSERT_EQ(cluster.functions.size(), clean.functions.size());
  for (std::size_t f = 0; f < clean.functions.size(); ++f) {
    EXPECT_EQ(cluster.functions[f].cold, clean.functions[f].cold);
    EXPECT_EQ(cluster.functions[f].warm, clean.functions[f].warm);
    EXPECT_EQ(cluster.functions[f].dropped, clean.functions[f].dropped);
    EXPECT_EQ(cluster.functions[f].evictions, clean.functions[f].evictions);
  }
}

class OneServer : public ::testing::TestWithParam<std::string> {};

TEST_P(OneServer, WithUnlimitedCoresIsTheCleanModel) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const Crowd crowd = draw_crowd(seed);
    SCOPED_TRACE(seed);
    const SimulationPoint point{.policy = GetParam(), .memory_mb = crowd.memory_mb};
    auto clean = CleanSimulation::create(point, crowd.trace.functions);
    ASSERT_TRUE(clean->take(crowd.trace.invocations).has_value());
    const SimulationOutcome expected = clean->finish();
    for (const char* route : {"hash", "least-loaded", "locality", "random"}) {
      SCOPED_TRACE(route);
      expect_same(run(crowd.trace, {.route = route}, crowd.memory_mb, GetParam()).whole, expected);
    }
    // Cores that are never all in use change nothing either.
    expect_same(run(crowd.trace, {.cores = 10000}, crowd.memory_mb, GetParam()).whole, expected);
  }
}

std::vector<std::string> every_policy() {
  std::vector<std::string> names;
  for (const PolicyEntry& entry : all_policies()) names.emplace_back(entry.name);
  return names;
}

std::string name_of_policy(const ::testing::TestParamInfo<std::string>& policy) {
  std::string name = policy.param;
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Policies, OneServer, ::testing::ValuesIn(every_policy()), name_of_policy);

// --- cores ------------------------------------------------------------------------------------------------------------

TEST(ClusterCores, MakeTheSecondInvocationWait) {
  // Warm runs of 10 ms, no initialisation: the second waits 5 ms for the one core.
  const Trace trace = trace_of({function("a", 100, 0, 10)}, "aa", 5);
  const ClusterOutcome outcome = run(trace, {.cores = 1});
  EXPECT_EQ(outcome.whole.waits.waited, 1U);
  EXPECT_NEAR(outcome.whole.waits.mean_ms, 2.5, 1e-9);
  EXPECT_NEAR(outcome.whole.waits.p99_ms, 5, 0.01);
  EXPECT_NEAR(outcome.whole.slowdown_p99, 1.5, 0.002);
}

TEST(ClusterCores, TurnAColdStartIntoADelayedWarmOne) {
  const Trace trace = trace_of({function("a", 100, 0, 10)}, "aa", 5);
  EXPECT_EQ(run(trace, {}).whole.cold, 2U);
  EXPECT_EQ(run(trace, {.cores = 1}).whole.cold, 1U);
  EXPECT_EQ(run(trace, {.cores = 1}).whole.warm, 1U);
}

TEST(ClusterCores, AreFreeForAnArrivalAtTheInstantOfTheEnd) {
  const Trace trace = trace_of({function("a", 100, 0, 10)}, "aaa", 10);
  EXPECT_EQ(run(trace, {.cores = 1}).whole.waits.waited, 0U);
}

TEST(ClusterCores, AreInUseWhileAContainerInitialises) {
  const Trace trace = trace_of({function("a", 100, 90, 10), function("b", 100, 0, 10)}, "ab", 40);
  const ClusterOutcome outcome = run(trace, {.cores = 1});
  EXPECT_NEAR(outcome.whole.waits.mean_ms, 30, 1e-9);
}

TEST(ClusterCores, ServeFirstComeFirst) {
  // b waits for a's 100 ms and then runs before the second a, which finds a container idle all the same.
  const Trace trace = trace_of({function("a", 100, 0, 100), function("b", 100, 0, 40)}, "aba", 1);
  const ClusterOutcome outcome = run(trace, {.cores = 1});
  EXPECT_NEAR(outcome.whole.waits.mean_ms, (99.0 + 138.0) / 3, 1e-9);
}

TEST(ClusterCores, KeepWhatWaitsWhenTheTraceEnds) {
  const Trace trace = trace_of({function("a", 100, 0, 1000)}, "aaaa", 1);
  const ClusterOutcome outcome = run(trace, {.cores = 1});
  EXPECT_EQ(outcome.whole.cold + outcome.whole.warm, 4U);
  EXPECT_NEAR(outcome.end_ms, 3000, 1e-6);
}

TEST(ClusterCores, AreUsedAsUtilisationSays) {
  // 30 ms of work up to the last arrival at 90 ms, on two cores.
  const Trace trace = trace_of({function("a", 100, 0, 10)}, "a..a..a..a", 10);
  const ClusterOutcome outcome = run(trace, {.cores = 2});
  EXPECT_NEAR(outcome.whole.servers[0].mean_running, 30.0 / 90, 1e-9);
  EXPECT_NEAR(outcome.whole.servers[0].utilisation, 15.0 / 90, 1e-9);
}

TEST(ClusterQueue, DropsWhatFindsItFull) {
  const Trace trace = trace_of({function("a", 100, 0, 1000)}, "aaaa", 1);
  const ClusterOutcome outcome = run(trace, {.cores = 1, .queue = 1});
  EXPECT_EQ(outcome.whole.dropped, 2U);
  EXPECT_EQ(outcome.whole.waits.abandoned, 2U);
  EXPECT_EQ(outcome.whole.servers[0].longest_queue, 1U);
}

TEST(ClusterQueue, DropsWhoHasWaitedTooLong) {
  // Runs of 10 ms, one each ms: the k-th of five would wait 9·k ms.
  const Trace trace = trace_of({function("a", 100, 0, 10)}, "aaaaa", 1);
  const ClusterOutcome all = run(trace, {.cores = 1, .longest_wait = std::chrono::milliseconds(18)});
  EXPECT_EQ(all.whole.warm, 2U);
  EXPECT_EQ(all.whole.waits.abandoned, 2U);
}

TEST(ClusterMemory, DropsWhatRunningContainersLeaveNoRoomFor) {
  const Trace trace = trace_of({function("a", 100, 0, 50), function("b", 100, 0, 50)}, "ab", 10);
  EXPECT_EQ(run(trace, {.cores = 4}, 150).whole.dropped, 1U);
}

TEST(ClusterMemory, IsWaitedForWhenAsked) {
  const Trace trace = trace_of({function("a", 100, 0, 50), function("b", 100, 0, 50)}, "ab", 10);
  const ClusterOutcome outcome = run(trace, {.cores = 4, .waits_for_memory = true}, 150);
  EXPECT_EQ(outcome.whole.cold, 2U);
  EXPECT_EQ(outcome.whole.evictions, 1U);
  EXPECT_NEAR(outcome.whole.waits.mean_ms, 20, 1e-9);
}

TEST(ClusterMemory, IsNotWaitedForByAFunctionThatNeverFits) {
  const Trace trace = trace_of({function("a", 100, 0, 50), function("b", 200, 0, 50)}, "aba", 10);
  const ClusterOutcome outcome = run(trace, {.cores = 4, .waits_for_memory = true}, 150);
  EXPECT_EQ(outcome.whole.functions[1].dropped, 1U);
  EXPECT_EQ(outcome.whole.functions[0].dropped, 0U);
}

// --- against a plain search ---------------------------------------------------------------------------------------------

/// First come, first served, by the recursion of Kiefer & Wolfowitz (1955): an invocation starts when it has arrived, its
/// predecessor has started, and the first core is free.
struct NaiveQueue {
  SimulationOutcome outcome;
  double wait_ms = 0;
};

NaiveQueue run_naive(const Crowd& crowd, std::size_t cores) {
  testing::NaiveServer server("lru", testing::never, crowd.memory_mb, crowd.trace.functions);
  std::vector<std::int64_t> free_from(cores, 0);
  const InvocationBlock& block = crowd.trace.invocations;
  NaiveQueue naive;
  std::int64_t before = 0;
  for (std::size_t i = 0; i < block.size(); ++i) {
    const auto arrived = static_cast<std::int64_t>(block.time_ms[i] * 1e6);
    const auto core = std::min_element(free_from.begin(), free_from.end());
    const std::int64_t start = std::max({arrived, before, *core});
    const double duration = block.duration_ms.empty() ? -1 : block.duration_ms[i];
    const auto served = server.invoke_at(start, block.function[i], duration);
    before = start;
    if (!served.is_served) continue;
    naive.wait_ms += static_cast<double>(start - arrived) * 1e-6;
    *core = start + served.init + served.service;
  }
  naive.outcome = server.finish(static_cast<std::int64_t>(block.time_ms.back() * 1e6));
  return naive;
}

TEST(ClusterOracle, AgreesOnSmallCrowdedTraces) {
  for (std::uint64_t seed = 1; seed <= 600; ++seed) {
    const Crowd crowd = draw_crowd(seed);
    const auto cores = static_cast<std::uint32_t>(1 + seed % 5);
    SCOPED_TRACE(::testing::Message() << "seed " << seed << ", " << cores << " cores");
    const NaiveQueue naive = run_naive(crowd, cores);
    const ClusterOutcome cluster = run(crowd.trace, {.cores = cores}, crowd.memory_mb);
    EXPECT_EQ(cluster.whole.cold, naive.outcome.cold);
    EXPECT_EQ(cluster.whole.warm, naive.outcome.warm);
    EXPECT_EQ(cluster.whole.dropped, naive.outcome.dropped);
    EXPECT_EQ(cluster.whole.evictions, naive.outcome.evictions);
    EXPECT_EQ(cluster.whole.max_pool, naive.outcome.max_pool);
    EXPECT_NEAR(cluster.whole.idle_gb_s, naive.outcome.idle_gb_s, 1e-9 * (1 + naive.outcome.idle_gb_s));
    const auto served = static_cast<double>(naive.outcome.cold + naive.outcome.warm);
    if (served > 0) {
      EXPECT_NEAR(cluster.whole.waits.mean_ms, naive.wait_ms / served, 1e-6 * (1 + naive.wait_ms));
    }
    if (HasFailure()) return;
  }
}

// --- invariants -------------------------------------------------------------------------------------------------------

TEST(ClusterInvariants, EveryInvocationIsColdWarmOrDroppedOnOneServer) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const Crowd crowd = draw_crowd(seed);
    for (const RouteEntry& route : all_routes()) {
      ClusterOptions options{.servers = 3, .route = std::string(route.name), .cores = 2, .queue = 4};
      options.waits_for_memory = seed % 2 == 0;
      if (seed % 3 == 0) options.longest_wait = std::chrono::milliseconds(7);
      const ClusterOutcome outcome = run(crowd.trace, options, crowd.memory_mb, "gd");
      EXPECT_EQ(outcome.whole.cold + outcome.whole.warm + outcome.whole.dropped,
                crowd.trace.invocations.size());
      std::uint64_t routed = 0;
      for (const ServerOutcome& server : outcome.whole.servers) {
        EXPECT_EQ(server.cold + server.warm + server.dropped, server.invocations);
        EXPECT_LE(server.longest_queue, 4U);
        EXPECT_FALSE(server.utilisation > 1 + 1e-12);
        routed += server.invocations;
      }
      EXPECT_EQ(routed, crowd.trace.invocations.size());
    }
  }
}

/// A policy that always waits for a busy container, and cores that pass from one execution to the next.
TEST(ClusterInvariants, CoresAreNeverUsedTwiceWhenInvocationsWaitForBusyContainers) {
  for (const PolicyEntry& policy : all_policies()) {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
      const Crowd crowd = draw_crowd(seed);
      const ClusterOutcome outcome =
          run(crowd.trace, {.cores = 2}, crowd.memory_mb, std::string(policy.name));
      EXPECT_FALSE(outcome.whole.servers[0].utilisation > 1 + 1e-12) << policy.name << ", seed " << seed;
    }
  }
}

TEST(ClusterInvariants, GivesTheSameWhateverTheBlocks) {
  const Crowd crowd = draw_crowd(12);
  const ClusterOptions options{.servers = 3, .route = "locality", .cores = 1};
  auto simulation = ClusterSimulation::create({.policy = "gd", .memory_mb = crowd.memory_mb}, options,
                                              crowd.trace.functions);
  const InvocationBlock& whole = crowd.trace.invocations;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    InvocationBlock one{{whole.time_ms[i]}, {whole.function[i]}, {}};
    if (!whole.duration_ms.empty()) one.duration_ms.push_back(whole.duration_ms[i]);
    ASSERT_TRUE(simulation->take(one).has_value());
  }
  expect_same(simulation->finish(), run(crowd.trace, options, crowd.memory_mb, "gd").whole);
}

// --- queueing theory --------------------------------------------------------------------------------------------------

struct Sample {
  double mean = 0, half_width = 0;  ///< 99.7 % of the replications' means.
};

/// Mean wait and dropped share over independent replications of one function that costs nothing to start.
struct Replications {
  std::vector<double> wait_ms, dropped;
};

template <class Draw>
Replications replicate(const ClusterOptions& options, double arrivals_per_ms, Draw draw_service) {
  constexpr int count = 30;
  constexpr std::size_t invocations = 40000;
  Replications replications;
  for (std::uint64_t seed = 0; seed < count; ++seed) {
    RandomStream random(seed, "tests.sim.queue");
    Trace trace;
    trace.functions = {function("a", 1, 0, 1)};
    double time = 0;
    for (std::size_t i = 0; i < invocations; ++i) {
      time += -std::log1p(-random.uniform()) / arrivals_per_ms;
      trace.invocations.time_ms.push_back(time);
      trace.invocations.function.push_back(0);
      trace.invocations.duration_ms.push_back(draw_service(random));
    }
    const ClusterOutcome outcome = run(trace, options, 1e6);
    replications.wait_ms.push_back(outcome.whole.waits.mean_ms);
    replications.dropped.push_back(static_cast<double>(outcome.whole.dropped) / invocations);
  }
  return replications;
}

Sample summarise(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  constexpr double student_997_of_29 = 3.25;
  return {mean, student_997_of_29 * std::sqrt(squares / (n - 1) / n)};
}

void expect_within(const Sample& sample, double theory) {
  EXPECT_NEAR(sample.mean, theory, sample.half_width);
  EXPECT_LT(sample.half_width, 0.06 * theory);  // the test means something
}

double exponential(RandomStream& random) { return -std::log1p(-random.uniform()); }

/// Probability to be turned away of c servers and offered load a (Erlang 1917).
double erlang_b(int c, double a) {
  double b = 1;
  for (int k = 1; k <= c; ++k) b = a * b / (k + a * b);
  return b;
}

/// Probability to wait (Erlang 1917).
double erlang_c(int c, double a) {
  const double b = erlang_b(c, a);
  return b / (1 - a / c * (1 - b));
}

TEST(ClusterQueueing, WaitsAsErlangSaysWithOneCore) {
  const Sample wait = summarise(replicate({.cores = 1}, 0.7, exponential).wait_ms);
  expect_within(wait, 0.7 / (1 - 0.7));
}

TEST(ClusterQueueing, WaitsAsErlangSaysWithFourCores) {
  const double load = 3.2;
  const Sample wait = summarise(replicate({.cores = 4}, load, exponential).wait_ms);
  expect_within(wait, erlang_c(4, load) / (4 - load));
}

TEST(ClusterQueueing, DropsAsErlangSaysWithoutAQueue) {
  const double load = 5;
  const Sample dropped = summarise(replicate({.cores = 6, .queue = 0}, load, exponential).dropped);
  expect_within(dropped, erlang_b(6, load));
}

// Pollaczek (1930) and Khinchine (1932): with equal durations half of what exponential ones wait.
TEST(ClusterQueueing, WaitsAsPollaczekAndKhinchineSayWithEqualDurations) {
  const double load = 0.8;
  const Sample wait = summarise(replicate({.cores = 1}, load, [](RandomStream&) { return 1.0; }).wait_ms);
  expect_within(wait, load / (2 * (1 - load)));
}

// Splitting Poisson arrivals at random gives Poisson arrivals: each server is its own M/M/1.
TEST(ClusterQueueing, WaitsOnRandomServersAsOnOneOfThem) {
  const Sample wait =
      summarise(replicate({.servers = 4, .route = "random", .cores = 1}, 4 * 0.6, exponential).wait_ms);
  expect_within(wait, 0.6 / (1 - 0.6));
}

TEST(ClusterQueueing, WaitsLessOnTheLeastLoadedServerThanOnARandomOne) {
  const auto wait = [](const char* route) {
    return summarise(replicate({.servers = 4, .route = route, .cores = 1}, 4 * 0.8, exponential).wait_ms)
        .mean;
  };
  EXPECT_LT(wait("least-loaded"), 0.5 * wait("random"));
}

// --- routes -----------------------------------------------------------------------------------------------------------

std::vector<std::uint64_t> routed(const ClusterOutcome& outcome) {
  std::vector<std::uint64_t> counts;
  for (const ServerOutcome& server : outcome.whole.servers) counts.push_back(server.invocations);
  return counts;
}

TEST(ClusterRoutes, LeastLoadedTakesTheLowestOfEqualServers) {
  const Trace trace = trace_of({function("a", 100, 0, 1000)}, "aaaa", 1);
  EXPECT_THAT(routed(run(trace, {.servers = 3, .route = "least-loaded"})), ElementsAre(2, 1, 1));
}

TEST(ClusterRoutes, LeastLoadedCountsWhatWaits) {
  const Trace trace = trace_of({function("a", 100, 0, 1000)}, "aaaaaa", 1);
  EXPECT_THAT(routed(run(trace, {.servers = 2, .route = "least-loaded", .cores = 1})), ElementsAre(3, 3));
}

TEST(ClusterRoutes, LocalityGoesWhereAContainerIsIdle) {
  // a's container is on the first server; b keeps the first server the busier one when a comes again.
  const Trace trace = trace_of({function("a", 100, 0, 1), function("b", 100, 0, 1000)}, "aba", 10);
  const ClusterOutcome near = run(trace, {.servers = 2, .route = "locality"});
  EXPECT_THAT(routed(near), ElementsAre(3, 0));
  EXPECT_EQ(near.whole.warm, 1U);
  EXPECT_EQ(run(trace, {.servers = 2, .route = "least-loaded"}).whole.warm, 0U);
}

TEST(ClusterRoutes, LocalityPassesByAServerWithoutAnUnusedCore) {
  const Trace trace = trace_of({function("a", 100, 0, 1), function("b", 100, 0, 1000)}, "aba", 10);
  EXPECT_THAT(routed(run(trace, {.servers = 2, .route = "locality", .cores = 1})), ElementsAre(2, 1));
}

TEST(ClusterRoutes, LocalityTakesNoExpiredContainerForIdle) {
  const Trace trace = trace_of({function("a", 100, 0, 1), function("b", 100, 0, 1000)}, "aba", 10);
  const ClusterOutcome outcome = run(trace, {.servers = 2, .route = "locality"}, 1000, "ttl:5ms");
  EXPECT_THAT(routed(outcome), ElementsAre(2, 1));
}

std::vector<ServerIndex> hash_places(const std::vector<TraceFunction>& functions, std::uint32_t servers) {
  const auto route = (*find_route("hash"))->make({.functions = functions, .servers = servers, .seed = 1});
  std::vector<ServerIndex> places;
  for (FunctionIndex f = 0; f < functions.size(); ++f) places.push_back(route->choose(f, {}));
  return places;
}

std::vector<TraceFunction> named_functions(std::size_t count) {
  std::vector<TraceFunction> functions;
  for (std::size_t f = 0; f < count; ++f) functions.push_back(function("f" + std::to_string(f), 100));
  return functions;
}

TEST(ClusterRoutes, HashDependsOnTheNameAlone) {
  auto functions = named_functions(100);
  const auto places = hash_places(functions, 7);
  std::reverse(functions.begin(), functions.end());
  auto reversed = hash_places(functions, 7);
  std::reverse(reversed.begin(), reversed.end());
  EXPECT_EQ(places, reversed);
}

TEST(ClusterRoutes, HashSpreadsFunctionsEvenly) {
  std::vector<int> counts(8);
  for (const ServerIndex place : hash_places(named_functions(8000), 8)) ++counts[place];
  for (const int count : counts) EXPECT_NEAR(count, 1000, 4 * std::sqrt(1000 * 7 / 8.0));
}

TEST(ClusterRoutes, HashMovesFunctionsOnlyToAnAddedServer) {
  const auto functions = named_functions(3000);
  const auto before = hash_places(functions, 9), after = hash_places(functions, 10);
  std::size_t moved = 0;
  for (std::size_t f = 0; f < functions.size(); ++f) {
    if (before[f] == after[f]) continue;
    EXPECT_EQ(after[f], 9U);
    ++moved;
  }
  EXPECT_NEAR(static_cast<double>(moved), 300, 70);
}

TEST(ClusterRoutes, RandomFollowsItsSeed) {
  const Crowd crowd = draw_crowd(3);
  const ClusterOptions options{.servers = 4, .route = "random"};
  EXPECT_EQ(routed(run(crowd.trace, options)), routed(run(crowd.trace, options)));
}

TEST(ClusterInput, SuggestsTheNearestRoute) {
  const auto outcome = ClusterSimulation::create({.policy = "lru", .memory_mb = 1}, {.route = "localty"}, {});
  ASSERT_FALSE(outcome.has_value());
  EXPECT_THAT(render(outcome.error()), ::testing::HasSubstr("locality"));
}

TEST(ClusterInput, RefusesAClusterOfNoServers) {
  EXPECT_FALSE(ClusterSimulation::create({.policy = "lru", .memory_mb = 1}, {.servers = 0}, {}).has_value());
}

}  // namespace
}  // namespace thaw
