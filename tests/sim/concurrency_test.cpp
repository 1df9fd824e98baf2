#include "sim/concurrency.h"

#include <gmock/gmock.h>

#include "sim/plain_server.h"
#include "sim/simulation.h"
#include "sim/small_traces.h"

namespace thaw {
namespace {

using testing::draw;
using testing::function;
using testing::PlainServer;
using testing::trace_of;

double peak(const Trace& trace, Assumed assumed = Assumed::warm) {
  return peak_running_mb(trace.functions, *source_of(trace), assumed).value();
}

SimulationOutcome unlimited(const Trace& trace) {
  return simulate_unlimited(trace.functions, *source_of(trace)).value();
}

TEST(PeakRunning, AddsUpExecutionsThatOverlap) {
  // One second apart, warm 1.5 s: each overlaps its neighbour only.
  EXPECT_DOUBLE_EQ(peak(trace_of({function("A", 100, 0, 1500), function("B", 30, 0, 1500)}, "ABAB")), 130);
}

TEST(PeakRunning, LetsAnExecutionEndAsAnotherBegins) {
  EXPECT_DOUBLE_EQ(peak(trace_of({function("A", 100, 0, 1000)}, "AAAA")), 100);
}

TEST(PeakRunning, CanAssumeThatAllIsCold) {
  const Trace trace = trace_of({function("A", 100, 2000, 500)}, "AAAA");

  EXPECT_DOUBLE_EQ(peak(trace), 100);
  EXPECT_DOUBLE_EQ(peak(trace, Assumed::cold), 300);
}

TEST(PeakRunning, TakesRecordedDurations) {
  Trace trace = trace_of({function("A", 100, 0, 1)}, "AAA");
  trace.invocations.duration_ms = {2500, 1, 1};

  EXPECT_DOUBLE_EQ(peak(trace), 200);
}

TEST(UnlimitedMemory, IsColdFirstAndWhenAllContainersAreBusy) {
  // Cold runs last 2.5 s: the second and third invocation find no idle container, the fourth does.
  const SimulationOutcome outcome = unlimited(trace_of({function("A", 100, 2000, 500)}, "AAAAA"));

  EXPECT_EQ(outcome.cold, 3U);
  EXPECT_EQ(outcome.warm, 2U);
  EXPECT_DOUBLE_EQ(outcome.end_used_mb, 300);
}

TEST(UnlimitedMemory, CountsIdleMemoryOverTime) {
  // 1000 MB idle from 1 s (cold run of 1 s) to 10 s: 9 GB s.
  const SimulationOutcome outcome = unlimited(trace_of({function("A", 1000, 500, 500)}, "A         A"));

  EXPECT_DOUBLE_EQ(outcome.idle_gb_s, 9);
}

TEST(UnlimitedMemory, EqualsAServerThatNeverEvicts) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Trace trace = draw({.functions = 10, .invocations = 500, .duration_ms = 100000, .seed = seed});
    PlainServer server(trace, 1e9);
    server.simulate(testing::least_recently_used);

    const SimulationOutcome outcome = unlimited(trace);

    EXPECT_EQ(outcome.cold, server.cold) << seed;
    EXPECT_EQ(outcome.warm, server.warm) << seed;
  }
}

TEST(UnlimitedMemory, IsNoLowerBound) {
  // Two lone invocations, then pairs every two seconds. Cold runs last 100 s, warm ones 1 s.
  Trace trace = trace_of({function("A", 100, 99000, 1000)}, "");
  trace.invocations.time_ms = {0, 300e3, 340e3};
  for (double time = 500e3; time <= 600e3; time += 2000)
    trace.invocations.time_ms.insert(trace.invocations.time_ms.end(), 2, time);
  trace.invocations.function.assign(trace.invocations.time_ms.size(), 0);
  PlainServer evicts_once(trace, 1e6);
  evicts_once.simulate(testing::least_recently_used, [](PlainServer& server) {
    if (server.index == 1) server.pool.clear();
  });

  EXPECT_EQ(evicts_once.cold, 3U);
  EXPECT_GT(unlimited(trace).cold, 40U);
}

TEST(UnlimitedMemory, EqualsTheCleanModelWithAmpleMemory) {
  Trace trace = draw({.functions = 30, .invocations = 3000, .duration_ms = 300000});
  for (std::size_t i = 0; i < trace.invocations.size(); ++i)
    trace.invocations.duration_ms.push_back(static_cast<double>((i * 7919) % 3000));
  const auto source = source_of(trace);
  const SimulationOutcome clean =
      simulate({.policy = "lru", .memory_mb = 1e8}, trace.functions, *source).value();

  const SimulationOutcome outcome = unlimited(trace);

  EXPECT_EQ(outcome.cold, clean.cold);
  EXPECT_EQ(outcome.end_pool, clean.end_pool);
  EXPECT_NEAR(outcome.idle_gb_s, clean.idle_gb_s, 1e-6 * clean.idle_gb_s);
}

}  // namespace
}  // namespace thaw
