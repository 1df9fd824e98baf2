#include "sim/sweep.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "sim/sweeps.h"

namespace thaw {
namespace {

using testing::small_sweep;
using testing::SweepFolder;

TEST(SweepConfiguration, ReadsBackWhatItWrote) {
  SweepConfiguration configuration = small_sweep();
  configuration.axes.model = Model::faascache;
  configuration.axes.functions = {0, 5};
  configuration.per_function = true;
  configuration.folder = "/somewhere";
  configuration.read.repair = true;
  configuration.read.begin_ms = 0.1;
  configuration.read.end_ms = 3600000;
  configuration.read.day = 3;
  const auto json = to_json(configuration);
  const SweepConfiguration known = sweep_configuration_from(json).value();
  EXPECT_EQ(to_json(known), json);
  EXPECT_EQ(known.read.begin_ms, 0.1);
  EXPECT_EQ(known.folder, "/somewhere");
}

TEST(SweepConfiguration, WithoutPointsIsRefused) {
  auto json = to_json(small_sweep());
  json["policies"] = nlohmann::ordered_json::array();
  EXPECT_EQ(sweep_configuration_from(json).error().kind, ErrorKind::bad_input);
}

TEST(SweepConfiguration, OfSomethingElseIsRefused) {
  EXPECT_EQ(sweep_configuration_from({{"traces", 1}}).error().kind, ErrorKind::bad_input);
}

class Sweep : public ::testing::Test {
 protected:
  /// The files of a sweep with these limits.
  std::vector<std::string> files(const SweepConfiguration& configuration, const SweepLimits& limits) {
    const std::string name = std::to_string(++runs_);
    folder_.run(name, configuration, limits);
    return {folder_.text(name, "samples.csv"), folder_.text(name, "functions.csv")};
  }

  SweepFolder folder_;
  int runs_ = 0;
};

TEST_F(Sweep, GivesTheSameBytesWithAnyNumberOfWorkers) {
  SweepConfiguration configuration = small_sweep();
  configuration.per_function = true;
  const auto one = files(configuration, {.workers = 1});
  EXPECT_EQ(split_lines(one[0]).size(), 9U);
  EXPECT_EQ(split_lines(one[1]).size(), 161U);
  EXPECT_EQ(files(configuration, {.workers = 2}), one);
  EXPECT_EQ(files(configuration, {.workers = 5}), one);
}

TEST_F(Sweep, GivesTheSameBytesFromAStreamAsFromMemory) {
  SweepConfiguration configuration = small_sweep();
  configuration.per_function = true;
  const auto in_memory = files(configuration, {.workers = 1});
  EXPECT_EQ(files(configuration, {.workers = 1, .most_in_memory = 0}), in_memory);
  EXPECT_EQ(files(configuration, {.workers = 2, .most_in_memory = 0, .most_per_pass = 3}), in_memory);
}

TEST_F(Sweep, DrawsFunctionsBySeedTheSameInAStream) {
  SweepConfiguration configuration = small_sweep();
  configuration.axes.functions = {0, 7};
  const auto in_memory = files(configuration, {.workers = 2});
  EXPECT_EQ(files(configuration, {.workers = 2, .most_in_memory = 0}), in_memory);
  EXPECT_THAT(in_memory[0], ::testing::HasSubstr(",7,2,"));
}

TEST_F(Sweep, SimulatesOnlyWhatIsAskedFor) {
  const std::vector<std::uint64_t> todo = {1, 6};
  std::set<std::uint64_t> seen;
  const auto ran =
      run_points(small_sweep(), todo, {.workers = 2}, system_clock(), [&](const FinishedPoint& point) {
        seen.insert(point.index);
        return Result<>();
      });
  ASSERT_TRUE(ran);
  EXPECT_THAT(seen, ::testing::ElementsAre(1, 6));
}

TEST_F(Sweep, EndsWithTheErrorOfItsSink) {
  const std::vector<std::uint64_t> todo = {0, 1, 2, 3};
  const auto ran =
      run_points(small_sweep(), todo, {.workers = 2}, system_clock(),
                 [](const FinishedPoint&) -> Result<> { return fail(ErrorKind::environment, "full"); });
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().what, "full");
}

TEST_F(Sweep, NamesATraceThatIsNotThere) {
  SweepConfiguration configuration = small_sweep();
  configuration.axes.traces = {"absent"};
  configuration.folder = "/nowhere";
  const std::vector<std::uint64_t> todo = {0};
  const auto ran = run_points(configuration, todo, {.workers = 1}, system_clock(),
                              [](const FinishedPoint&) { return Result<>(); });
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().where, "/nowhere/absent");
}

}  // namespace
}  // namespace thaw
