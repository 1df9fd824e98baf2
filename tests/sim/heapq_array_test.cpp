#include "sim/faascache/heapq_array.h"

#include <gtest/gtest.h>

#include <iterator>
#include <limits>
#include <vector>

#include "core/random.h"
#include "sim/faascache/finish_queue.h"
#include "sim/faascache/tie_scan.h"

namespace thaw::faascache {
namespace {

std::vector<HeapqArray::Id> ids_of(HeapqArray& heap) {
  std::vector<HeapqArray::Id> ids;
  heap.settle();
  for (std::size_t i = 0; i < heap.size(); ++i) ids.push_back(heap.id_at(i));
  return ids;
}

// Arrays of Python 3.11: items that compare by priority only, pushed in the order of their ids.

TEST(HeapqArray, HeapifyTurnsTiesOver) {
  HeapqArray heap;
  for (HeapqArray::Id id = 0; id < 3; ++id) heap.push(id, 7);
  EXPECT_EQ(ids_of(heap), (std::vector<HeapqArray::Id>{0, 1, 2}));
  heap.heapify();
  EXPECT_EQ(ids_of(heap), (std::vector<HeapqArray::Id>{2, 1, 0}));
  heap.heapify();
  EXPECT_EQ(ids_of(heap), (std::vector<HeapqArray::Id>{0, 1, 2}));
}

TEST(HeapqArray, TurnsAPathOfTiesOverBeforeItChanges) {
  HeapqArray heap;
  for (HeapqArray::Id id = 0; id < 7; ++id) heap.push(id, 7);
  heap.heapify();  // 6 4 2 3 1 5 0: the paths are 0 2 6 and 1 4
  heap.set_priority(2, 9);
  heap.heapify();
  EXPECT_EQ(ids_of(heap), (std::vector<HeapqArray::Id>{0, 1, 5, 3, 4, 6, 2}));
}

TEST(HeapqArray, HeapifyLeavesAHeapWithoutTiesAlone) {
  HeapqArray heap;
  for (HeapqArray::Id id = 0; id < 10; ++id) heap.push(id, id);
  const auto before = ids_of(heap);
  heap.heapify();
  EXPECT_EQ(ids_of(heap), before);
}

TEST(HeapqArray, OldestFirstLeavesTiesInTheOrderOfTheirPushes) {
  HeapqArray heap(Ties::oldest);
  for (HeapqArray::Id id = 0; id < 3; ++id) heap.push(id, 7);
  heap.heapify();
  EXPECT_EQ(heap.pop().id, 0U);
  EXPECT_EQ(heap.pop().id, 1U);
  EXPECT_EQ(heap.pop().id, 2U);
}

TEST(HeapqArray, EraseClosesTheGapWithoutRepair) {
  HeapqArray heap;
  for (HeapqArray::Id id = 0; id < 5; ++id) heap.push(id, 10.0 - id);
  const auto before = ids_of(heap);
  heap.erase(1);
  EXPECT_EQ(ids_of(heap), (std::vector<HeapqArray::Id>{before[0], before[2], before[3], before[4]}));
}

TEST(HeapqArray, PopsInOrderOfPriorityAfterManyChanges) {
  RandomStream random(1, "test.heapq");
  HeapqArray heap;
  for (HeapqArray::Id id = 0; id < 5000; ++id) heap.push(id, static_cast<double>(random.below(1000)));
  for (int round = 0; round < 2000; ++round) {
    heap.set_priority(static_cast<HeapqArray::Id>(random.below(heap.size())),
                      static_cast<double>(random.below(1000)));
    if (round % 7 == 0) heap.heapify();
  }
  heap.heapify();
  double last = -1;
  while (!heap.empty()) {
    const double next = heap.pop().priority();
    ASSERT_LE(last, next);
    last = next;
  }
}

TEST(HeapqArray, PopsAndPushesOfARowLeaveWhatSingleOnesLeave) {
  RandomStream random(3, "test.heapq");
  HeapqArray row, single;
  for (HeapqArray::Id id = 0; id < 700; ++id) {
    const auto priority = static_cast<double>(random.below(40));
    row.push(id, priority);
    single.push(id, priority);
  }
  for (int round = 0; round < 200; ++round) {
    row.heapify();
    single.heapify();
    std::vector<HeapqArray::Element> popped;
    row.settle();
    for (std::uint64_t i = random.below(60); i > 0; --i) {
      popped.push_back(row.pop_settled());
      ASSERT_EQ(popped.back().id, single.pop().id) << "round " << round;
    }
    for (const HeapqArray::Element& element : popped) {
      row.push_settled(element);
      single.push_back_in(element);
    }
    ASSERT_EQ(ids_of(row), ids_of(single)) << "round " << round;
  }
}

TEST(HeapqArray, KeysHaveTheOrderOfTheirPriorities) {
  const double priorities[] = {-1e300, -2.5, -1e-320, 0, 1e-320, 2.5, 1e300};
  for (std::size_t i = 0; i < std::size(priorities); ++i) {
    const HeapqArray::Key key = HeapqArray::key_of(priorities[i]);
    EXPECT_EQ(HeapqArray::priority_of(key), priorities[i]);
    EXPECT_TRUE(i == 0 || HeapqArray::key_of(priorities[i - 1]) < key);
  }
  EXPECT_EQ(HeapqArray::key_of(-0.0), HeapqArray::key_of(0.0));
}

TEST(TieScan, FindsTheChildrenThatEqualTheirParents) {
  RandomStream random(4, "test.ties");
  std::vector<std::int64_t> keys(2 * 40 + 65);
  for (std::int64_t& key : keys) key = static_cast<std::int64_t>(random.below(4)) << 40;
  for (const TieScan scan : tie_scans()) {
    for (std::size_t begin = 0; begin <= 40; ++begin) {
      const std::uint64_t ties = scan(keys.data(), begin);
      for (std::size_t c = 0; c < 64; ++c) {
        EXPECT_EQ((ties >> c & 1) != 0, keys[2 * begin + 1 + c] == keys[begin + c / 2]) << begin << ' ' << c;
      }
    }
  }
}

TEST(FinishQueue, GivesTheContainersInTheOrderOfTheirFinishes) {
  RandomStream random(5, "test.finishes");
  FinishQueue queue;
  std::vector<double> times;
  for (std::uint32_t i = 0; i < 500; ++i) {
    times.push_back(static_cast<double>(random.below(200)));
    queue.push(times.back(), i);
    if (i % 3 == 2) times[queue.pop()] = -1;
  }
  double last = -1;
  while (queue.size() > 0) {
    const double next = queue.next_finish_ms();
    EXPECT_EQ(times[queue.pop()], next);
    EXPECT_LE(last, next);
    last = next;
  }
  EXPECT_EQ(queue.next_finish_ms(), std::numeric_limits<double>::infinity());
}

TEST(OrderedBits, FindsNeighboursInBothDirections) {
  OrderedBits bits;
  bits.reserve(20000);
  for (const std::size_t i : {3, 64, 4095, 4096, 15000}) bits.put(i, true);
  EXPECT_EQ(bits.last_before(20000), 15000U);
  EXPECT_EQ(bits.last_before(15000), 4096U);
  EXPECT_EQ(bits.last_before(4096), 4095U);
  EXPECT_EQ(bits.last_before(64), 3U);
  EXPECT_EQ(bits.last_before(3), OrderedBits::none);
  EXPECT_EQ(bits.first_from(65), 4095U);
  EXPECT_EQ(bits.first_from(15001), OrderedBits::none);
}

TEST(OrderedBits, ForgetsWhatIsTakenOut) {
  OrderedBits bits;
  bits.reserve(20000);
  bits.put(15000, true);
  bits.put(15000, false);
  EXPECT_EQ(bits.last_before(20000), OrderedBits::none);
}

}  // namespace
}  // namespace thaw::faascache
