#include "load/wake_delay.h"

#include <gtest/gtest.h>

#include "core/random.h"

namespace thaw {
namespace {

TEST(WakeDelay, FindsTheMedianOfTheDelays) {
  WakeDelay delay;
  RandomStream random(1, "wake");
  // Uniform between 10 and 30 µs.
  for (int i = 0; i < 10'000; ++i) delay.add(10'000 + static_cast<std::int64_t>(20'000 * random.uniform()));

  EXPECT_NEAR(static_cast<double>(delay.typical_ns()), 20'000, 3'000);
}

TEST(WakeDelay, IsHardlyMovedByALongDelay) {
  WakeDelay delay;
  for (int i = 0; i < 1000; ++i) delay.add(20'000);
  const std::int64_t before = delay.typical_ns();

  delay.add(5'000'000);

  EXPECT_LE(delay.typical_ns(), before + 1000);
}

TEST(WakeDelay, IsNothingWhereSleepsEndOnTime) {
  WakeDelay delay;
  for (int i = 0; i < 100; ++i) delay.add(0);

  EXPECT_EQ(delay.typical_ns(), 0);
}

TEST(WakeDelay, NeverGrowsBeyondATenthOfAMillisecond) {
  WakeDelay delay;
  for (int i = 0; i < 1000; ++i) delay.add(3'000'000);

  EXPECT_EQ(delay.typical_ns(), 100'000);
}

}  // namespace
}  // namespace thaw
