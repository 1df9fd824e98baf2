#include <gtest/gtest.h>

#include "sim/course/course_simulation.h"
#include "sim/known_cases.h"

namespace thaw {
namespace {

SimulationOutcome replay(const known::Row& row, std::uint64_t seed = 1) {
  const Trace& trace = known::trace_of(row.at("case"));
  const SimulationPoint point{
      .policy = row.at("policy"), .memory_mb = known::number(row, "memory_mb"), .seed = seed};
  auto outcome = simulate_course(point, trace.functions, *source_of(trace));
  if (!outcome) ADD_FAILURE() << known::label(row) << render(outcome.error());
  return outcome.value_or(SimulationOutcome{});
}

TEST(CourseModel, CountsEqualTheCourseSimulator) {
  const auto rows = known::read_rows(known::fixtures() / "keepalive" / "expected_course.csv");
  for (const known::Row& row : rows) known::expect_counts(row, replay(row));
  EXPECT_EQ(rows.size(), 286U);
}

TEST(CourseModel, RandomEvictionOverTenSeedsOverlapsTheRangeOfTheCourseSimulator) {
  const auto rows = known::read_rows(known::fixtures() / "keepalive" / "expected_course_rand_ranges.csv");
  for (const known::Row& row : rows) {
    std::uint64_t lowest = ~std::uint64_t{0}, highest = 0;
    double cold = 0, dropped = 0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      const SimulationOutcome outcome = replay(row, seed);
      lowest = std::min(lowest, outcome.cold);
      highest = std::max(highest, outcome.cold);
      cold += static_cast<double>(outcome.cold) / 10;
      dropped += static_cast<double>(outcome.dropped) / 10;
    }
    EXPECT_LE(lowest, known::whole(row, "cold_max")) << known::label(row);
    EXPECT_GE(highest, known::whole(row, "cold_min")) << known::label(row);
    // Means of ten runs of either; the ranges are about three standard deviations wide.
    const double spread = known::number(row, "cold_max") - known::number(row, "cold_min");
    EXPECT_NEAR(cold, known::number(row, "cold_mean"), 1 + spread) << known::label(row);
    const double drops = known::number(row, "dropped_max") - known::number(row, "dropped_min");
    EXPECT_NEAR(dropped, known::number(row, "dropped_mean"), 1 + drops) << known::label(row);
  }
  EXPECT_EQ(rows.size(), 26U);
}

}  // namespace
}  // namespace thaw
