#include "bench/probes/power_meter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/random.h"

namespace thaw::redfish {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

WallTime at(int second) { return *parse_utc("2026-11-21T09:00:00Z") + seconds(second); }

std::vector<PowerSample> samples(std::initializer_list<std::pair<int, double>> values) {
  std::vector<PowerSample> made;
  for (const auto& [second, watts] : values) made.push_back({at(second), watts, watts - 5, watts + 5});
  return made;
}

PowerMeter meter_of(std::vector<PowerSample> history) { return {std::move(history), {}, {}, {}}; }

TEST(PowerMeter, ReadsTheDetailsBesideACountOfSamples) {
  const auto meter =
      parse_power_meter(R"({"Average":210,"Maximum":250,"Minimum":180,"Samples":1,"PowerDetail":[
      {"Time":"2026-11-21T09:00:10Z","Average":200,"Minimum":190,"Peak":220,"CpuUtil":3}]})");

  ASSERT_TRUE(meter);
  ASSERT_EQ(meter->samples.size(), 1U);
  EXPECT_EQ(meter->samples[0].time, at(10));
  EXPECT_EQ(meter->samples[0].average, 200);
  EXPECT_EQ(meter->samples[0].minimum, 190);
  EXPECT_EQ(meter->samples[0].peak, 220);
  EXPECT_EQ(meter->average, 210);
}

TEST(PowerMeter, ReadsSamplesThatAreTheListThemselves) {
  const auto meter =
      parse_power_meter(R"({"Samples":[{"Time":"2026-11-21T09:00:10Z","Average":200,"Maximum":220}]})");

  ASSERT_TRUE(meter);
  ASSERT_EQ(meter->samples.size(), 1U);
  EXPECT_EQ(meter->samples[0].peak, 220);
  EXPECT_EQ(meter->samples[0].minimum, 200);
}

TEST(PowerMeter, PutsSamplesInTheOrderOfTime) {
  const auto meter = parse_power_meter(R"({"Samples":[{"Time":"2026-11-21T09:00:20Z","Average":2},
                                                      {"Time":"2026-11-21T09:00:10Z","Average":1}]})");

  EXPECT_EQ(meter->samples[0].average, 1);
}

TEST(PowerMeter, LeavesOutSamplesWithoutTimeOrAverage) {
  const auto meter =
      parse_power_meter(R"({"Average":7,"Samples":[{"Average":2},{"Time":"2026-11-21T09:00:10Z"},
                                          {"Time":"soon","Average":2},5,null]})");

  ASSERT_TRUE(meter);
  EXPECT_TRUE(meter->samples.empty());
}

TEST(PowerMeter, RefusesWhatIsNoMeter) {
  EXPECT_EQ(parse_power_meter("<html>oops</html>\nx").error().what,
            "the answer is no JSON object but '<html>oops</html>'");
  EXPECT_FALSE(parse_power_meter(R"({"Name":"Chassis"})"));
  EXPECT_FALSE(parse_power_meter("[]"));
  EXPECT_FALSE(parse_power_meter(""));
}

TEST(ChassisPower, FindsTheFastMeterOfNewAndOldControllers) {
  EXPECT_EQ(
      parse_chassis_power(R"({"Oem":{"Hpe":{"Links":{"FastPowerMeter":{"@odata.id":"/a"}}}}})")->fast_meter,
      "/a");
  EXPECT_EQ(parse_chassis_power(R"({"Oem":{"Hp":{"links":{"FastPowerMeter":{"href":"/b"}}}}})")->fast_meter,
            "/b");
}

TEST(ChassisPower, ReadsThePowerConsumedNow) {
  const auto power = parse_chassis_power(R"({"PowerControl":[{"PowerConsumedWatts":223}]})");

  ASSERT_TRUE(power);
  EXPECT_EQ(power->watts, 223);
  EXPECT_EQ(power->fast_meter, "");
}

TEST(ChassisPower, RefusesAnAnswerThatTellsNoPower) {
  EXPECT_FALSE(parse_chassis_power(R"({"PowerControl":[{"PowerConsumedWatts":null}]})"));
  EXPECT_FALSE(parse_chassis_power(R"({"PowerControl":[]})"));
}

TEST(Energy, OfConstantPowerIsPowerTimesDuration) {
  EXPECT_DOUBLE_EQ(energy_of(samples({{10, 200}, {20, 200}, {30, 200}}), {at(3), at(38)}), 200.0 * 35);
}

TEST(Energy, FollowsARampExactly) {
  // Power 2 t W from t = 10 s to 40 s: the integral of 2 t is 40^2 - 10^2.
  EXPECT_DOUBLE_EQ(energy_of(samples({{10, 20}, {20, 40}, {40, 80}}), {at(10), at(40)}), 1500);
}

TEST(Energy, HoldsTheFirstAndLastSampleToTheEnds) {
  // 5 s of 100 W, 10 s at 150 W on average, 2 s of 200 W.
  EXPECT_DOUBLE_EQ(energy_of(samples({{10, 100}, {20, 200}}), {at(5), at(22)}), 500 + 1500 + 400);
}

TEST(PowerSummary, CountsOnlySamplesWithinTheRun) {
  const auto summary =
      summarize_power(meter_of(samples({{0, 900}, {10, 100}, {20, 200}, {30, 900}})), {}, {at(5), at(25)});

  EXPECT_DOUBLE_EQ(*summary.energy, 500 + 1500 + 1000);
  EXPECT_DOUBLE_EQ(*summary.average, 150);
  EXPECT_EQ(summary.minimum, 95);
  EXPECT_EQ(summary.maximum, 205);
  EXPECT_EQ(summary.note, "");
}

TEST(PowerSummary, FallsBackOnPolledPowerWhenFewerThanTwoSamplesFallInside) {
  const auto summary = summarize_power(meter_of(samples({{0, 900}, {10, 100}})),
                                       {{at(6), 50, 50, 50}, {at(8), 70, 70, 70}}, {at(5), at(11)});

  EXPECT_DOUBLE_EQ(*summary.energy, 50 * 1 + 60 * 2 + 70 * 3);
  EXPECT_EQ(summary.maximum, 70);
  EXPECT_EQ(summary.note, "1 of the power meter's samples fell into the run: power is from 2 polled values");
}

TEST(PowerSummary, SaysWhenOnlyTheMetersHistoryIsThere) {
  const auto summary = summarize_power({{}, 210, 250, 180}, {}, {at(0), at(2)});

  EXPECT_EQ(summary.average, 210);
  EXPECT_EQ(summary.energy, 420);
  EXPECT_THAT(summary.note, HasSubstr("its figure over its whole history"));
}

TEST(PowerSummary, IsMissingWithoutAnyPower) {
  const auto summary = summarize_power({}, {}, {at(0), at(2)});

  EXPECT_FALSE(summary.average || summary.maximum || summary.minimum || summary.energy);
  EXPECT_THAT(summary.note, HasSubstr("not known"));
}

TEST(HttpDate, IsReadToTheSecond) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), *parse_utc("1994-11-06T08:49:37Z"));
}

TEST(HttpDate, RefusesAnythingElse) {
  for (const auto* text : {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nop 1994 08:49:37 GMT",
                           "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET"}) {
    EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
  }
}

TEST(ClockOffset, IsZeroWhereTheClocksMayAgree) {
  ClockOffset offset;
  EXPECT_EQ(offset.value(), Nanos(0));

  offset.add(at(10) + milliseconds(900), at(11) + milliseconds(500), at(11));
  EXPECT_EQ(offset.value(), Nanos(0));
}

TEST(ClockOffset, LiesInTheMiddleOfItsBounds) {
  ClockOffset offset;

  offset.add(at(10), at(11), at(100));

  // Asked at 10 and received at 11, the Date stands for 100 … 101: 89 … 91 s ahead.
  EXPECT_EQ(offset.value(), seconds(90));
}

TEST(ClockOffset, IsNarrowedByEveryAnswer) {
  ClockOffset offset;

  offset.add(at(10), at(70), at(100));
  offset.add(at(71), at(71), at(161));

  EXPECT_EQ(offset.value(), seconds(90) + milliseconds(500));
}

TEST(ClockOffset, FollowsAClockThatWasSet) {
  ClockOffset offset;

  offset.add(at(10), at(10), at(100));
  offset.add(at(20), at(20), at(20));

  EXPECT_EQ(offset.value(), Nanos(0));
}

TEST(PowerMeter, ReadsAnyMutilatedAnswerWithoutHarm) {
  const std::string whole =
      R"({"Average":210,"Samples":1,"PowerDetail":[{"Time":"2026-11-21T09:00:10Z","Average":200,)"
      R"("Minimum":190,"Peak":220}],"PowerControl":[{"PowerConsumedWatts":223}],"Oem":{"Hpe":{"Links":)"
      R"({"FastPowerMeter":{"@odata.id":"/a"}}}}})";
  RandomStream random(3, "test");
  for (int round = 0; round < 5000; ++round) {
    std::string body = whole.substr(0, random.below(8) == 0 ? random.below(whole.size()) : whole.size());
    for (std::uint64_t i = random.below(4); i > 0 && !body.empty(); --i) {
      body[random.below(body.size())] = R"({}[]":,0nx)"[random.below(10)];
    }
    const auto meter = parse_power_meter(body);
    const auto power = parse_chassis_power(body);
    ASSERT_TRUE(!meter || meter->average || !meter->samples.empty());
    ASSERT_TRUE(!power || power->watts || !power->fast_meter.empty());
  }
}

}  // namespace
}  // namespace thaw::redfish
