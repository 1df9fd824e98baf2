#include "sim/predecessor_logs.h"

#include <gtest/gtest.h>

#include "sim/faascache/faascache_simulation.h"
#include "sim/known_cases.h"

namespace thaw {
namespace {

/// The logs of a known case, by the ends of their names.
std::map<std::string, std::string> logs_of(const std::string& name, const std::string& policy,
                                           double memory_mb) {
  const Trace& trace = known::trace_of(name);
  auto folder = TemporaryDirectory::create("thaw-logs");
  const SimulationPoint point{.policy = policy, .model = Model::faascache, .memory_mb = memory_mb};
  auto logs = PredecessorLogs::create(folder->path(), point, trace.functions, "b");
  EXPECT_TRUE(logs);
  EXPECT_TRUE(simulate_faascache(point, trace.functions, *source_of(trace), &*logs));
  EXPECT_TRUE(logs->close());
  std::map<std::string, std::string> texts;
  const std::string prefix = fmt::format("{}-{}-{}-b-", policy, trace.functions.size(), memory_mb);
  for (const char* end : {"performancelog.csv", "memusagehist.csv", "purecachehist.csv"}) {
    texts[end] = read_file_if_any(folder->path() / (prefix + end)).value_or("absent");
  }
  return texts;
}

// t1 at 200 MB by LRU: a miss, b miss, a hit, c miss (evicts b), a hit, b miss (evicts c), c miss (evicts a),
// a miss (evicts b), a hit, b miss (evicts c).

TEST(PredecessorLogs, PerformanceLogHasEveryServedInvocation) {
  EXPECT_EQ(logs_of("t1_recency", "LRU", 200)["performancelog.csv"],
            "lambda,time,meta\na,0,miss\nb,1000,miss\na,2000,hit\nc,3000,miss\na,4000,hit\nb,5000,miss\n"
            "c,6000,miss\na,7000,miss\na,8000,hit\nb,9000,miss\n");
}

TEST(PredecessorLogs, MemoryLogPrintsVictimsAsTheOriginalDoes) {
  const std::string log = logs_of("t1_recency", "LRU", 200)["memusagehist.csv"];
  EXPECT_TRUE(
      log.starts_with("time,reason,mem_used,mem_size,extra\n"
                      "0,Add,100,100,N/A\n"
                      "1000,Add,200,100,N/A\n"
                      "3000,Pre-eviction,200,100,N/A\n"
                      "3000,Post-eviction,100,100,[\"('b', 1000)\"]\n"
                      "3000,Add,200,100,N/A\n"))
      << log;
}

TEST(PredecessorLogs, ComputedPrioritiesHaveAFraction) {
  const std::string log = logs_of("t1_recency", "GD", 200)["memusagehist.csv"];
  EXPECT_NE(log.find("Post-eviction,100,100,[\"('b', 5.0)\"]"), std::string::npos) << log;
}

TEST(PredecessorLogs, PureCacheIsWhatDoesNotRun) {
  EXPECT_TRUE(logs_of("t1_recency", "LRU", 200)["purecachehist.csv"].starts_with(
      "time,used_mem,running_mem,pure_cache\n0,100,100,0\n1000,200,100,100\n2000,200,100,100\n"));
}

TEST(PredecessorLogs, ExpiredContainersAreInTheMemoryLog) {
  EXPECT_NE(logs_of("t3_ttl", "TTL", 300)["memusagehist.csv"].find("1200001,TTL-purge,"), std::string::npos);
}

TEST(PredecessorLogs, RowsOfThePerformanceLogAddUpToTheCounts) {
  const Trace& trace = known::trace_of("m1_mixed");
  const SimulationPoint point{.policy = "HIST", .model = Model::faascache, .memory_mb = 6000};
  const SimulationOutcome outcome = *simulate_faascache(point, trace.functions, *source_of(trace));
  const std::string log = logs_of("m1_mixed", "HIST", 6000)["performancelog.csv"];
  std::uint64_t hits = 0, misses = 0;
  for (const std::string_view line : split_lines(log)) {
    hits += line.ends_with(",hit");
    misses += line.ends_with(",miss");
  }
  EXPECT_EQ(hits, outcome.warm);
  EXPECT_EQ(misses, outcome.cold);
}

TEST(PredecessorLogs, MemoryNeverExceedsTheServer) {
  const std::string log = logs_of("m1_mixed", "GD", 6000)["memusagehist.csv"];
  for (const std::string_view line : split_lines(log)) {
    const auto used = parse_number(split(line, ',').at(2));
    if (used) {
      EXPECT_LE(*used, 6000) << line;
    }
  }
}

TEST(PredecessorLogs, NameWithACommaIsQuoted) {
  Trace trace;
  trace.functions.resize(1);
  trace.functions[0].name = "a,b";
  trace.functions[0].memory_mb = 1;
  auto folder = TemporaryDirectory::create("thaw-logs");
  auto logs = PredecessorLogs::create(folder->path(), {.policy = "GD", .memory_mb = 10}, trace.functions);
  ASSERT_TRUE(logs);
  logs->on_invocation(0.5, 0, Served::warm);
  ASSERT_TRUE(logs->close());
  EXPECT_EQ(read_file_if_any(folder->path() / "GD-1-10-a-performancelog.csv"),
            "lambda,time,meta\n\"a,b\",0.5,hit\n");
}

TEST(PredecessorLogs, AFolderThatDoesNotExistIsAnError) {
  const auto logs = PredecessorLogs::create("/nonexistent/folder", {.policy = "GD", .memory_mb = 10}, {});
  ASSERT_FALSE(logs);
  EXPECT_EQ(logs.error().kind, ErrorKind::environment);
}

}  // namespace
}  // namespace thaw
