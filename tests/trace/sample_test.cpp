#include "trace/sample.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "trace/wasserstein.h"

namespace thaw {
namespace {

using ::testing::SizeIs;

TEST(Wasserstein, IsTheShiftBetweenShiftedSamples) {
  EXPECT_DOUBLE_EQ(wasserstein_distance(std::vector<double>{1.0, 2, 3}, std::vector<double>{3.5, 4.5, 5.5}),
                   2.5);
}

TEST(Wasserstein, IsZeroForTheSameLaw) {
  EXPECT_DOUBLE_EQ(wasserstein_distance(std::vector<double>{1.0, 2}, std::vector<double>{2.0, 1, 1, 2}), 0);
}

TEST(Wasserstein, AgreesWithTheKnownAnswerForWeightedSamples) {
  // 2/3 of the mass at 0 and 1/3 at 3 against 1/2 at 0 and 1/2 at 1: |2/3 - 1/2| · 1 + |2/3 - 1| · 2.
  EXPECT_DOUBLE_EQ(wasserstein_distance(std::vector<double>{0.0, 0, 3}, std::vector<double>{0.0, 1}),
                   1.0 / 6 + 2.0 / 3);
}

TEST(Wasserstein, IsSymmetric) {
  const std::vector<double> a = {0, 4, 4, 7, 12.5};
  const std::vector<double> b = {1, 1, 9};
  EXPECT_DOUBLE_EQ(wasserstein_distance(a, b), wasserstein_distance(b, a));
}

TEST(SparseDistribution, CountsTheZerosItIsNotShown) {
  const SparseDistribution sparse(std::vector<double>{3.0}, 4);
  EXPECT_DOUBLE_EQ(sparse.distance_to(SparseDistribution({}, 1)), 0.75);
}

/// `size` functions with counts that grow with their number.
ArrivalCounts growing(std::size_t size, std::size_t columns) {
  ArrivalCounts trace;
  for (std::size_t i = 0; i < size; ++i) {
    trace.functions.push_back({.name = "f" + std::to_string(i), .memory_mb = 10, .warm_ms = 10});
    trace.counts.emplace_back(columns, static_cast<std::uint32_t>(i));
  }
  return trace;
}

TEST(SampleFunctions, NestsTheSmallerSamples) {
  const ArrivalCounts trace = growing(4, 3);
  const auto samples = sample_functions(trace, trace, {.least = 1, .step = 2, .most = 4}).value();
  ASSERT_THAT(samples, SizeIs(2));
  EXPECT_THAT(samples[0].functions, SizeIs(3));
  EXPECT_THAT(samples[1].functions, SizeIs(1));
  const std::set<FunctionIndex> unique(samples[0].functions.begin(), samples[0].functions.end());
  EXPECT_THAT(unique, SizeIs(3));
  EXPECT_TRUE(unique.contains(samples[1].functions[0]));
}

TEST(SampleFunctions, TakesTheCandidateNearestToTheOriginal) {
  const ArrivalCounts trace = growing(100, 2);
  const auto samples =
      sample_functions(trace, trace, {.least = 50, .step = 50, .most = 100, .trials = 200}).value();
  ASSERT_THAT(samples, SizeIs(1));
  // A random half of 0 … 99 is about 4 away in the mean.
  EXPECT_LT(samples[0].count_distance, 2);
  EXPECT_GT(samples[0].improvement, 1.5);
}

TEST(SampleFunctions, WeighsCountsByTimeAndMemory) {
  ArrivalCounts trace = growing(1, 2);
  trace.counts = {{1, 2}};
  const double resource = average_ms(trace.functions[0]) * average_mb(trace.functions[0]);
  EXPECT_DOUBLE_EQ(resource, 100);
  ArrivalCounts both = growing(2, 2);
  both.counts = {{1, 2}, {2, 1}};
  both.functions[1].warm_ms = both.functions[1].memory_mb = 20;
  const auto samples = sample_functions(both, both, {.least = 1, .step = 1, .most = 2}).value();
  // Counts: |{1} - {1, 2}| or |{2} - {1, 2}| is 1/2 in each column. Resources of the two in units of 1e-4: 1 and 8,
  // then 2 and 4; half their difference.
  EXPECT_DOUBLE_EQ(samples[0].count_distance, 0.5);
  EXPECT_NEAR(samples[0].resource_distance, (3.5e-4 + 1e-4) / 2, 1e-15);
}

TEST(SampleFunctions, FollowsTheSeed) {
  const ArrivalCounts trace = growing(500, 2);
  const auto chosen = [&](std::uint64_t seed) {
    return sample_functions(trace, trace, {.least = 20, .step = 20, .most = 60, .seed = seed})
        ->back()
        .functions;
  };
  EXPECT_EQ(chosen(1), chosen(1));
  EXPECT_NE(chosen(1), chosen(2));
}

TEST(SampleFunctions, RefusesMoreFunctionsThanThereAre) {
  const ArrivalCounts trace = growing(5, 2);
  const auto samples = sample_functions(trace, trace, {.least = 1, .step = 1, .most = 6});
  ASSERT_FALSE(samples.has_value());
  EXPECT_EQ(samples.error().kind, ErrorKind::bad_usage);
}

TEST(SampleFunctions, RefusesAnOriginalOfAnotherLength) {
  EXPECT_FALSE(
      sample_functions(growing(5, 2), growing(5, 3), {.least = 1, .step = 1, .most = 2}).has_value());
}

}  // namespace
}  // namespace thaw
