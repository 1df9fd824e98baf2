#include "sim/faascache/heapq_array.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/random.h"

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
