#include "keepalive/victim_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "core/random.h"
#include "keepalive/ranked_policy.h"
#include "keepalive/recency_policy.h"
#include "scripted_policy.h"

namespace thaw {
namespace {

using testing::at_ms;
using ::testing::ElementsAre;
using testing::mb;

// --- RankHeap ---------------------------------------------------------------------------------------------------------

TEST(RankHeap, GivesTheLowestRankFirstAndEqualOnesByLastUse) {
  RandomStream random(3, "tests.rank-heap");
  RankHeap heap;
  std::vector<RankHeap::Entry> entries;
  for (std::uint32_t i = 0; i < 500; ++i) {
    entries.push_back({static_cast<double>(random.below(40)), random(), i});
    heap.push(entries.back());
  }
  std::sort(entries.begin(), entries.end());
  for (const RankHeap::Entry& expected : entries) EXPECT_EQ(heap.pop().container, expected.container);
  EXPECT_TRUE(heap.empty());
}

TEST(RankHeap, StaysAHeapWhenItsTopIsReplaced) {
  RandomStream random(4, "tests.rank-heap");
  RankHeap heap;
  std::vector<double> ranks;
  for (std::uint32_t i = 0; i < 100; ++i) {
    ranks.push_back(random.uniform());
    heap.push({ranks.back(), i, i});
  }
  for (std::uint32_t i = 0; i < 100; ++i) {
    const double higher = heap.top().rank + random.uniform();
    *std::min_element(ranks.begin(), ranks.end()) = higher;
    heap.replace_top({higher, 100 + i, i});
  }
  std::sort(ranks.begin(), ranks.end());
  for (const double rank : ranks) EXPECT_EQ(heap.pop().rank, rank);
}

TEST(RankHeap, KeepsWhatIsValid) {
  for (std::uint32_t size = 0; size < 40; ++size) {
    RankHeap heap;
    for (std::uint32_t i = 0; i < size; ++i) heap.push({static_cast<double>(i * 7 % 11), i, i});
    heap.keep_if([](const RankHeap::Entry& entry) { return entry.container % 3 != 0; });
    RankHeap::Entry last{-1, 0, 0};
    std::size_t left = heap.size();
    EXPECT_EQ(left, size - (size + 2) / 3);
    for (; left > 0; --left) {
      const RankHeap::Entry entry = heap.pop();
      EXPECT_TRUE(last < entry);
      last = entry;
    }
  }
}

// --- the orders, driven by a pool -------------------------------------------------------------------------------------

/// Ranks by whatever the test says next.
struct Told {
  double* next = nullptr;
  double rank(const Container&, const PoolFunction&, Instant) const { return *next; }
  void aged(double) {}
};

/// Every choice of victims is compared with a search through all containers.
class Checked final : public KeepAlivePolicy {
 public:
  explicit Checked(std::unique_ptr<KeepAlivePolicy> inner) : inner_(std::move(inner)) {}
  void attach(Pool& pool) override {
    KeepAlivePolicy::attach(pool);
    inner_->attach(pool);
  }
  Retention on_start(ContainerId id, bool is_cold, Instant now) override {
    return inner_->on_start(id, is_cold, now);
  }
  void on_idle(ContainerId id, Instant now) override { inner_->on_idle(id, now); }
  void on_removed(ContainerId id, Removal reason, Instant now) override {
    inner_->on_removed(id, reason, now);
  }
  bool choose_victims(Bytes to_free, FunctionId newcomer, Instant now,
                      std::vector<ContainerId>& victims) override {
    const auto expected = search(to_free, now);
    const bool is_enough = inner_->choose_victims(to_free, newcomer, now, victims);
    EXPECT_EQ(is_enough, expected.has_value());
    EXPECT_EQ(victims, expected.value_or(std::vector<ContainerId>{}));
    ++choices;
    return is_enough;
  }
  int choices = 0;

 private:
  std::optional<std::vector<ContainerId>> search(Bytes to_free, Instant now) {
    std::vector<ContainerId> idle;
    for (ContainerId id = 0; id < pool().slots(); ++id) {
      if (pool().container(id).exists && !pool().is_busy(id, now)) idle.push_back(id);
    }
    std::sort(idle.begin(), idle.end(), [this](ContainerId x, ContainerId y) {
      const Container& left = pool().container(x);
      const Container& right = pool().container(y);
      return left.priority != right.priority ? left.priority < right.priority
                                             : left.last_use < right.last_use;
    });
    Bytes freed{};
    for (std::size_t i = 0; i < idle.size(); ++i) {
      freed += pool().function(pool().container(idle[i]).function).memory;
      if (freed >= to_free)
        return std::vector<ContainerId>(idle.begin(), idle.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    }
    return std::nullopt;
  }
  std::unique_ptr<KeepAlivePolicy> inner_;
};

/// Some thousand starts, stops and ends at random. Gives the number of choices that were compared.
int drive(std::unique_ptr<KeepAlivePolicy> inner, double& next_rank, std::uint64_t seed) {
  RandomStream random(seed, "tests.victim-order");
  auto checked = std::make_unique<Checked>(std::move(inner));
  Checked& policy = *checked;
  Pool pool(mb(1000), std::move(checked));
  for (int f = 0; f < 12; ++f)
    pool.add_function(mb(50 + 50 * static_cast<std::int64_t>(random.below(6))), {}, {});
  std::vector<ContainerId> open;  // their ends are not known beforehand
  Instant now{};
  for (int i = 0; i < 3000; ++i) {
    now += at_ms(static_cast<std::int64_t>(random.below(5)));
    if (!open.empty() && random.below(3) == 0) {
      const std::size_t ended = random.below(open.size());
      pool.finished(open[ended], now);
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(ended));
    }
    if (pool.slots() > 0 && random.below(50) == 0) {
      const auto id = static_cast<ContainerId>(random.below(pool.slots()));
      std::erase(open, id);
      pool.stop(id, now);
    }
    next_rank = static_cast<double>(random.below(10));
    pool.advance(now);
    const Placement placement = pool.place(static_cast<FunctionId>(random.below(12)), now);
    if (placement.outcome == Outcome::dropped) continue;
    if (random.below(4) == 0) {
      open.push_back(placement.container);
    } else {
      pool.runs_until(placement.container, now + at_ms(static_cast<std::int64_t>(random.below(60))));
    }
  }
  return policy.choices;
}

class VictimOrder : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(VictimOrder, ByRecencyIsThatOfASearch) {
  double unused = 0;
  EXPECT_GT(drive(std::make_unique<RecencyPolicy>(forever), unused, GetParam()), 300);
}

TEST_P(VictimOrder, ByRecencyIsThatOfASearchWhenContainersExpire) {
  double unused = 0;
  EXPECT_GT(drive(std::make_unique<RecencyPolicy>(at_ms(40)), unused, GetParam()), 300);
}

TEST_P(VictimOrder, ByPriorityIsThatOfASearch) {
  double next = 0;
  EXPECT_GT(drive(std::make_unique<RankedPolicy<Told>>(Told{&next}), next, GetParam()), 300);
}

TEST_P(VictimOrder, ByPriorityIsThatOfASearchWhenContainersExpire) {
  double next = 0;
  EXPECT_GT(drive(std::make_unique<RankedPolicy<Told>>(Told{&next}, at_ms(40)), next, GetParam()), 300);
}

INSTANTIATE_TEST_SUITE_P(Seeds, VictimOrder, ::testing::Range<std::uint64_t>(1, 26));

TEST(RecencyOrder, TakesAndPutsBack) {
  testing::Server server(mb(1000), 4);
  RecencyOrder order;
  order.attach(*server.pool);
  std::vector<ContainerId> ids;
  for (FunctionId f = 0; f < 4; ++f) {
    ids.push_back(server.run(f, f, 1).container);
    order.use(ids.back());
  }
  const ContainerId first = order.take(at_ms(50)), second = order.take(at_ms(50));
  EXPECT_EQ(first, ids[0]);
  EXPECT_EQ(second, ids[1]);
  order.put_back(second);
  order.put_back(first);
  std::vector<ContainerId> rest;
  for (ContainerId id = order.take(at_ms(50)); id != no_container; id = order.take(at_ms(50)))
    rest.push_back(id);
  EXPECT_THAT(rest, ElementsAre(ids[0], ids[1], ids[2], ids[3]));
}

}  // namespace
}  // namespace thaw
