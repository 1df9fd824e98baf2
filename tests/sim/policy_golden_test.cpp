// Counts of every policy on one mixed trace. THAW_UPDATE_GOLDEN=1 build/dev/tests/sim/sim_golden_tests writes them anew;
// a change of a row must be meant.

#include <gtest/gtest.h>

#include "keepalive/policy.h"
#include "known_cases.h"
#include "report/golden.h"
#include "sim/simulation.h"

namespace thaw {
namespace {

std::string counts_of(const std::string& policy, double memory_mb) {
  const Trace& trace = known::trace_of("m1_mixed");
  const auto source = source_of(trace);
  const auto outcome = simulate({.policy = policy, .memory_mb = memory_mb}, trace.functions, *source);
  if (!outcome) return render(outcome.error());
  return fmt::format("{},{},{},{},{},{},{},{}\n", policy, memory_mb, outcome->cold, outcome->warm,
                     outcome->dropped, outcome->evictions, outcome->expirations, outcome->prewarms);
}

TEST(PolicyGolden, CountsOfEveryPolicy) {
  std::string table = "policy,memory_mb,cold,warm,dropped,evictions,expirations,prewarms\n";
  for (const PolicyEntry& entry : all_policies()) {
    for (const double memory_mb : {1000.0, 2000.0, 4000.0, 8000.0})
      table += counts_of(std::string(entry.name), memory_mb);
  }
  testing_support::expect_golden("keepalive/m1_mixed.csv", table);
}

}  // namespace
}  // namespace thaw
