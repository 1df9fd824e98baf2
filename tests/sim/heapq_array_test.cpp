#include "sim/faascache/heapq_array.h"

#include <gtest/gtest.h>

#include <iterator>
#include <limits>
#include <vector>

#include "core/random.h"
#include "sim/faascache/finish_queue.h"
#include "sim/faascache/first_fit.h"
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

/// A heap of few distinct keys, infinity behind its end.
std::vector<std::int64_t> make_keys(RandomStream& random, std::size_t size, std::uint64_t distinct) {
  std::vector<std::int64_t> keys(2 * ((size + 63) / 64 * 64) + 129, std::numeric_limits<std::int64_t>::max());
  for (std::size_t i = 0; i < size; ++i) {
    const std::int64_t above = i == 0 ? -5 : keys[(i - 1) / 2] >> 40;
    keys[i] = (above + static_cast<std::int64_t>(random.below(distinct))) << 40;
  }
  return keys;
}

constexpr std::size_t heap_sizes[] = {0,   1,   2,   3,   4,   63,  64,  65,  127,
                                      128, 129, 130, 131, 192, 255, 256, 257, 700};

TEST(TieScan, FindsTheChildrenThatEqualTheirParents) {
  RandomStream random(4, "test.ties");
  for (const std::size_t size : heap_sizes) {
    const std::vector<std::int64_t> keys = make_keys(random, size, 2);
    const std::vector<std::uint8_t> turns(keys.size());
    const std::size_t words = size / 2 / 64 + 1;
    for (const TieScan scan : tie_scans()) {
      std::vector<TiedChildren> ties(words);
      std::vector<std::uint64_t> below(2 * words + 1);
      std::vector<std::uint32_t> heads(size / 2 + 16);
      scan({keys.data(), turns.data(), 1, 0, size / 2}, {ties.data(), below.data(), heads.data()});
      for (std::size_t i = 0; i < size / 2; ++i) {
        const bool is_right = 2 * i + 2 < size && keys[2 * i + 2] == keys[i];
        const bool is_left = !is_right && keys[2 * i + 1] == keys[i];
        EXPECT_EQ((ties[i / 64].right >> i % 64 & 1) != 0, is_right) << size << ' ' << i;
        EXPECT_EQ((ties[i / 64].left >> i % 64 & 1) != 0, is_left) << size << ' ' << i;
      }
    }
  }
}

TEST(TieScan, FindsTheHeadsOfThePathsThatHaveTheOtherTurn) {
  RandomStream random(6, "test.ties.heads");
  for (const std::size_t size : heap_sizes) {
    const std::vector<std::int64_t> keys = make_keys(random, size, 2);
    std::vector<std::uint8_t> turns(keys.size());
    for (std::uint8_t& turn : turns) turn = static_cast<std::uint8_t>(random.below(2));
    std::vector<bool> is_below(2 * size + 3);
    std::vector<std::uint32_t> wanted;
    for (std::uint32_t i = 0; i < size / 2; ++i) {
      const std::size_t child = 2 * i + 1 + static_cast<std::size_t>(keys[2 * i + 1] >= keys[2 * i + 2]);
      if (keys[child] != keys[i]) continue;
      is_below[child] = true;
      if (!is_below[i] && turns[i] != 1) wanted.push_back(i);
    }
    EXPECT_TRUE(size < 63 || wanted.size() > 3);
    const std::size_t words = size / 2 / 64 + 1;
    for (const TieScan scan : tie_scans()) {
      std::vector<TiedChildren> ties(words);
      // What an earlier scan has left must not matter.
      std::vector<std::uint64_t> below(2 * words + 1, ~std::uint64_t{0});
      std::vector<std::uint32_t> heads(size / 2 + 16);
      heads.resize(
          scan({keys.data(), turns.data(), 1, 0, size / 2}, {ties.data(), below.data(), heads.data()}));
      EXPECT_EQ(heads, wanted) << size;
    }
  }
}

TEST(TieScan, LeavesOutWhatComesBeforeTheFirst) {
  RandomStream random(11, "test.ties.first");
  const std::size_t size = 700, first = 128, words = size / 2 / 64 + 1;
  const std::vector<std::int64_t> keys = make_keys(random, size, 2);
  const std::vector<std::uint8_t> turns(keys.size());
  for (const TieScan scan : tie_scans()) {
    std::vector<TiedChildren> all(words), some(words);
    std::vector<std::uint64_t> below(2 * words + 1, ~std::uint64_t{0});
    std::vector<std::uint32_t> heads(size / 2 + 16);
    scan({keys.data(), turns.data(), 1, 0, size / 2}, {all.data(), below.data(), heads.data()});
    below.assign(below.size(), ~std::uint64_t{0});
    heads.resize(
        scan({keys.data(), turns.data(), 1, first, size / 2}, {some.data(), below.data(), heads.data()}));
    std::vector<std::uint32_t> wanted;
    for (std::uint32_t i = first; i < size / 2; ++i) {
      const TiedChildren& above = all[(i - 1) / 2 / 64];
      const bool is_below =
          (i - 1) / 2 >= first && ((i % 2 == 1 ? above.left : above.right) >> (i - 1) / 2 % 64 & 1) != 0;
      const bool is_tied = ((all[i / 64].left | all[i / 64].right) >> i % 64 & 1) != 0;
      if (is_tied && !is_below) wanted.push_back(i);
    }
    EXPECT_EQ(heads, wanted);
    EXPECT_EQ(some[0].left | some[0].right | some[1].left | some[1].right, 0U);
    EXPECT_EQ(some[2].left, all[2].left);
    EXPECT_EQ(some[2].right, all[2].right);
  }
}

TEST(BrokenScan, FindsTheParentsThatAreGreaterThanAChild) {
  RandomStream random(7, "test.broken");
  std::vector<std::int64_t> keys(2 * 40 + 129);
  for (std::int64_t& key : keys)
    key = (static_cast<std::int64_t>(random.below(6)) - 3) * (std::int64_t{1} << 40);
  for (const BrokenScan scan : broken_scans()) {
    for (std::size_t begin = 0; begin <= 40; ++begin) {
      const std::uint64_t broken = scan(keys.data(), begin);
      for (std::size_t i = 0; i < 64; ++i) {
        const std::size_t child = 2 * (begin + i) + 1;
        const bool is_broken = keys[begin + i] > keys[child] || keys[begin + i] > keys[child + 1];
        EXPECT_EQ((broken >> i & 1) != 0, is_broken) << begin << ' ' << i;
      }
    }
  }
}

TEST(GapClosing, LowersThePositionsBehindTheGap) {
  RandomStream random(8, "test.gaps");
  std::vector<std::uint32_t> before(112);
  for (std::uint32_t& position : before) position = static_cast<std::uint32_t>(random.below(20));
  before[5] = 0x7FFFFFFF;
  for (const GapClosing close : gap_closings()) {
    for (std::uint32_t gap = 0; gap < 20; ++gap) {
      std::vector<std::uint32_t> after = before;
      close(after.data(), 96, gap);
      for (std::size_t i = 0; i < before.size(); ++i) {
        EXPECT_EQ(after[i], before[i] - (i < 96 && before[i] > gap ? 1U : 0U)) << gap << ' ' << i;
      }
    }
  }
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

TEST(FirstFit, FindsTheFirstThatFits) {
  RandomStream random(10, "test.first_fit");
  for (const std::size_t count : {1, 2, 3, 8, 100}) {
    FirstFit waiting(count);
    std::vector<double> sizes(count, std::numeric_limits<double>::infinity());
    for (int round = 0; round < 2000; ++round) {
      const std::size_t changed = random.below(count);
      if (random.below(2) == 0) {
        waiting.put(changed, sizes[changed] = static_cast<double>(1 + random.below(50)));
      } else {
        waiting.take_out(changed);
        sizes[changed] = std::numeric_limits<double>::infinity();
      }
      const auto room = static_cast<double>(random.below(60));
      const std::size_t begin = random.below(count + 2);
      std::size_t wanted = begin;
      while (wanted < count && sizes[wanted] > room) ++wanted;
      if (wanted >= count) wanted = FirstFit::none;
      ASSERT_EQ(waiting.first_from(begin, [room](double size) { return size <= room; }), wanted);
      ASSERT_EQ(waiting.has(changed), sizes[changed] != std::numeric_limits<double>::infinity());
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
