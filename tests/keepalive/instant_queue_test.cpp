#include "keepalive/instant_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "core/random.h"

namespace thaw {
namespace {

/// The same by a sorted list.
class SortedModel {
 public:
  void push(Instant at, std::uint32_t id) {
    const auto place = std::upper_bound(entries_.begin(), entries_.end(), at,
                                        [](Instant x, const auto& entry) { return x < entry.at; });
    entries_.insert(place, {at, id, 0});
  }
  std::optional<InstantQueue::Entry> pop(Instant now) {
    if (entries_.empty() || entries_.front().at > now) return std::nullopt;
    const InstantQueue::Entry first = entries_.front();
    entries_.erase(entries_.begin());
    return first;
  }
  [[nodiscard]] Instant first() const { return entries_.empty() ? forever : entries_.front().at; }

 private:
  std::vector<InstantQueue::Entry> entries_;
};

TEST(InstantQueue, IsEmptyAtFirst) {
  InstantQueue queue;
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.first(), forever);
  EXPECT_FALSE(queue.pop(forever).has_value());
}

TEST(InstantQueue, KeepsWhatIsNotDue) {
  InstantQueue queue;
  queue.push(Instant{100}, 1, 0);
  EXPECT_FALSE(queue.pop(Instant{99}).has_value());
  EXPECT_EQ(queue.pop(Instant{100})->id, 1U);
}

TEST(InstantQueue, GivesEqualInstantsInTheOrderOfInsertion) {
  InstantQueue queue;
  queue.push(Instant{1 << 20}, 1, 0);
  queue.push(Instant{5}, 9, 0);
  queue.push(Instant{1 << 20}, 2, 0);
  EXPECT_EQ(queue.pop(Instant{1 << 20})->id, 9U);
  queue.push(Instant{1 << 20}, 3, 0);
  for (const std::uint32_t id : {1U, 2U}) EXPECT_EQ(queue.pop(forever)->id, id);
  queue.push(Instant{1 << 20}, 4, 0);  // while that instant is being taken
  for (const std::uint32_t id : {3U, 4U}) EXPECT_EQ(queue.pop(forever)->id, id);
  EXPECT_TRUE(queue.empty());
}

TEST(InstantQueue, TakesThePastForTheLastInstantTaken) {
  InstantQueue queue;
  queue.push(Instant{1000}, 1, 0);
  queue.pop(Instant{1000});
  queue.push(Instant{3}, 2, 0);
  EXPECT_EQ(queue.pop(Instant{1000})->at, Instant{1000});
}

TEST(InstantQueue, HoldsInstantsOfAllMagnitudes) {
  InstantQueue queue;
  for (std::uint32_t bit = 0; bit < 62; ++bit)
    queue.push(Instant{std::int64_t{1} << (61 - bit)}, 61 - bit, 0);
  for (std::uint32_t bit = 0; bit < 62; ++bit) EXPECT_EQ(queue.pop(forever)->id, bit);
}

class InstantQueueModel : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(InstantQueueModel, AgreesWithASortedList) {
  RandomStream random(GetParam(), "tests.instant-queue");
  InstantQueue queue;
  SortedModel model;
  const std::uint64_t spread = std::uint64_t{1} << (2 + random.below(45));
  Instant now{};
  for (std::uint32_t step = 0; step < 3000; ++step) {
    if (random.below(2) == 0) {
      const Instant at = now + Instant{static_cast<std::int64_t>(random.below(spread))};
      queue.push(at, step, 0);
      model.push(at, step);
    } else {
      if (random.below(3) == 0) now += Instant{static_cast<std::int64_t>(random.below(spread))};
      const auto got = queue.pop(now), expected = model.pop(now);
      ASSERT_EQ(got.has_value(), expected.has_value());
      if (!got) continue;
      EXPECT_EQ(got->at, expected->at);
      EXPECT_EQ(got->id, expected->id);
    }
    EXPECT_EQ(queue.first(), model.first());
  }
}

// The instants put off last, whichever way they were: what is asked about an entry on its way changes nothing but it.
TEST_P(InstantQueueModel, GivesEverythingAtTheInstantToWhichItWasPutOff) {
  RandomStream random(GetParam(), "tests.instant-queue-refresh");
  InstantQueue queue;
  constexpr std::size_t count = 200;
  std::vector<Instant> due(count);
  std::vector<bool> is_void(count);
  for (std::uint32_t id = 0; id < count; ++id) {
    const Instant at{static_cast<std::int64_t>(random.below(1 << 20))};
    queue.push(at, id, 0);
    due[id] = at + Instant{random.below(2) == 0 ? 0 : static_cast<std::int64_t>(random.below(1 << 20))};
    is_void[id] = random.below(5) == 0;
  }
  std::vector<bool> is_seen(count);
  const auto refresh = [&](InstantQueue::Entry& entry) {
    entry.at = due[entry.id];
    return !is_void[entry.id];
  };
  Instant last{};
  while (auto entry = queue.pop(forever, refresh)) {
    EXPECT_GE(entry->at, last);
    last = entry->at;
    if (is_void[entry->id]) continue;  // met no refresh on its way
    if (entry->at < due[entry->id]) {
      queue.push(due[entry->id], entry->id, 0);
      continue;
    }
    EXPECT_EQ(entry->at, due[entry->id]);
    EXPECT_FALSE(is_seen[entry->id]);
    is_seen[entry->id] = true;
  }
  for (std::size_t id = 0; id < count; ++id) EXPECT_EQ(is_seen[id], !is_void[id]) << id;
}

INSTANTIATE_TEST_SUITE_P(Seeds, InstantQueueModel, ::testing::Range<std::uint64_t>(1, 41));

}  // namespace
}  // namespace thaw
