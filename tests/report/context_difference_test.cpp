#include "report/context_difference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace thaw {
namespace {

/// The keys that differ.
std::vector<std::string> differing(const Context& a, const Context& b) {
  std::vector<std::string> keys;
  for (const ContextDifference& difference : context_differences(a, b)) keys.push_back(difference.key);
  return keys;
}

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ContextDifference, NamesAChangedText) {
  const auto differences =
      context_differences({{"system.cpu.model_name", "A"}}, {{"system.cpu.model_name", "B"}});

  ASSERT_EQ(differences.size(), 1U);
  EXPECT_EQ(differences[0].key, "system.cpu.model_name");
  EXPECT_EQ(differences[0].baseline, "A");
  EXPECT_EQ(differences[0].candidate, "B");
}

TEST(ContextDifference, WritesAMissingFactAsNotAvailable) {
  const auto differences = context_differences({{"runtime.args", "1"}}, {{"runtime.mpl", "1"}});

  ASSERT_EQ(differences.size(), 2U);
  EXPECT_EQ(differences[0].candidate, "N/A");
  EXPECT_EQ(differences[1].baseline, "N/A");
}

TEST(ContextDifference, PassesOverTimestampsAndIdentifiers) {
  EXPECT_THAT(
      differing(
          {{"invariant.launch_id", "a"}, {"runtime.build_timestamp", "1"}, {"system.system.date", "x"}},
          {{"invariant.launch_id", "b"}, {"runtime.build_timestamp", "2"}, {"system.system.date", "y"}}),
      IsEmpty());
}

TEST(ContextDifference, PassesOverBookkeepingOptions) {
  EXPECT_THAT(differing({{"runtime.repeater_options.CR.max", "10"}, {"runtime.directory", "a"}},
                        {{"runtime.repeater_options.CR.max", "99"}, {"runtime.directory", "b"}}),
              IsEmpty());
}

TEST(ContextDifference, KeepsAnInvariantCalledLikeABookkeepingOption) {
  EXPECT_THAT(differing({{"invariant.mode", "a"}}, {{"invariant.mode", "b"}}), ElementsAre("invariant.mode"));
}

TEST(ContextDifference, ToleratesFivePercentOfANumber) {
  EXPECT_THAT(differing({{"system.cpu.scaling_cur_freq_khz", "2000000"}},
                        {{"system.cpu.scaling_cur_freq_khz", "2100000"}}),
              IsEmpty());
}

TEST(ContextDifference, NamesANumberMoreThanFivePercentApart) {
  EXPECT_THAT(differing({{"system.cpu.scaling_cur_freq_khz", "2000000"}},
                        {{"system.cpu.scaling_cur_freq_khz", "2100001"}}),
              ElementsAre("system.cpu.scaling_cur_freq_khz"));
}

TEST(ContextDifference, NamesMemoryMoreThanOnePercentApart) {
  EXPECT_THAT(
      differing({{"system.memory.free_memory_kb", "1000000"}, {"system.memory.total_memory_kb", "1000000"}},
                {{"system.memory.free_memory_kb", "1010001"}, {"system.memory.total_memory_kb", "1009999"}}),
      ElementsAre("system.memory.free_memory_kb"));
}

TEST(ContextDifference, ScalesLoadByTheProcessors) {
  EXPECT_THAT(differing({{"system.cpu.processor_count", "4"}, {"system.load_average.one_minute", "0.1"}},
                        {{"system.cpu.processor_count", "4"}, {"system.load_average.one_minute", "0.49"}}),
              IsEmpty());
  EXPECT_THAT(differing({{"system.cpu.processor_count", "4"}, {"system.load_average.one_minute", "0.1"}},
                        {{"system.cpu.processor_count", "4"}, {"system.load_average.one_minute", "0.51"}}),
              ElementsAre("system.load_average.one_minute"));
}

TEST(ContextDifference, AssumesEightProcessorsForTheLoad) {
  EXPECT_THAT(
      differing({{"system.load_average.one_minute", "0"}}, {{"system.load_average.one_minute", "0.79"}}),
      IsEmpty());
}

TEST(ContextDifference, PassesOverTemperatures) {
  EXPECT_THAT(differing({{"system.cpu.cpu_temperature_celsius", "40"}, {"system.cpu.fan_speed_rpm", "900"}},
                        {{"system.cpu.cpu_temperature_celsius", "80"}, {"system.cpu.fan_speed_rpm", "4000"}}),
              IsEmpty());
}

TEST(ContextDifference, ComparesVersionsByTheirFirstTwoParts) {
  EXPECT_THAT(differing({{"system.kernel.version", "6.1.0-13-amd64"}}, {{"system.kernel.version", "6.1.99"}}),
              IsEmpty());
  EXPECT_THAT(differing({{"system.kernel.version", "6.1.0"}}, {{"system.kernel.version", "6.10.0"}}),
              ElementsAre("system.kernel.version"));
}

TEST(ContextDifference, IgnoresTinyDistances) {
  EXPECT_THAT(differing({{"system.x", "0"}}, {{"system.x", "0.0009"}}), IsEmpty());
}

TEST(ContextDifference, PassesOverASectionThatOneSideLacks) {
  EXPECT_THAT(differing({{"system.cpu.vendor", "A"}, {"runtime.args", "1"}}, {{"runtime.args", "1"}}),
              IsEmpty());
}

}  // namespace
}  // namespace thaw
