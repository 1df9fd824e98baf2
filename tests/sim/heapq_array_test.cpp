#include "sim/faascache/heapq_array.h"

#include <gtest/gtest.h>

#include <iterator>
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

TEST(HeapqArray, OldestFirstKeepsItsOrderAfterErasures) {
  RandomStream random(12, "test.heapq.oldest");
  HeapqArray heap(Ties::oldest);
  std::vector<double> priorities;
  for (HeapqArray::Id id = 0; id < 400; ++id) {
    priorities.push_back(static_cast<double>(random.below(10)));
    heap.push(id, priorities.back());
  }
  for (HeapqArray::Id id = 0; id < 400; id += 3) {
    heap.erase(heap.position_of(id));
    heap.heapify();
  }
  HeapqArray::Element last = heap.pop();
  while (!heap.empty()) {
    const HeapqArray::Element next = heap.pop();
    EXPECT_NE(next.id % 3, 0U);
    EXPECT_EQ(next.priority(), priorities[next.id]);
    EXPECT_TRUE(last.key < next.key || (last.key == next.key && last.id < next.id));
    last = next;
  }
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

// list.remove, and heapify as heapq has it, on a plain list.
TEST(HeapqArray, ErasesLikeAPlainList) {
  struct Plain {
    double priority;
    HeapqArray::Id id;
  };
  const auto sift_up = [](std::vector<Plain>& list, std::size_t hole) {
    const std::size_t start = hole;
    const Plain moved = list[hole];
    for (std::size_t child; (child = 2 * hole + 1) < list.size(); hole = child) {
      if (child + 1 < list.size() && !(list[child].priority < list[child + 1].priority)) ++child;
      list[hole] = list[child];
    }
    for (; hole > start && moved.priority < list[(hole - 1) / 2].priority; hole = (hole - 1) / 2) {
      list[hole] = list[(hole - 1) / 2];
    }
    list[hole] = moved;
  };
  RandomStream random(9, "test.heapq.erase");
  for (const std::size_t size : {1, 2, 3, 7, 64, 65, 130, 300}) {
    HeapqArray heap;
    std::vector<Plain> plain;
    for (HeapqArray::Id id = 0; id < size; ++id) {
      // Rising priorities need no moves.
      heap.push(id, id / 3);
      plain.push_back({static_cast<double>(id / 3), id});
    }
    while (!heap.empty()) {
      const std::size_t position = random.below(heap.size());
      const HeapqArray::Id id = plain[position].id;
      ASSERT_EQ(heap.position_of(id), position);
      heap.erase(heap.position_of(id));
      plain.erase(plain.begin() + static_cast<std::ptrdiff_t>(position));
      heap.heapify();
      for (std::size_t i = plain.size() / 2; i-- > 0;) sift_up(plain, i);
      if (!plain.empty() && random.below(2) == 0) {
        const std::size_t changed = random.below(plain.size());
        plain[changed].priority = static_cast<double>(random.below(size));
        heap.set_priority(plain[changed].id, plain[changed].priority);
        heap.heapify();
        for (std::size_t i = plain.size() / 2; i-- > 0;) sift_up(plain, i);
      }
      for (std::size_t i = 0; i < plain.size(); ++i) {
        ASSERT_EQ(heap.position_of(plain[i].id), i) << size;
        ASSERT_EQ(heap.priority_at(i), plain[i].priority) << size;
      }
    }
  }
}

}  // namespace
}  // namespace thaw::faascache
