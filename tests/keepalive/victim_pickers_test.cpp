#include "keepalive/victim_pickers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace thaw {
namespace {

using Places = std::vector<std::size_t>;

Places pick(std::string_view name, const VictimRequest& request, const std::vector<IdleContainer>& idle,
            std::uint64_t seed = 1) {
  const auto entry = find_victim_picker(name);
  EXPECT_TRUE(entry) << name;
  return entry ? (*entry)->make(seed)->pick(request, idle) : Places{};
}

/// Functions of 10, 20, … MB, used once each in this order.
std::vector<IdleContainer> row_of(std::size_t count) {
  std::vector<IdleContainer> idle(count);
  for (std::size_t i = 0; i < count; ++i) {
    idle[i] = {.function = static_cast<std::uint32_t>(i),
               .memory_mb = 10.0 * static_cast<double>(i + 1),
               .cold_ms = 1000,
               .warm_ms = 100,
               .uses = 1,
               .last_start_ms = 1000.0 * static_cast<double>(i),
               .last_use = i,
               .function_calls = 1};
  }
  return idle;
}

TEST(VictimPickers, EveryOneFreesEnoughWithoutNamingAContainerTwice) {
  const auto idle = row_of(70);
  for (const VictimPickerEntry& entry : victim_pickers()) {
    const Places victims = pick(entry.name, {.to_free_mb = 900, .now_ms = 1e9, .capacity_mb = 1000}, idle);
    double freed = 0;
    for (const std::size_t victim : victims) freed += idle.at(victim).memory_mb;
    EXPECT_GE(freed, 900) << entry.name;
    EXPECT_LT(freed - idle.at(victims.back()).memory_mb, 900) << entry.name;
    EXPECT_EQ(std::set<std::size_t>(victims.begin(), victims.end()).size(), victims.size()) << entry.name;
  }
}

TEST(VictimPickers, EveryOneGivesAllWhenThereIsNotEnough) {
  const auto idle = row_of(3);
  for (const VictimPickerEntry& entry : victim_pickers()) {
    EXPECT_EQ(pick(entry.name, {.to_free_mb = 900, .now_ms = 1e9, .capacity_mb = 1000}, idle).size(), 3U)
        << entry.name;
  }
}

TEST(VictimPickers, EveryOneGivesNothingFromNothing) {
  for (const VictimPickerEntry& entry : victim_pickers()) {
    EXPECT_TRUE(pick(entry.name, {.to_free_mb = 900}, {}).empty()) << entry.name;
  }
}

TEST(VictimPickers, NamesIgnoreCaseAndKindOfDash) {
  const auto entry = find_victim_picker("closest-size-largest-kick");
  ASSERT_TRUE(entry);
  EXPECT_EQ((*entry)->name, "CLOSEST_SIZE_LARGEST_KICK");
}

TEST(VictimPickers, UnknownNameSuggestsTheNearest) {
  const auto entry = find_victim_picker("lfu-clasic");
  ASSERT_FALSE(entry);
  EXPECT_NE(entry.error().hint.find("lfu_classic"), std::string::npos);
}

TEST(VictimPickers, LruTakesTheOldestUseWhateverThePool) {
  auto idle = row_of(3);
  idle[0].last_use = 9;
  EXPECT_EQ(pick("lru", {.to_free_mb = 21}, idle), (Places{1, 2}));
}

TEST(VictimPickers, LfuClassicBreaksTiesByTheNewest) {
  auto idle = row_of(4);
  idle[3].uses = 5;
  EXPECT_EQ(pick("lfu_classic", {.to_free_mb = 31}, idle), (Places{2, 1}));
}

TEST(VictimPickers, ClosestSizeTakesTheSmallestThatIsLargeEnough) {
  EXPECT_EQ(pick("closest_size_largest_kick", {.to_free_mb = 25}, row_of(5)), (Places{2}));
}

TEST(VictimPickers, ClosestSizeTakesTheLargestOrSmallestWhenNoneIsLargeEnough) {
  EXPECT_EQ(pick("closest_size_largest_kick", {.to_free_mb = 55}, row_of(5)), (Places{4, 0}));
  EXPECT_EQ(pick("closest_size_smallest_kick", {.to_free_mb = 55}, row_of(5)), (Places{0, 4}));
}

TEST(VictimPickers, LeastUsedGroupIsFourOfFew) {
  auto idle = row_of(6);
  idle[4].cold_ms = 9000;  // beyond the group
  idle[2].cold_ms = 5000;
  EXPECT_EQ(pick("lfu_group_max_cold_time", {.to_free_mb = 5}, idle), (Places{2}));
}

TEST(VictimPickers, LeastUsedGroupIsATenthOfMany) {
  auto idle = row_of(60);
  idle[5].cold_ms = 5000;  // the last of six
  idle[6].cold_ms = 9000;
  EXPECT_EQ(pick("lfu_group_max_cold_time", {.to_free_mb = 5}, idle), (Places{5}));
}

TEST(VictimPickers, DynamicTtlSparesWhatIsNotExpired) {
  // At 4000 MB containers live ten minutes.
  const auto idle = row_of(3);
  const Places victims =
      pick("dynamic_ttl", {.to_free_mb = 900, .now_ms = 600000 + 1500, .capacity_mb = 4000}, idle);
  EXPECT_EQ(victims, (Places{0, 1}));
}

TEST(VictimPickers, DuplicatesGoFirst) {
  auto idle = row_of(4);
  idle[3].function = 1;
  idle[0].function_calls = 0;
  EXPECT_EQ(pick("gd_duplicates", {.to_free_mb = 45}, idle), (Places{3, 0}));
}

TEST(VictimPickers, RandomRepeatsWithItsSeed) {
  const auto idle = row_of(30);
  EXPECT_EQ(pick("rand", {.to_free_mb = 500}, idle, 7), pick("rand", {.to_free_mb = 500}, idle, 7));
  EXPECT_NE(pick("rand", {.to_free_mb = 500}, idle, 7), pick("rand", {.to_free_mb = 500}, idle, 8));
}

}  // namespace
}  // namespace thaw
