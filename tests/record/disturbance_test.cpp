#include "record/disturbance.h"

#include <gmock/gmock.h>

#include "record/fact_tree.h"

namespace thaw {
namespace {

const SystemAnswers ticks{.ticks_per_second = 100};

TEST(Disturbance, ReadsTheCountersOfAMachine) {
  const Disturbance now = read_disturbance(LocalFacts(workstation(), ticks));

  EXPECT_DOUBLE_EQ(*now.steal_s, 0.70);
  EXPECT_DOUBLE_EQ(*now.busy_s, 16.0);  // 1000 + 200 + 300 + 10 + 20 + 70 ticks
  EXPECT_EQ(now.thermal_throttles, 1 + 2 + 3 + 4);
  EXPECT_DOUBLE_EQ(*now.quota_throttled_s, 1.5);
  EXPECT_DOUBLE_EQ(*now.cpu_waiting_s, 2.5);
  EXPECT_EQ(now.out_of_memory_kills, 3);
  EXPECT_DOUBLE_EQ(*now.package_energy_j, 1000.0);
}

TEST(Disturbance, IsMissingWhereNothingCanBeRead) {
  const FactTree empty;

  const auto json = to_json(disturbance_fields(), read_disturbance(empty.facts(ticks)));
  for (const auto& value : json) EXPECT_TRUE(value.is_null());
}

TEST(Disturbance, IsTheGrowthBetweenTwoReadings) {
  const Disturbance before{.steal_s = 1.0, .thermal_throttles = 4};
  const Disturbance after{.steal_s = 1.25, .thermal_throttles = 4};

  const Disturbance growth = after - before;

  EXPECT_EQ(growth.steal_s, 0.25);
  EXPECT_EQ(growth.thermal_throttles, 0);
  EXPECT_EQ(growth.busy_s, std::nullopt);
}

TEST(Disturbance, IsMissingWhenACounterStartedAgain) {
  const Disturbance before{.package_energy_j = 262000.0};
  const Disturbance after{.package_energy_j = 12.0};

  EXPECT_EQ((after - before).package_energy_j, std::nullopt);
}

TEST(Disturbance, ReadsThrottledTimeOfOldControlGroupsInNanoseconds) {
  FactTree tree;
  tree.with("/proc/self/cgroup", "4:cpu,cpuacct:/")
      .with("/sys/fs/cgroup/cpu,cpuacct/cpu.stat", "nr_periods 5\nnr_throttled 1\nthrottled_time 250000000");

  EXPECT_EQ(read_disturbance(tree.facts()).quota_throttled_s, 0.25);
}

}  // namespace
}  // namespace thaw
