#pragma once
// The record of an experiment with many points. Rows are written as points end, so that whatever kills the program costs
// at most the points in flight; when all are there, they are put in the order of the points.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "record/run_folder.h"
#include "record/table.h"
#include "sim/sweep.h"

namespace thaw {

/// How an experiment was started.
struct SweepLaunch {
  std::string command;  ///< "sim run", "sim sweep".
  std::vector<std::string> command_line;
  std::string version;
  RunPlace place;
};

class SweepRecord {
 public:
  /// A new record with its run.json. Errors: as RunFolder::create.
  static Result<SweepRecord> create(const SweepLaunch& launch, const SweepConfiguration& configuration,
                                    Clock& clock);
  /// An unfinished or finished one, whose configuration is in its run.json. Errors: environment, bad_input.
  static Result<SweepRecord> reopen(const Path& folder);

  [[nodiscard]] const SweepConfiguration& configuration() const { return configuration_; }
  [[nodiscard]] const Path& path() const { return folder_.path(); }
  /// Numbers of the points that have no row yet.
  [[nodiscard]] std::vector<std::uint64_t> missing() const;
  [[nodiscard]] std::uint64_t points() const { return points_; }
  [[nodiscard]] std::uint64_t done() const;

  /// Writes a point's rows; they are with the kernel when this returns. A point that has its row is left alone.
  /// Errors: environment (disk full).
  Result<> add(const FinishedPoint& point);

  /// Sorts the files when all points are there, and completes run.json. Errors: environment.
  Result<> close(Clock& clock, RunStatus status);

  /// The rows of the finished points in their order, as run's standard output shows them: with the timings, without the
  /// number of the point. `with_timings` false: the measured columns are missing.
  [[nodiscard]] Result<Table> table(bool with_timings) const;

 private:
  explicit SweepRecord(RunFolder folder) : folder_(std::move(folder)) {}
  Result<> open_files();
  Result<> read_done();
  Result<> sort_file(const char* name) const;

  RunFolder folder_;
  RunDocument document_;
  SweepConfiguration configuration_;
  std::uint64_t points_ = 0;
  std::vector<bool> is_done_;
  std::optional<RowFile> samples_;
  std::optional<RowFile> functions_;
  std::optional<RowFile> timings_;
};

}  // namespace thaw
