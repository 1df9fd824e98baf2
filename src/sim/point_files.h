#pragma once
// The rows of finished points in a folder: samples.csv, timings.csv and, where asked for, functions.csv. The record of a
// sweep has them, and so has the folder in which a part of a sweep is computed. Whatever kills the writer costs at most
// the point being written.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "record/run_folder.h"
#include "sim/row_index.h"
#include "sim/sweep.h"

namespace thaw {

inline constexpr const char* samples_file = "samples.csv";
inline constexpr const char* timings_file = "timings.csv";
inline constexpr const char* functions_file = "functions.csv";
inline constexpr const char* timelines_file = "memory.csv";
inline constexpr const char* servers_file = "servers.csv";

/// The finished points of a folder, to read. Others may be writing it.
class FinishedPoints {
 public:
  /// Reads the folder; absent files are empty. Every row is compared with what its point must be.
  /// Errors: bad_input with file and line, environment.
  static Result<FinishedPoints> read(const Path& folder, const SweepConfiguration& configuration);

  /// Numbers of the finished points, in order: those with all their rows.
  [[nodiscard]] const std::vector<std::uint64_t>& points() const { return points_; }
  /// One of them with its rows as they stand in the files. Errors: environment.
  [[nodiscard]] Result<FinishedPoint> point(std::uint64_t index) const;
  /// Sorts the files by point, one row of each kind for each. Errors: environment. Cost: one copy of the files.
  [[nodiscard]] Result<> put_in_order() const;

 private:
  [[nodiscard]] std::uint64_t functions_of(std::uint64_t point) const { return functions_of_point_[point]; }

  Path folder_;
  RowIndex samples_, timings_, functions_;
  std::vector<std::uint64_t> points_;
  std::vector<std::uint64_t>
      functions_of_point_;  ///< Rows of functions.csv for each point; 0 without that file.
};

/// The same folder, to add to it.
class PointFiles {
 public:
  /// Opens the files and takes note of what they hold already; a torn last row is cut off.
  /// Errors: environment (cannot be written, another program writes it), bad_input with file and line.
  static Result<PointFiles> open(const Path& folder, const SweepConfiguration& configuration);

  [[nodiscard]] bool has(std::uint64_t index) const { return is_done_[index]; }
  [[nodiscard]] std::uint64_t done() const { return done_; }

  /// Writes a point's rows; they are with the kernel when this returns. A point that is there already is left alone.
  /// Errors: environment (disk full).
  Result<> add(const FinishedPoint& point);

 private:
  PointFiles(Path folder, RowFile samples, RowFile timings)
      : folder_(std::move(folder)), samples_(std::move(samples)), timings_(std::move(timings)) {}

  Path folder_;
  RowFile samples_, timings_;
  std::optional<RowFile> functions_;
  std::vector<bool> is_done_;
  std::uint64_t done_ = 0;
};

}  // namespace thaw
