#include <gtest/gtest.h>

#include "sim/faascache/faascache_simulation.h"
#include "sim/known_cases.h"

namespace thaw {
namespace {

SimulationOutcome replay(const known::Row& row, const std::string& trace_name) {
  const Trace& trace = known::trace_of(trace_name);
  auto outcome = simulate_faascache({.policy = row.at("policy"), .memory_mb = known::number(row, "memory_mb")},
                                    trace.functions, *source_of(trace));
  if (!outcome) ADD_FAILURE() << known::label(row) << render(outcome.error());
  return outcome.value_or(SimulationOutcome{});
}

TEST(FaascacheModel, CountsEqualTheResearchSimulatorOnMadeTraces) {
  const auto rows = known::read_rows(known::fixtures() / "keepalive" / "expected_reference.csv");
  for (const known::Row& row : rows) known::expect_counts(row, replay(row, row.at("case")));
  EXPECT_EQ(rows.size(), 208U);
}

TEST(FaascacheModel, CountsEqualTheResearchSimulatorOnRealTraces) {
  const auto rows = known::read_rows(known::fixtures() / "keepalive" / "expected_real_traces.csv");
  for (const known::Row& row : rows) known::expect_counts(row, replay(row, row.at("trace")));
  EXPECT_EQ(rows.size(), 48U);
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
