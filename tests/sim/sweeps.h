#pragma once
// Sweeps over a real trace of 20 functions, in folders that end with the test.

#include <gtest/gtest.h>

#include <string>

#include "core/clock.h"
#include "core/files.h"
#include "core/text.h"
#include "sim/sweep.h"
#include "sim/sweep_record.h"

namespace thaw::testing {

/// Eight points: two policies at two memory sizes with two seeds.
inline SweepConfiguration small_sweep() {
  SweepConfiguration configuration;
  configuration.axes.traces = {(Path(THAW_SOURCE_DIR) / "tests/fixtures/traces/azure2019-20c").string()};
  configuration.axes.policies = {"rand", "gd"};
  configuration.axes.memory_mb = {500, 1000};
  configuration.axes.seeds = {1, 2};
  return configuration;
}

/// A folder for records, and sweeps that are written into it.
class SweepFolder {
 public:
  [[nodiscard]] Path path(const std::string& name) const { return folder_.path() / name; }

  /// An empty record.
  [[nodiscard]] SweepRecord create(const std::string& name, const SweepConfiguration& configuration) const {
    SweepLaunch launch = this->launch();
    launch.place.folder = path(name);
    return SweepRecord::create(launch, configuration, system_clock()).value();
  }
  [[nodiscard]] Result<SweepRecord> reopen(const std::string& name, std::string version = "1") const {
    SweepLaunch launch = this->launch();
    launch.version = std::move(version);
    return SweepRecord::reopen(path(name), launch, system_clock());
  }
  /// Simulates what is missing and closes the record.
  static void complete(SweepRecord& record, const SweepLimits& limits = {.workers = 1}) {
    const auto add = [&record](const FinishedPoint& point) { return record.add(point); };
    const auto ran = run_points(record.configuration(), record.missing(), limits, system_clock(), add);
    ASSERT_TRUE(ran) << ran.error().what;
    ASSERT_TRUE(record.close(system_clock(), RunStatus::completed));
  }
  /// A whole sweep.
  void run(const std::string& name, const SweepConfiguration& configuration,
           const SweepLimits& limits = {.workers = 1}) const {
    SweepRecord record = create(name, configuration);
    complete(record, limits);
  }
  [[nodiscard]] std::string text(const std::string& name, const std::string& file) const {
    return read_file_if_any(path(name) / file).value_or("");
  }
  void write(const std::string& name, const std::string& file, const std::string& text) const {
    ASSERT_TRUE(write_file_atomically(path(name) / file, text));
  }

 private:
  [[nodiscard]] static SweepLaunch launch() {
    return {.command = "sim sweep", .command_line = {"thaw"}, .version = "1", .place = {.task = "test"}};
  }
  TemporaryDirectory folder_ = TemporaryDirectory::create("thaw-sweep-test").value();
};

/// The lines of a text, each with its end.
inline std::vector<std::string> whole_lines(const std::string& text) {
  std::vector<std::string> lines;
  for (const std::string_view line : split_lines(text)) lines.push_back(std::string(line) + "\n");
  return lines;
}

}  // namespace thaw::testing
