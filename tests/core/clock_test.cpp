// Tests of core/clock.h: the system's clocks behind the interface, and a clock that a test moves by hand.

#include "core/clock.h"

#include <gtest/gtest.h>

namespace thaw {
namespace {

using namespace std::chrono_literals;

/// Time passes only when somebody sleeps.
class HandClock final : public Clock {
 public:
  MonotonicTime now() const override { return now_; }
  WallTime wall() const override { return WallTime(now_.time_since_epoch()); }
  void sleep_until(MonotonicTime when) override { now_ = std::max(now_, when); }

 private:
  MonotonicTime now_{};
};

/// A stand-in for code that is handed a clock.
Nanos time_three_naps(Clock& clock, Nanos nap) {
  const MonotonicTime start = clock.now();
  for (int i = 0; i < 3; ++i) clock.sleep_until(clock.now() + nap);
  return clock.now() - start;
}

TEST(Clock, CanBeReplacedSoThatTestsTakeNoTime) {
  HandClock clock;

  EXPECT_EQ(time_three_naps(clock, 24h), 72h);
}

TEST(SystemClock, NeverGoesBack) {
  MonotonicTime last = system_clock().now();
  for (int i = 0; i < 10'000; ++i) {
    const MonotonicTime now = system_clock().now();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(SystemClock, SleepsNoLessThanAsked) {
  const MonotonicTime when = system_clock().now() + 2ms;

  system_clock().sleep_until(when);

  EXPECT_GE(system_clock().now(), when);
}

TEST(SystemClock, DoesNotSleepForATimeThatHasPassed) {
  const MonotonicTime before = system_clock().now();

  system_clock().sleep_until(before - 1h);

  EXPECT_LT(system_clock().now() - before, 1min);
}

TEST(SystemClock, StampsWithTheWallClockOfTheSystem) {
  const auto here = std::chrono::system_clock::now();
  const auto there = std::chrono::time_point_cast<std::chrono::system_clock::duration>(system_clock().wall());

  EXPECT_LT(std::chrono::abs(there - here), 1min);
}

TEST(ClockResolution, IsAPositiveTimeBelowOneTick) {
  EXPECT_GT(clock_resolution(), Nanos(0));
  EXPECT_LE(clock_resolution(), 10ms);
}

}  // namespace
}  // namespace thaw
