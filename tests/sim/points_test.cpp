#include "sim/points.h"

#include <gmock/gmock.h>

namespace thaw {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

TEST(Policies, AreSeparatedByCommas) {
  EXPECT_THAT(parse_policies(Model::clean, "lru, GD,long_ttl").value(), ElementsAre("lru", "gd", "long-ttl"));
}

TEST(Policies, KeepTheCommasOfTheirParameters) {
  EXPECT_THAT(parse_policies(Model::clean, "ttl:keep=20m,lru").value(), ElementsAre("ttl:keep=20m", "lru"));
}

TEST(Policies, AreNamedOnce) {
  EXPECT_THAT(parse_policies(Model::clean, "lru,gd,lru").value(), ElementsAre("lru", "gd"));
}

TEST(Policies, AllNamesEveryOneOfTheModel) {
  const auto policies = parse_policies(Model::course, "all").value();
  EXPECT_EQ(policies, policy_names(Model::course));
  EXPECT_THAT(policies, Contains("CLOSEST_SIZE_LARGEST_KICK"));
}

TEST(Policies, SuggestTheNearestName) {
  const auto policies = parse_policies(Model::clean, "lru,gdx");
  ASSERT_FALSE(policies);
  EXPECT_EQ(policies.error().kind, ErrorKind::bad_usage);
  EXPECT_EQ(policies.error().hint, "did you mean \"gd\"?");
}

TEST(Policies, TellWhichModelHasThem) {
  const auto policies = parse_policies(Model::clean, "hist-faascache");

  ASSERT_FALSE(policies);
  EXPECT_EQ(policies.error().hint, "the model faascache has it: --model faascache");
}

TEST(Policies, CannotBeNone) {
  EXPECT_EQ(parse_policies(Model::clean, "").error().kind, ErrorKind::bad_usage);
}

TEST(MemorySizes, OfARangeIncludeItsEndWhenHit) {
  EXPECT_THAT(parse_memory_sizes("1GB:4GB:1500MB").value(), ElementsAre(1000, 2500, 4000));
  EXPECT_THAT(parse_memory_sizes("1GB:4GB:2GB").value(), ElementsAre(1000, 3000));
}

TEST(MemorySizes, OfARangeHaveNoRoundingErrorsInTheirNumber) {
  EXPECT_EQ(parse_memory_sizes("0.1:1:0.1").value().size(), 10U);
}

TEST(MemorySizes, WithoutUnitAreMegabytes) {
  EXPECT_THAT(parse_memory_sizes("1000,2GB,1GiB").value(), ElementsAre(1000, 2000, 1073.741824));
}

TEST(MemorySizes, MayBeUnlimited) {
  EXPECT_THAT(parse_memory_sizes("inf").value(), ElementsAre(unlimited_memory_mb));
}

TEST(MemorySizes, MustBeAboveZero) {
  for (const char* text : {"0", "-1", "", "x", "nan", "1GB:2GB", "2GB:1GB:1GB", "1:2:0"}) {
    const auto sizes = parse_memory_sizes(text);
    ASSERT_FALSE(sizes) << text;
    EXPECT_EQ(sizes.error().kind, ErrorKind::bad_usage) << text;
  }
}

TEST(Seeds, AreListsAndRanges) {
  EXPECT_THAT(parse_seeds("1,2,5-8,2").value(), ElementsAre(1, 2, 5, 6, 7, 8));
}

TEST(Seeds, AreRefusedWhenTheyAreNoNumbers) {
  for (const char* text : {"", "x", "-1", "3-1", "1.5"}) EXPECT_FALSE(parse_seeds(text)) << text;
}

TEST(Points, AreAllCombinationsWithTheSeedInnermost) {
  const auto points = span_points({.traces = {"a", "b"},
                                   .functions = {0, 5},
                                   .policies = {"lru", "gd"},
                                   .memory_mb = {1, 2, 3},
                                   .seeds = {1, 2}});
  ASSERT_EQ(points.size(), 48U);
  EXPECT_EQ(points[1].point.seed, 2U);
  EXPECT_EQ(points[2].point.memory_mb, 2);
  EXPECT_EQ(points[6].point.policy, "gd");
  EXPECT_EQ(points[12].functions, 5U);
  EXPECT_EQ(points[24].trace, "b");
}

}  // namespace
}  // namespace thaw
