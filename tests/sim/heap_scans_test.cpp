#include "sim/faascache/heap_scans.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "core/random.h"

namespace thaw::faascache {
namespace {

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

}  // namespace
}  // namespace thaw::faascache
