#include "bench/noise_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace thaw {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using Json = nlohmann::ordered_json;

TEST(MachineWarnings, ReadTheRecordedContext) {
  const Json context = Json::parse(R"({
    "host": {"cpu": {"scaling_governor": "powersave", "processor_count": 2}, "frequency": {"turbo_enabled": true},
             "load_average": {"one_minute": 3.5}, "memory": {"swap_total_kb": 2000000, "swap_free_kb": 1000000}},
    "disturbance": {"steal_s": 0.5, "busy_s": 10.0, "thermal_throttles": 2, "quota_throttled_s": 0.1}})");

  EXPECT_THAT(
      machine_warnings({}, context),
      ElementsAre(HasSubstr("'powersave'"), HasSubstr("turbo"), HasSubstr("load was 3.5 on 2"),
                  HasSubstr("took 5.0 %"), HasSubstr("heat slowed"), HasSubstr("quota"), HasSubstr("swap")));
}

TEST(MachineWarnings, SayNothingOfWhatIsNotKnown) {
  EXPECT_THAT(machine_warnings({}, Json::object()), IsEmpty());
  EXPECT_THAT(machine_warnings({}, Json()), IsEmpty());
  EXPECT_THAT(
      machine_warnings({}, Json::parse(R"({"host": {"cpu": null, "frequency": {"turbo_enabled": null}}})")),
      IsEmpty());
}

TEST(NoiseWarnings, BearTheLabelOfTheirCell) {
  CellResult cell;
  cell.label = "n=2";
  cell.series_called("outer_time").values = {0.1, 0.2};

  EXPECT_THAT(noise_warnings(cell, {}), ElementsAre(StartsWith("n=2: only 2 values")));
}

TEST(NoiseWarnings, AdviseToMixTheOrderWhenSeveralCommandsTakeTurns) {
  CellResult cell;
  for (int i = 0; i < 40; ++i) cell.series_called("outer_time").values.push_back(0.1 + 0.001 * i);
  BenchOptions options;
  options.commands = {{"a", {"a"}}, {"b", {"b"}}};

  EXPECT_THAT(noise_warnings(cell, options), ElementsAre(HasSubstr("--order random")));
}

}  // namespace
}  // namespace thaw
