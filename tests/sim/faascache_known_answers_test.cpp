#include <gtest/gtest.h>

#include "sim/faascache/faascache_simulation.h"
#include "sim/known_cases.h"
#include "trace/mixed_trace.h"

namespace thaw {
namespace {

SimulationOutcome replay(const known::Row& row, const std::string& trace_name,
                         const std::string& ties = "heap") {
  const Trace& trace = known::trace_of(trace_name);
  const SimulationPoint point{.policy = row.at("policy") + ":ties=" + ties,
                              .memory_mb = known::number(row, "memory_mb")};
  auto outcome = simulate_faascache(point, trace.functions, *source_of(trace));
  if (!outcome) ADD_FAILURE() << known::label(row) << render(outcome.error());
  return outcome.value_or(SimulationOutcome{});
}

std::vector<known::Row> real_rows() {
  return known::read_rows(known::fixtures() / "keepalive" / "expected_real_traces.csv");
}

TEST(FaascacheModel, CountsEqualTheResearchSimulatorOnMadeTraces) {
  const auto rows = known::read_rows(known::fixtures() / "keepalive" / "expected_reference.csv");
  for (const known::Row& row : rows) known::expect_counts(row, replay(row, row.at("case")));
  EXPECT_EQ(rows.size(), 208U);
}

// The rows of GD come from the simulator as it is. Those of the other policies are the ones with ties broken
// by age, also in the columns that should be the heap's: each equals its columns *_oldest. The test after the
// next has counts of the unchanged simulator for the same trace.
TEST(FaascacheModel, CountsEqualTheTableOfRealTraces) {
  const auto rows = real_rows();
  for (const known::Row& row : rows) {
    known::expect_counts(row, replay(row, row.at("trace"), row.at("policy") == "GD" ? "heap" : "oldest"));
  }
  EXPECT_EQ(rows.size(), 48U);
}

TEST(FaascacheModel, TiesByAgeGiveTheTablesCountsForTheOldestContainer) {
  const auto rows = real_rows();
  for (const known::Row& row : rows) {
    const SimulationOutcome outcome = replay(row, row.at("trace"), "oldest");
    EXPECT_EQ(outcome.cold, known::whole(row, "cold_oldest")) << known::label(row);
    EXPECT_EQ(outcome.dropped, known::whole(row, "dropped_oldest")) << known::label(row);
  }
  EXPECT_EQ(rows.size(), 48U);
}

TEST(FaascacheModel, TiesByHeapGiveTheCountsOfTheUnchangedSimulatorOnARealTrace) {
  struct Measured {
    std::string policy;
    std::uint64_t cold, dropped;
  };
  for (const Measured& measured : {Measured{"GD", 283, 59}, Measured{"LRU", 284, 59},
                                   Measured{"TTL", 604, 408}, Measured{"HIST", 11865, 13372}}) {
    const auto outcome = replay(
        {{"policy", measured.policy}, {"memory_mb", "1000"}, {"trace", "azure2019-20b"}}, "azure2019-20b");
    EXPECT_EQ(outcome.cold, measured.cold) << measured.policy;
    EXPECT_EQ(outcome.dropped, measured.dropped) << measured.policy;
  }
}

SimulationOutcome replay_made(const MixedTraceOptions& made, const std::string& policy, double memory_mb) {
  const Trace trace = make_mixed_trace(made).value();
  const SimulationPoint point{.policy = policy, .memory_mb = memory_mb};
  return simulate_faascache(point, trace.functions, *source_of(trace)).value();
}

TEST(FaascacheModel, CountsEqualTheResearchSimulatorOnTwoHundredThousandInvocations) {
  struct Measured {
    std::string policy;
    double memory_mb;
    std::uint64_t cold, dropped;
  };
  for (const Measured& measured : {Measured{"GD", 4000, 153049, 6886}, Measured{"LRU", 8000, 113601, 1},
                                   Measured{"TTL", 8000, 113599, 1}, Measured{"FREQ", 4000, 155918, 6733},
                                   Measured{"SIZE", 8000, 95575, 0}, Measured{"LND", 4000, 168029, 7175},
                                   Measured{"HIST", 4000, 161028, 7699}}) {
    const SimulationOutcome outcome = replay_made({}, measured.policy, measured.memory_mb);
    EXPECT_EQ(outcome.cold, measured.cold) << measured.policy << " " << measured.memory_mb;
    EXPECT_EQ(outcome.dropped, measured.dropped) << measured.policy << " " << measured.memory_mb;
  }
}

TEST(FaascacheModel, WithUnlimitedMemoryHasTheKnownColdStarts) {
  const MixedTraceOptions m1{.functions = 50, .invocations = 5000, .seed = 7};
  const MixedTraceOptions m2{.functions = 100, .invocations = 20000, .seed = 11, .duration_ms = 7.2e6};
  const MixedTraceOptions m3{.functions = 20, .invocations = 20000, .seed = 23, .has_bursts = true};
  const MixedTraceOptions m4{.functions = 400, .invocations = 12000, .seed = 31};
  EXPECT_EQ(replay_made(m1, "LRU", 1e7).cold, 59U);
  EXPECT_EQ(replay_made(m2, "LRU", 1e7).cold, 156U);
  EXPECT_EQ(replay_made(m3, "LRU", 1e7).cold, 113U);
  EXPECT_EQ(replay_made(m4, "LRU", 1e7).cold, 408U);
  EXPECT_EQ(replay_made({}, "LRU", 1e7).cold, 311U);
}

TEST(FaascacheModel, CountsOfEachFunctionEqualTheResearchSimulator) {
  const auto rows = known::read_rows(known::fixtures() / "keepalive" / "expected_reference_per_function.csv");
  for (const known::Row& row : rows) {
    const Trace& trace = known::trace_of(row.at("case"));
    const SimulationOutcome outcome = replay(row, row.at("case"));
    for (std::size_t f = 0; f < trace.functions.size(); ++f) {
      if (trace.functions[f].name != row.at("function")) continue;
      const FunctionOutcome& counts = outcome.functions.at(f);
      EXPECT_EQ(counts.cold, known::whole(row, "cold")) << known::label(row);
      EXPECT_EQ(counts.warm, known::whole(row, "warm")) << known::label(row);
      EXPECT_EQ(counts.dropped, known::whole(row, "dropped")) << known::label(row);
      EXPECT_EQ(counts.evictions, known::whole(row, "evictions")) << known::label(row);
    }
  }
  EXPECT_EQ(rows.size(), 528U);
}

}  // namespace
}  // namespace thaw
