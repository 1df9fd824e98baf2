#include "trace/ramp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace thaw {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

std::uint64_t sum(const std::vector<std::uint32_t>& row) {
  return std::accumulate(row.begin(), row.end(), std::uint64_t{0});
}

TEST(Ramp, ClimbsInSteps) {
  const ArrivalCounts trace =
      make_ramp({.functions = 2, .begin_per_s = 10, .step_per_s = 5, .target_per_s = 20, .slot_columns = 3})
          .value();
  EXPECT_EQ(sum(trace.counts[0]) + sum(trace.counts[1]), 16200U);
  for (const auto& row : trace.counts) {
    EXPECT_EQ(row.size(), 1440U);
    EXPECT_THAT(std::vector(row.begin(), row.begin() + 10),
                ElementsAre(600, 600, 600, 900, 900, 900, 1200, 1200, 1200, 0));
  }
}

TEST(Ramp, HasOneValueInAllPercentiles) {
  const ArrivalCounts trace = make_ramp({.execution_ms = 30, .memory_mb = 64}).value();
  EXPECT_EQ(trace.functions[0].duration->p1, 30);
  EXPECT_EQ(trace.functions[0].duration->count, 1);
  EXPECT_EQ(trace.functions[0].memory->p100, 64);
}

TEST(Ramp, RefusesToGoBeyondTheTrace) {
  const auto trace = make_ramp({.begin_per_s = 1, .step_per_s = 1, .target_per_s = 100, .columns = 50});
  EXPECT_EQ(trace.error().kind, ErrorKind::bad_usage);
}

TEST(Ramp, RefusesAStepOfZero) {
  EXPECT_FALSE(make_ramp({.begin_per_s = 1, .step_per_s = 0, .target_per_s = 2}).has_value());
}

TEST(Sweep, CallsTheFunctionsInTurn) {
  const ArrivalCounts trace = make_ramp({.shape = RampShape::sweep, .functions = 20, .columns = 20}).value();
  EXPECT_THAT(trace.counts[0], ElementsAre(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0));
  EXPECT_EQ(trace.counts[0], trace.counts[1]);
  EXPECT_EQ(trace.counts[19][9], 1U);
  EXPECT_EQ(trace.counts[19][19], 1U);
}

TEST(Burst, CallsAllFunctionsEveryThirdColumn) {
  const ArrivalCounts trace = make_ramp({.shape = RampShape::burst, .functions = 4, .columns = 6}).value();
  EXPECT_THAT(trace.counts, Each(ElementsAre(1, 0, 0, 1, 0, 0)));
}

TEST(ParseRampShape, SuggestsTheNearest) { EXPECT_FALSE(parse_ramp_shape("rampp").error().hint.empty()); }

}  // namespace
}  // namespace thaw
