// What the simulator of FaasCache keeps its containers and functions in, beside the heap.

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "core/random.h"
#include "sim/faascache/finish_queue.h"
#include "sim/faascache/first_fit.h"
#include "sim/faascache/ordered_bits.h"

namespace thaw::faascache {
namespace {

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
