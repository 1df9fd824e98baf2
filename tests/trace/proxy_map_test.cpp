#include "trace/proxy_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace thaw {
namespace {

using ::testing::HasSubstr;

/// Medians of measured benchmarks.
const std::vector<ProxyProfile> profiles = {
    {"video-processing-python-10", 118.07, 148.98}, {"far", 27378, 150}, {"tiny", 1, 10}};

TEST(ChooseProxy, TakesTheNearestByTheLogarithms) {
  const ProxyChoice choice = choose_proxy(100, 123, profiles);
  EXPECT_EQ(choice.name, "video-processing-python-10");
  EXPECT_NEAR(choice.distance, 0.25359, 2e-5);
  EXPECT_NEAR(choose_proxy(125, 113, profiles).distance, 0.28225, 2e-5);
}

TEST(ChooseProxy, TakesTheStandardOneWhenTheDurationIsTooFar) {
  const ProxyChoice choice = choose_proxy(93192, 144, profiles);
  EXPECT_EQ(choice.name, "trace-func-go");
  EXPECT_EQ(choice.profile, nullptr);
}

TEST(ChooseProxy, AcceptsAnErrorOfExactlyFortyPercent) {
  EXPECT_EQ(choose_proxy(10, 10, std::vector<ProxyProfile>{{"slow", 14, 10}}).name, "slow");
  EXPECT_EQ(choose_proxy(10, 10, std::vector<ProxyProfile>{{"slow", 14.001, 10}}).name, "trace-func-go");
}

TEST(ChooseProxy, TakesTheStandardOneWithoutProfiles) {
  EXPECT_EQ(choose_proxy(10, 10, {}).name, standard_proxy);
}

TEST(ChooseProxy, TakesAHundredthForZero) {
  EXPECT_EQ(choose_proxy(0, 10, std::vector<ProxyProfile>{{"empty", 0.01, 10}}).distance, 0);
}

TEST(ProxyMap, DividesErrorsByAllFunctions) {
  std::vector<TraceFunction> functions(2);
  functions[0].warm_ms = 100;
  functions[0].memory_mb = 123;
  functions[1].warm_ms = 1e6;
  functions[1].memory_mb = 1;
  const ProxyMap map = map_proxies(functions, profiles);
  EXPECT_NEAR(map.absolute_duration_error_ms, 18.07 / 2, 1e-9);
  EXPECT_NEAR(map.relative_memory_error, (148.98 - 123) / 123 / 2, 1e-12);
}

TEST(ProxyMap, IsKeyedByAllThreeHashes) {
  std::vector<TraceFunction> functions(1);
  functions[0].name = "F";
  functions[0].owner = "O";
  functions[0].app = "A";
  EXPECT_EQ(render_proxy_map(functions, map_proxies(functions, {})),
            "{\n \"FOA\": {\n  \"proxy-function\": \"trace-func-go\"\n }\n}\n");
}

TEST(ParseProfiles, ReadsTheMedians) {
  const auto parsed = parse_profiles(
      R"({"a": {"name": "a", "yaml": "a.yaml", "cpu": {}, "memory": {"50-percentile": 2.5},
          "duration": {"0-percentile": 1, "50-percentile": 7}}})",
      "profile.json");
  ASSERT_TRUE(parsed.has_value());
  ASSERT_EQ(parsed->size(), 1U);
  EXPECT_EQ(parsed->front().memory_mb, 2.5);
  EXPECT_EQ(parsed->front().duration_ms, 7);
}

TEST(ParseProfiles, NamesTheEntryThatLacksAMedian) {
  const auto parsed = parse_profiles(R"({"a": {"duration": {"50-percentile": 7}}})", "profile.json");
  ASSERT_FALSE(parsed.has_value());
  EXPECT_THAT(parsed.error().what, HasSubstr("\"a\" has no memory"));
}

TEST(ParseProfiles, RefusesWhatIsNoObject) {
  EXPECT_FALSE(parse_profiles("[1, 2", "profile.json").has_value());
}

}  // namespace
}  // namespace thaw
