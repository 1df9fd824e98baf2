// What every policy keeps to, whatever it decides: all rows of the table, and formulas.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/random.h"
#include "keepalive/pool.h"
#include "policy_trial.h"

namespace thaw {
namespace {

using testing::megabytes;
using testing::policy_of;

/// Sees that capacity holds and that nothing is evicted while it runs.
class Watcher : public PoolObserver {
 public:
  explicit Watcher(const Pool& pool) : pool_(pool) {}
  void on_created(ContainerId, bool, Instant) override { EXPECT_LE(pool_.used(), pool_.capacity()); }
  void on_removed(ContainerId id, Removal reason, Instant now) override {
    if (reason == Removal::evicted) {
      EXPECT_FALSE(pool_.is_busy(id, now));
    }
  }

 private:
  const Pool& pool_;
};

enum class Ends { known, unknown };

/// Random invocations with bursts and pauses of hours, and what became of them.
struct RandomRun {
  std::unique_ptr<Pool> pool;
  std::vector<Outcome> outcomes;
  Instant now{};

  RandomRun(const std::string& policy, double capacity_mb, std::uint64_t seed = 1)
      : pool(std::make_unique<Pool>(megabytes(capacity_mb), policy_of(policy, seed))) {
    RandomStream random(11, "tests/policy-functions");
    for (int i = 0; i < 12; ++i) {
      pool->add_function(megabytes(static_cast<double>(50 + 50 * random.below(6))),
                         std::chrono::milliseconds(100 + random.below(5000)),
                         std::chrono::milliseconds(1 + random.below(3000)));
    }
  }

  void invoke(std::size_t count, Ends ends, std::uint64_t crashes_in_a_thousand = 0) {
    Watcher watcher(*pool);
    pool->observe(&watcher);
    RandomStream random(7, "tests/policy-arrivals");
    std::vector<std::pair<Instant, ContainerId>> running;
    for (std::size_t i = 0; i < count; ++i) {
      // A third of the invocations come at once with the one before; one in 500 after hours.
      if (random.below(3) != 0) now += std::chrono::milliseconds(random.below(2000));
      if (random.below(500) == 0) now += std::chrono::minutes(random.below(600));
      const auto function = static_cast<FunctionId>(random.below(random.below(12) + 1));
      const Nanos duration = std::chrono::milliseconds(random.below(4000));
      for (std::size_t k = running.size(); k-- > 0;) {
        if (running[k].first > now) continue;
        pool->finished(running[k].second, now);
        running.erase(running.begin() + static_cast<std::ptrdiff_t>(k));
      }
      pool->advance(now);
      const Placement placement = pool->place(function, now);
      outcomes.push_back(placement.outcome);
      if (placement.outcome == Outcome::dropped) continue;
      if (ends == Ends::known) {
        pool->runs_until(placement.container, placement.starts_at + duration);
        if (random.below(1000) < crashes_in_a_thousand) crash(random);
      } else {
        running.emplace_back(now + duration, placement.container);
      }
    }
    pool->observe(nullptr);
  }

  /// Some idle container goes without the policy's doing.
  void crash(RandomStream& random) {
    const auto id = static_cast<ContainerId>(random.below(pool->slots()));
    if (pool->container(id).exists && !pool->is_busy(id, now)) pool->stop(id, now);
  }

  [[nodiscard]] std::uint64_t counted() const {
    std::uint64_t sum = 0;
    for (FunctionId id = 0; id < pool->functions().size(); ++id)
      sum += pool->counts(id).cold + pool->function(id).hits + pool->counts(id).dropped;
    return sum;
  }
};

std::vector<std::string> policies_on_trial() {
  std::vector<std::string> names;
  for (const PolicyEntry& entry : all_policies()) names.emplace_back(entry.name);
  names.emplace_back("expr:clock + freq*cost/size");
  names.emplace_back("expr:uses*cost/(size*age)");
  return names;
}

class PolicyContract : public ::testing::TestWithParam<std::string> {};

TEST_P(PolicyContract, KeepsCapacityAndBusyContainers) {
  for (const double capacity : {150.0, 400.0, 1000.0, 2500.0})
    RandomRun(GetParam(), capacity).invoke(4000, Ends::known);
}

TEST_P(PolicyContract, AccountsForEveryInvocation) {
  RandomRun run(GetParam(), 700);
  run.invoke(4000, Ends::known);
  EXPECT_EQ(run.counted(), 4000U);
}

TEST_P(PolicyContract, WorksWithEndsThatAreNotKnownBeforehand) {
  RandomRun run(GetParam(), 700);
  run.invoke(4000, Ends::unknown);
  EXPECT_EQ(run.counted(), 4000U);
}

TEST_P(PolicyContract, DecidesAlikeForEqualCalls) {
  RandomRun first(GetParam(), 700);
  RandomRun second(GetParam(), 700);
  first.invoke(4000, Ends::known);
  second.invoke(4000, Ends::known);
  EXPECT_EQ(first.outcomes, second.outcomes);
  EXPECT_EQ(first.pool->totals().evictions, second.pool->totals().evictions);
}

TEST_P(PolicyContract, ForgetsContainersThatAreGone) {
  RandomRun run(GetParam(), 700);
  run.invoke(4000, Ends::known, 200);
  EXPECT_EQ(run.counted(), 4000U);
}

TEST_P(PolicyContract, EvictsNothingWithoutPressure) {
  RandomRun run(GetParam(), 1e6);
  run.invoke(4000, Ends::known);
  EXPECT_EQ(run.pool->totals().evictions, 0U);
}

TEST_P(PolicyContract, CanGiveUpAllThatIsIdle) {
  for (const double capacity : {400.0, 1000.0, 2500.0}) {
    RandomRun run(GetParam(), capacity);
    const FunctionId giant =
        run.pool->add_function(megabytes(capacity), std::chrono::seconds(1), std::chrono::seconds(1));
    run.invoke(4000, Ends::known);
    // All executions are over by then, and nothing is too young for a policy that spares the young.
    run.now += std::chrono::hours(1);
    run.pool->advance(run.now);

    EXPECT_EQ(run.pool->place(giant, run.now).outcome, Outcome::cold);
    EXPECT_EQ(run.pool->size(), 1U);
  }
}

TEST_P(PolicyContract, TouchesNothingWhenThereIsNotEnough) {
  testing::PolicyTrial trial(GetParam(), 1000);
  trial.add("runs", {.memory_mb = 600});
  trial.add("idles", {.memory_mb = 300});
  trial.add("wants", {.memory_mb = 500});
  trial.run("idles", 0, 0.01);
  trial.run("runs", 1, 100);

  EXPECT_EQ(trial.invoke("wants", 2), Outcome::dropped);
  EXPECT_EQ(trial.invoke("wants", 3), Outcome::dropped);

  EXPECT_EQ(trial.evicted(), std::vector<std::string>{});
  EXPECT_EQ(trial.invoke("idles", 4), Outcome::warm);
}

std::string test_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string name;
  for (const char c : info.param) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) name += c;
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, PolicyContract, ::testing::ValuesIn(policies_on_trial()), test_name);

// --- parameters -------------------------------------------------------------------------------------------------------

TEST(PolicyParameters, RefuseTextThatIsNoValueByName) {
  for (const PolicyEntry& entry : all_policies()) {
    for (const ParameterSpec& parameter : entry.parameters) {
      const auto policy = make_policy(fmt::format("{}:{}=nonsense", entry.name, parameter.name), 1);
      ASSERT_FALSE(policy) << entry.name << " " << parameter.name;
      EXPECT_EQ(policy.error().kind, ErrorKind::bad_usage);
      EXPECT_NE(policy.error().what.find(parameter.name), std::string::npos) << policy.error().what;
      EXPECT_NE(policy.error().what.find(entry.name), std::string::npos) << policy.error().what;
    }
  }
}

TEST(PolicyParameters, RefuseNegativeValuesByName) {
  for (const PolicyEntry& entry : all_policies()) {
    for (const ParameterSpec& parameter : entry.parameters) {
      const auto policy = make_policy(fmt::format("{}:{}=-1", entry.name, parameter.name), 1);
      ASSERT_FALSE(policy) << entry.name << " " << parameter.name;
      EXPECT_NE(policy.error().what.find(parameter.name), std::string::npos) << policy.error().what;
    }
  }
}

TEST(PolicyParameters, AcceptTheirDefaults) {
  for (const PolicyEntry& entry : all_policies()) {
    for (const ParameterSpec& parameter : entry.parameters) {
      const auto policy =
          make_policy(fmt::format("{}:{}={}", entry.name, parameter.name, parameter.fallback), 1);
      EXPECT_TRUE(policy) << render(policy.error());
    }
  }
}

TEST(PolicyParameters, OfOneValueGoToTheUnnamedOne) {
  for (const PolicyEntry& entry : all_policies()) {
    if (entry.unnamed.empty()) continue;
    const auto policy = make_policy(fmt::format("{}:nonsense", entry.name), 1);
    ASSERT_FALSE(policy) << entry.name;
    EXPECT_NE(policy.error().what.find(entry.unnamed), std::string::npos) << policy.error().what;
  }
}

// --- names ------------------------------------------------------------------------------------------------------------

TEST(PolicyNames, CoverThoseOfThePredecessors) {
  for (const char* name :
       {"GD", "TTL", "LONG-TTL", "LRU", "LND", "FREQ", "SIZE", "RAND", "HIST", "LFU_CLASSIC",
        "CLOSEST_SIZE_LARGEST_KICK", "CLOSEST_SIZE_SMALLEST_KICK", "LFU_GROUP_CLOSEST",
        "LFU_GROUP_MAX_COLD_TIME", "LFU_GROUP_MAX_INIT_TIME", "LFUGROUP_MAXINITGROUP_CLOSEST",
        "LFUGROUP_MAXINITGROUP_LARGEST", "LFUGROUP_CLOSESTGROUP_MAXINIT", "DUAL_GREEDY_PRIORITY"}) {
    EXPECT_TRUE(find_policy(name)) << name;
  }
}

TEST(PolicyNames, AreTakenOnce) {
  for (const PolicyEntry& entry : all_policies()) {
    const auto found = find_policy(entry.name);
    ASSERT_TRUE(found);
    EXPECT_EQ((*found)->name, entry.name);
    for (const std::string_view alias : {entry.aliases}) {
      if (alias.empty() || alias.find(' ') != std::string_view::npos) continue;
      EXPECT_EQ((*find_policy(alias))->name, entry.name);
    }
  }
}

TEST(PolicyNames, ComeWithTheNearestWhenUnknown) {
  const auto policy = make_policy("siev", 1);
  ASSERT_FALSE(policy);
  EXPECT_EQ(policy.error().hint, "did you mean \"sieve\"?");
}

}  // namespace
}  // namespace thaw
