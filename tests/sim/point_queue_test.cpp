#include "sim/point_queue.h"

#include <gmock/gmock.h>

#include <numeric>

namespace thaw {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// Two traces, so many points of each.
SweepConfiguration two_traces(std::size_t points) {
  SweepConfiguration configuration;
  configuration.axes.traces = {"a", "b"};
  configuration.axes.policies = {"lru"};
  configuration.axes.memory_mb.resize(points);
  std::iota(configuration.axes.memory_mb.begin(), configuration.axes.memory_mb.end(), 1.0);
  return configuration;
}

std::vector<std::uint64_t> all(std::size_t points) {
  std::vector<std::uint64_t> numbers(points);
  std::iota(numbers.begin(), numbers.end(), std::uint64_t{0});
  return numbers;
}

TEST(PointQueue, HandsOutEveryPointOnce) {
  PointQueue queue(two_traces(3), all(6), 2, 32);
  PointQueue::Place one, two;
  std::vector<std::uint64_t> seen;
  for (int i = 0; i < 3; ++i) {
    for (PointQueue::Place* place : {&one, &two}) {
      for (const std::uint64_t point : queue.next(*place, BatchSize::guided)) seen.push_back(point);
    }
  }
  EXPECT_THAT(seen, ::testing::UnorderedElementsAreArray(all(6)));
  EXPECT_THAT(queue.next(one, BatchSize::share), IsEmpty());
}

TEST(PointQueue, GivesOnePointOfANewTrace) {
  PointQueue queue(two_traces(10), all(20), 1, 32);
  PointQueue::Place place;
  EXPECT_THAT(queue.next(place, BatchSize::share), ElementsAre(0));
}

TEST(PointQueue, FillsUpTheShareOfAStreamedTrace) {
  PointQueue queue(two_traces(10), all(20), 2, 32);
  PointQueue::Place place;
  queue.next(place, BatchSize::one);
  EXPECT_THAT(queue.fill_up(place), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(queue.next(place, BatchSize::share), SizeIs(5));
}

TEST(PointQueue, LimitsWhatSharesAPass) {
  PointQueue queue(two_traces(10), all(20), 1, 4);
  PointQueue::Place place;
  queue.next(place, BatchSize::one);
  EXPECT_THAT(queue.fill_up(place), SizeIs(3));
  EXPECT_THAT(queue.next(place, BatchSize::share), SizeIs(4));
}

TEST(PointQueue, GivesGuidedBatchesThatBecomeSmaller) {
  PointQueue queue(two_traces(81), all(81), 2, 32);
  PointQueue::Place place;
  queue.next(place, BatchSize::guided);
  EXPECT_THAT(queue.next(place, BatchSize::guided), SizeIs(10));
  EXPECT_THAT(queue.next(place, BatchSize::guided), SizeIs(8));
}

TEST(PointQueue, LeavesATraceOnlyWhenItIsDone) {
  PointQueue queue(two_traces(2), all(4), 2, 32);
  PointQueue::Place one, two;
  EXPECT_THAT(queue.next(one, BatchSize::one), ElementsAre(0));
  EXPECT_THAT(queue.next(two, BatchSize::one), ElementsAre(1));
  EXPECT_THAT(queue.next(one, BatchSize::one), ElementsAre(2));
}

}  // namespace
}  // namespace thaw
