// The clean model on the cases of the research simulator: where it differs, and why.

#include <gtest/gtest.h>

#include "known_cases.h"
#include "naive_server.h"
#include "sim/simulation.h"

namespace thaw {
namespace {

SimulationOutcome run_clean(const std::string& name, const std::string& policy, double memory_mb) {
  const Trace& trace = known::trace_of(name);
  const auto source = source_of(trace);
  auto outcome = simulate({.policy = policy, .memory_mb = memory_mb}, trace.functions, *source);
  EXPECT_TRUE(outcome.has_value());
  return *outcome;
}

struct Counts {
  std::uint64_t cold = 0, warm = 0, dropped = 0, evictions = 0, expirations = 0;
  friend bool operator==(const Counts&, const Counts&) = default;
  friend void PrintTo(const Counts& c, std::ostream* out) {
    *out << c.cold << " cold " << c.warm << " warm " << c.dropped << " dropped " << c.evictions << " evicted "
         << c.expirations << " expired";
  }
};

Counts counts(const std::string& name, const std::string& policy, double memory_mb) {
  const SimulationOutcome outcome = run_clean(name, policy, memory_mb);
  return {outcome.cold, outcome.warm, outcome.dropped, outcome.evictions, outcome.expirations};
}

// a b a c a b c a a b at 200 MB, 100 MB each: misses a, b, c (evicts b), b (c), c (a), a (b), b (c).
TEST(CleanKnownCases, RecencyIsTheWorkedExample) {
  EXPECT_EQ(counts("t1_recency", "lru", 200), (Counts{.cold = 7, .warm = 3, .evictions = 5}));
}

// Without pressure the rules that differ play no part.
TEST(CleanKnownCases, AreThoseOfTheReferenceWithoutEvictions) {
  std::size_t compared = 0;
  for (const known::Row& row : known::read_rows(known::fixtures() / "keepalive" / "expected_reference.csv")) {
    const bool is_applicable = row.at("policy") != "HIST" && row.at("evictions") == "0" &&
                               row.at("dropped") == "0" && !known::trace_of(row.at("case")).functions.empty();
    if (!is_applicable) continue;
    known::expect_counts(row, run_clean(row.at("case"), row.at("policy"), known::number(row, "memory_mb")));
    ++compared;
  }
  EXPECT_GE(compared, 40U);
}

// The latest time that a reader believes, and the longest duration behind it.
TEST(CleanKnownCases, CountTheLatestTimesThatATraceMayHave) {
  Trace trace;
  trace.functions.push_back({.name = "a", .memory_mb = 100, .cold_ms = 3e10, .warm_ms = 1});
  trace.functions.push_back({.name = "b", .memory_mb = 100, .cold_ms = 2, .warm_ms = 1});
  trace.invocations.time_ms = {0, 3.99e12, 4e12, 4e12};
  trace.invocations.function = {1, 1, 0, 1};

  const auto outcome = simulate({.policy = "lru", .memory_mb = 300}, trace.functions, *source_of(trace));

  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->cold, 2U);
  EXPECT_EQ(outcome->warm, 2U);
}

TEST(CleanKnownCases, CountKeepAliveFromTheFinish) {
  // The reference counts it from the start, and removes only when the function is invoked again: 10 cold, 8 removed.
  EXPECT_EQ(counts("t3_ttl", "ttl", 10000), (Counts{.cold = 7, .warm = 6, .expirations = 5}));
}

TEST(CleanKnownCases, LeaveWhatIsIdleWhenEvictingDoesNotHelp) {
  // The reference evicts and drops all the same: 8 cold, 0 warm, 6 evicted.
  EXPECT_EQ(counts("t6_evict_then_drop", "lru", 440),
            (Counts{.cold = 4, .warm = 4, .dropped = 3, .evictions = 2}));
}

/// The reference's evictions, by the plain search: what it says of a case is what its rules make of ours.
void expect_reference(const known::Row& row, const std::string& policy) {
  const Trace& trace = known::trace_of(row.at("case"));
  testing::NaiveServer server(policy, testing::never, known::number(row, "memory_mb"), trace.functions);
  server.evict_like_the_reference();
  for (std::size_t i = 0; i < trace.invocations.size(); ++i) {
    server.invoke(trace.invocations.time_ms[i], trace.invocations.function[i]);
  }
  const SimulationOutcome outcome = server.finish();
  EXPECT_EQ(outcome.cold, known::whole(row, "cold")) << known::label(row);
  EXPECT_EQ(outcome.dropped, known::whole(row, "dropped")) << known::label(row);
  EXPECT_EQ(outcome.evictions, known::whole(row, "evictions")) << known::label(row);
}

TEST(CleanKnownCases, DifferFromTheReferenceByItsEvictionsAlone) {
  std::size_t compared = 0;
  for (const known::Row& row : known::read_rows(known::fixtures() / "keepalive" / "expected_reference.csv")) {
    const bool is_applicable = row.at("policy") == "LRU" && row.at("tie_sensitive") == "0" &&
                               !known::trace_of(row.at("case")).functions.empty();
    if (!is_applicable) continue;
    expect_reference(row, "lru");
    ++compared;
  }
  EXPECT_GE(compared, 20U);
}

}  // namespace
}  // namespace thaw
