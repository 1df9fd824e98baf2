#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "naive_server.h"
#include "sim/clean_simulation.h"
#include "small_traces.h"

namespace thaw {
namespace {

using testing::Crowd;
using testing::draw_crowd;
using testing::NaiveServer;
using testing::never;

constexpr std::int64_t second = 1'000'000'000;

struct PolicyCase {
  std::string spelled;  ///< As the registry has it.
  std::string naive;
  std::int64_t keep = never;
};

const PolicyCase policy_cases[] = {
    {"lru", "lru"},
    {"ttl", "ttl", 600 * second},
    {"ttl:20ms", "ttl", second / 50},
    {"ttl:1ns", "ttl", 1},
    {"long-ttl", "ttl", 7200 * second},
    {"gd", "gd"},
    {"freq", "freq"},
    {"size", "size"},
    {"lnd", "lnd"},
};

/// Adds up what exists, event by event.
class MemoryWatch final : public PoolObserver {
 public:
  MemoryWatch(const Pool& pool, std::span<const TraceFunction> functions)
      : pool_(pool), functions_(functions) {}

  void on_created(ContainerId id, bool, Instant now) override {
    used_mb_ += functions_[pool_.container(id).function].memory_mb;
    most_mb_ = std::max(most_mb_, used_mb_);
    EXPECT_GE(now, last_);
    last_ = now;
  }
  void on_removed(ContainerId id, Removal reason, Instant now) override {
    used_mb_ -= functions_[pool_.container(id).function].memory_mb;
    EXPECT_FALSE(reason == Removal::evicted && pool_.is_busy(id, now));
    EXPECT_GE(now, last_);
    last_ = now;
  }
  [[nodiscard]] double used_mb() const { return used_mb_; }
  [[nodiscard]] double most_mb() const { return most_mb_; }

 private:
  const Pool& pool_;
  std::span<const TraceFunction> functions_;
  double used_mb_ = 0, most_mb_ = 0;
  Instant last_{};
};

SimulationOutcome run_clean(const Crowd& crowd, const std::string& policy) {
  auto simulation =
      CleanSimulation::create({.policy = policy, .memory_mb = crowd.memory_mb}, crowd.trace.functions);
  EXPECT_TRUE(simulation.has_value());
  MemoryWatch watch(simulation->pool(), crowd.trace.functions);
  simulation->observe(&watch);
  EXPECT_TRUE(simulation->take(crowd.trace.invocations).has_value());
  EXPECT_LE(watch.most_mb(), crowd.memory_mb);
  SimulationOutcome outcome = simulation->finish();
  EXPECT_DOUBLE_EQ(watch.used_mb(), outcome.end_used_mb);
  return outcome;
}

SimulationOutcome run_naive(const Crowd& crowd, const PolicyCase& policy) {
  NaiveServer server(policy.naive, policy.keep, crowd.memory_mb, crowd.trace.functions);
  const InvocationBlock& block = crowd.trace.invocations;
  for (std::size_t i = 0; i < block.size(); ++i) {
    server.invoke(block.time_ms[i], block.function[i], block.duration_ms.empty() ? -1 : block.duration_ms[i]);
  }
  return server.finish();
}

void expect_equal(const SimulationOutcome& clean, const SimulationOutcome& naive) {
  EXPECT_EQ(clean.invocations, naive.invocations);
  EXPECT_EQ(clean.cold, naive.cold);
  EXPECT_EQ(clean.warm, naive.warm);
  EXPECT_EQ(clean.dropped, naive.dropped);
  EXPECT_EQ(clean.evictions, naive.evictions);
  EXPECT_EQ(clean.expirations, naive.expirations);
  EXPECT_EQ(clean.end_pool, naive.end_pool);
  EXPECT_EQ(clean.max_pool, naive.max_pool);
  EXPECT_NEAR(clean.end_used_mb, naive.end_used_mb, 1e-9);
  EXPECT_NEAR(clean.idle_gb_s, naive.idle_gb_s, 1e-9 * (1 + naive.idle_gb_s));
  ASSERT_EQ(clean.functions.size(), naive.functions.size());
  for (std::size_t f = 0; f < clean.functions.size(); ++f) {
    SCOPED_TRACE(::testing::Message() << "function " << f);
    EXPECT_EQ(clean.functions[f].cold, naive.functions[f].cold);
    EXPECT_EQ(clean.functions[f].warm, naive.functions[f].warm);
    EXPECT_EQ(clean.functions[f].dropped, naive.functions[f].dropped);
    EXPECT_EQ(clean.functions[f].evictions, naive.functions[f].evictions);
  }
}

class CleanOracle : public ::testing::TestWithParam<PolicyCase> {};

TEST_P(CleanOracle, AgreesOnSmallCrowdedTraces) {
  for (std::uint64_t seed = 1; seed <= 600; ++seed) {
    const Crowd crowd = draw_crowd(seed);
    SCOPED_TRACE(::testing::Message() << "seed " << seed << ", " << crowd.trace.functions.size()
                                      << " functions, " << crowd.memory_mb << " MB");
    expect_equal(run_clean(crowd, GetParam().spelled), run_naive(crowd, GetParam()));
    if (HasFailure()) return;
  }
}

TEST_P(CleanOracle, AgreesOnALongerTraceOfManyFunctions) {
  Crowd crowd;
  crowd.trace = testing::draw({.functions = 60, .invocations = 6000, .duration_ms = 3e6, .seed = 5});
  for (const double memory_mb : {600.0, 3000.0, 9000.0}) {
    crowd.memory_mb = memory_mb;
    SCOPED_TRACE(memory_mb);
    expect_equal(run_clean(crowd, GetParam().spelled), run_naive(crowd, GetParam()));
  }
}

TEST_P(CleanOracle, GivesTheSameWhateverTheBlocks) {
  const Crowd crowd = draw_crowd(77);
  const InvocationBlock& whole = crowd.trace.invocations;
  auto simulation = CleanSimulation::create({.policy = GetParam().spelled, .memory_mb = crowd.memory_mb},
                                            crowd.trace.functions);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    InvocationBlock one{{whole.time_ms[i]}, {whole.function[i]}, {}};
    if (!whole.duration_ms.empty()) one.duration_ms.push_back(whole.duration_ms[i]);
    ASSERT_TRUE(simulation->take(one).has_value());
  }
  expect_equal(simulation->finish(), run_clean(crowd, GetParam().spelled));
}

std::string name_of_case(const ::testing::TestParamInfo<PolicyCase>& info) {
  std::string name = info.param.spelled;
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Policies, CleanOracle, ::testing::ValuesIn(policy_cases), name_of_case);

TEST(CleanInvariants, EveryInvocationIsColdWarmOrDropped) {
  for (const PolicyEntry& policy : all_policies()) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      SCOPED_TRACE(::testing::Message() << policy.name << ", seed " << seed);
      const SimulationOutcome outcome = run_clean(draw_crowd(seed), std::string(policy.name));
      EXPECT_EQ(outcome.cold + outcome.warm + outcome.dropped, outcome.invocations);
    }
  }
}

TEST(CleanInvariants, EveryContainerThatCameIsThereOrGone) {
  for (const PolicyEntry& policy : all_policies()) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      SCOPED_TRACE(::testing::Message() << policy.name << ", seed " << seed);
      const SimulationOutcome outcome = run_clean(draw_crowd(seed), std::string(policy.name));
      EXPECT_EQ(outcome.cold + outcome.prewarms, outcome.end_pool + outcome.evictions + outcome.expirations);
    }
  }
}

// With equal sizes and no durations LRU is a stack algorithm (Mattson et al. 1970): more memory holds a superset.
TEST(CleanInvariants, LruHitsGrowWithMemoryWhenSizesAreEqualAndRunsTakeNoTime) {
  Crowd crowd;
  crowd.trace =
      testing::draw({.functions = 40, .invocations = 5000, .longest_warm_ms = 0, .longest_init_ms = 0});
  for (TraceFunction& function : crowd.trace.functions) {
    function.memory_mb = 100;
    function.cold_ms = function.warm_ms = 0;
  }
  std::uint64_t before = 0;
  for (crowd.memory_mb = 100; crowd.memory_mb <= 4100; crowd.memory_mb += 100) {
    const std::uint64_t warm = run_clean(crowd, "lru").warm;
    EXPECT_GE(warm, before) << crowd.memory_mb << " MB";
    before = warm;
  }
  EXPECT_EQ(before, crowd.trace.invocations.size() - 40);
}

TEST(CleanInvariants, NothingIsDroppedOrEvictedWithUnlimitedMemory) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Crowd crowd = draw_crowd(seed);
    crowd.memory_mb = std::numeric_limits<double>::infinity();
    const SimulationOutcome outcome = run_clean(crowd, "gd");
    EXPECT_EQ(outcome.dropped, 0U);
    EXPECT_EQ(outcome.evictions, 0U);
    EXPECT_EQ(outcome.cold, outcome.end_pool);
  }
}

TEST(CleanInput, RefusesAServerWithoutMemory) {
  for (const double memory_mb : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_FALSE(CleanSimulation::create({.policy = "lru", .memory_mb = memory_mb}, {}).has_value())
        << memory_mb;
  }
}

TEST(CleanInput, RefusesAFunctionOfLessThanAByte) {
  const TraceFunction functions[] = {testing::function("a", 1e-7)};
  EXPECT_FALSE(CleanSimulation::create({.policy = "gd", .memory_mb = 100}, functions).has_value());
}

}  // namespace
}  // namespace thaw
