#pragma once
// The record of an experiment with many points. Rows are written as points end, so that whatever kills the program costs
// at most the points in flight; when all are there, they are put in the order of the points.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/clock.h"
#include "record/run_folder.h"
#include "record/table.h"
#include "sim/point_files.h"
#include "sim/sweep.h"

namespace thaw {

/// How an experiment was started.
struct SweepLaunch {
  std::string command;  ///< "sim run", "sim sweep".
  std::vector<std::string> command_line;
  std::string version;
  RunPlace place;
};

/// An experiment as its run.json describes it. Reads only.
struct KnownSweep {
  Path folder;
  RunDocument document;
  SweepConfiguration configuration;
  std::string version;  ///< Of the program that began it.
};
/// Errors: environment (absent), bad_input (not the record of a sweep).
Result<KnownSweep> read_sweep(const Path& folder);

/// The rows of a record's finished points in their order, as run's standard output shows them: with the timings, without the
/// number of the point. `with_timings` false: the measured columns are empty. Errors: environment, bad_input.
Result<Table> sweep_table(const Path& folder, bool with_timings);

class SweepRecord {
 public:
  /// A new record with its run.json. Errors: as RunFolder::create.
  static Result<SweepRecord> create(const SweepLaunch& launch, const SweepConfiguration& configuration,
                                    Clock& clock);
  /// An unfinished or finished one, to add what is missing. Parts that were computed elsewhere are taken in.
  /// Errors: environment (absent, another program writes it), bad_input with file and line.
  static Result<SweepRecord> reopen(const Path& folder, const SweepLaunch& launch, Clock& clock);

  [[nodiscard]] const SweepConfiguration& configuration() const { return configuration_; }
  [[nodiscard]] const Path& path() const { return folder_.path(); }
  /// The launch id of its first start.
  [[nodiscard]] const std::string& id() const { return document_.id; }
  /// What the user should know about the record.
  [[nodiscard]] const std::vector<std::string>& warnings() const { return document_.warnings; }
  /// Adds those that it does not have yet. Errors: environment.
  Result<> warn(std::span<const std::string> warnings);
  /// Numbers of the points that have no row yet.
  [[nodiscard]] std::vector<std::uint64_t> missing() const;
  [[nodiscard]] std::uint64_t points() const { return points_; }
  [[nodiscard]] std::uint64_t done() const { return files_->done(); }

  /// Writes a point's rows; they are with the kernel when this returns. A point that has its row is left alone.
  /// Errors: environment (disk full).
  Result<> add(const FinishedPoint& point) { return files_->add(point); }
  /// Adds the points that a part has finished. Errors: as FinishedPoints::read.
  Result<> take_in(const Path& part);

  /// Sorts the files when all points are there, drops the parts, and completes run.json. Errors: environment.
  Result<> close(Clock& clock, RunStatus status);

  /// Its sweep_table.
  [[nodiscard]] Result<Table> table(bool with_timings) const { return sweep_table(path(), with_timings); }

 private:
  explicit SweepRecord(RunFolder folder) : folder_(std::move(folder)) {}
  Result<> open_files();

  RunFolder folder_;
  RunDocument document_;
  SweepConfiguration configuration_;
  std::uint64_t points_ = 0;
  std::optional<PointFiles> files_;
};

/// Where the parts of a sweep are computed, each in a folder of its own.
Path parts_folder(const Path& record);

}  // namespace thaw
