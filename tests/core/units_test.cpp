#include "core/units.h"

#include <gtest/gtest.h>

#include "core/clock.h"

namespace thaw {
namespace {

using namespace std::chrono_literals;

TEST(ParseDuration, ReadsEveryUnit) {
  EXPECT_EQ(parse_duration("250ms").value(), 250ms);
  EXPECT_EQ(parse_duration("1.5s").value(), 1500ms);
  EXPECT_EQ(parse_duration("10m").value(), 10min);
  EXPECT_EQ(parse_duration("2h").value(), 2h);
  EXPECT_EQ(parse_duration("1d").value(), 24h);
  EXPECT_EQ(parse_duration("7us").value(), 7us);
  EXPECT_EQ(parse_duration("3ns").value(), 3ns);
}

TEST(ParseDuration, AddsParts) { EXPECT_EQ(parse_duration("1h30m").value(), 90min); }

TEST(ParseDuration, AcceptsZeroAlone) { EXPECT_EQ(parse_duration("0").value(), 0ns); }

TEST(ParseDuration, RefusesABareNumberAndSaysHowToWriteIt) {
  const auto parsed = parse_duration("10");

  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().hint, "write 10s or 10ms");
}

TEST(ParseDuration, RefusesWhatIsNotADuration) {
  for (const char* text : {"", "s", "-1s", "1x", "1s2", "1..5s", "1e9h", "999999999d"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(FormatDuration, IsReadBackExactly) {
  for (const Nanos duration :
       {Nanos(1), Nanos(1500), Nanos(1'500'000), Nanos(90'000'000'000), Nanos(123'456'789)}) {
    EXPECT_EQ(parse_duration(format_duration(duration)).value(), duration) << format_duration(duration);
  }
}

TEST(ParseBytes, KeepsDecimalAndBinaryUnitsApart) {
  EXPECT_EQ(parse_bytes("512MB").value().count(), 512'000'000);
  EXPECT_EQ(parse_bytes("1GiB").value(), 1_GiB);
}

TEST(ParseRate, CountsPerSecond) {
  EXPECT_DOUBLE_EQ(parse_rate("50/s").value().per_second, 50);
  EXPECT_DOUBLE_EQ(parse_rate("30/m").value().per_second, 0.5);
}

TEST(ParseFraction, ReadsPercent) { EXPECT_DOUBLE_EQ(parse_fraction("5%").value(), 0.05); }

TEST(HumanSeconds, PicksAFittingUnit) {
  EXPECT_EQ(human_seconds(0.0012345), "1.234 ms");
  EXPECT_EQ(human_seconds(12), "12 s");
}

TEST(FormatUtc, RoundTripsThroughParseUtc) {
  const WallTime time{std::chrono::seconds(1795251975) + Nanos(123456789)};

  EXPECT_EQ(format_utc(time), "2026-11-21T09:06:15.123456789Z");
  EXPECT_EQ(parse_utc(format_utc(time)).value(), time);
}

TEST(ParseUtc, HonoursOffsets) {
  EXPECT_EQ(parse_utc("2026-11-21T10:06:15+01:00").value(), parse_utc("2026-11-21T09:06:15Z").value());
}

TEST(ParseUtc, RefusesImpossibleDates) { EXPECT_FALSE(parse_utc("2026-02-30T00:00:00Z")); }

}  // namespace
}  // namespace thaw
