#include "keepalive/running_containers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "core/random.h"

namespace thaw {
namespace {

/// Containers that start one after the other and end when they are told to.
struct Starts {
  std::vector<Container> containers;
  RunningContainers running;

  ContainerId start(std::int64_t end_ns) {
    const auto id = static_cast<ContainerId>(containers.size());
    containers.emplace_back();
    containers.back().busy_until = Instant{end_ns};
    containers.back().last_use = id + 1;
    running.push(containers, id);
    return id;
  }
  std::vector<ContainerId> pop_all() {
    std::vector<ContainerId> ids;
    while (!running.empty()) ids.push_back(running.pop(containers));
    return ids;
  }
};

using Ids = std::vector<ContainerId>;

TEST(RunningContainers, HasNoFirstWhenNothingRuns) { EXPECT_EQ(RunningContainers().first(), no_container); }

TEST(RunningContainers, PopsTheFirstToFinish) {
  Starts starts;
  for (const int end : {30, 10, 20, 40, 15, 12, 11}) starts.start(end);
  EXPECT_EQ(starts.pop_all(), (Ids{1, 6, 5, 4, 2, 0, 3}));
}

TEST(RunningContainers, PopsEqualEndsInTheOrderOfTheStarts) {
  Starts starts;
  for (const int end : {20, 10, 20, 10, 20}) starts.start(end);
  EXPECT_EQ(starts.pop_all(), (Ids{1, 3, 0, 2, 4}));
}

TEST(RunningContainers, AreTheSortedOnesAfterAnyPushesAndPops) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    RandomStream random(seed, "test.running");
    Starts starts;
    Ids expected;
    // From executions that take equally long, cold or warm, to those of any length.
    const std::uint64_t spread = seed % 3 == 0 ? 1 : seed % 3 == 1 ? 5 : 200;
    const auto finishes_first = [&](ContainerId a, ContainerId b) {
      const Container &left = starts.containers[a], &right = starts.containers[b];
      return left.busy_until != right.busy_until ? left.busy_until < right.busy_until
                                                 : left.last_use < right.last_use;
    };
    for (int now = 0; now < 2000; ++now) {
      const bool is_cold = random.below(5) == 0;
      const auto length = static_cast<int>(random.below(spread)) + (is_cold ? 90 : 50);
      if (random.below(3) > 0) expected.push_back(starts.start(now + length));
      std::sort(expected.begin(), expected.end(), finishes_first);
      if (expected.empty() || random.below(2) == 0) continue;
      ASSERT_EQ(starts.running.first(), expected.front()) << "seed " << seed << " at " << now;
      ASSERT_EQ(starts.running.pop(starts.containers), expected.front()) << "seed " << seed << " at " << now;
      expected.erase(expected.begin());
    }
    EXPECT_EQ(starts.pop_all(), expected) << "seed " << seed;
  }
}

}  // namespace
}  // namespace thaw
