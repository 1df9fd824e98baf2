#pragma once
// The record of one measuring command: a folder with run.json and samples.csv. run.json is replaced as a whole, rows
// are handed to the kernel one by one, so whatever kills the program costs at most the row in flight.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/error.h"
#include "core/files.h"
#include "record/csv.h"
#include "record/run_document.h"
#include "record/samples.h"

namespace thaw {

/// When rows are forced onto the disk. Without it they survive the death of the program, not that of the machine.
enum class SyncPolicy { never, at_end, every_row };

/// Where a record goes.
struct RunPlace {
  Path root = "runs";
  std::string experiment = "misc";
  std::string task;  ///< Names the folder; any text, cleaned for the file system.
  WallTime started{};
  std::optional<Path> folder;  ///< Exactly this folder instead (-o DIR).
};

/// A CSV file that only grows. Held under an exclusive lock, so two programs cannot mix their rows.
class RowFile {
 public:
  /// Creates the file with its header, or continues one: a torn last row is cut off, the header must be equal.
  /// Errors: environment (cannot be written, locked by another program), bad_input (another header; malformed).
  static Result<RowFile> open(const Path& path, std::span<const std::string> header,
                              SyncPolicy sync = SyncPolicy::never);

  /// Writes one line from CsvLine::finish. Errors: environment (disk full): the file is cut back to whole rows.
  Result<> append(std::string_view line);
  /// Forces the rows onto the disk unless the policy is `never`. Errors: environment.
  Result<> finish();
  /// True when a torn row was cut off on opening.
  [[nodiscard]] bool dropped_torn_row() const { return dropped_torn_row_; }
  /// True when the file existed with rows or a header.
  [[nodiscard]] bool is_continued() const { return is_continued_; }

 private:
  RowFile() = default;
  Result<> sync_to_disk();

  FileDescriptor file_;
  Path path_;
  SyncPolicy sync_ = SyncPolicy::never;
  std::int64_t size_ = 0;
  bool dropped_torn_row_ = false;
  bool is_continued_ = false;
};

/// Writes samples.csv.
class SampleWriter {
 public:
  /// One row, on its way to the disk when this returns. REQUIRES: row.metrics.size() == metric columns.
  /// Errors: environment.
  Result<> append(const SampleRow& row);
  Result<> finish() { return rows_.finish(); }
  [[nodiscard]] const RowFile& file() const { return rows_; }

 private:
  friend class RunFolder;
  SampleWriter(RowFile rows, std::size_t metrics) : rows_(std::move(rows)), metrics_(metrics) {}

  RowFile rows_;
  CsvLine line_;
  std::size_t metrics_;
};

/// A run folder being written.
class RunFolder {
 public:
  /// Makes <root>/<experiment>/<task>-<UTC>, with "-2", "-3"… when taken, and points `latest` beside it to it; or
  /// the exact folder asked for.
  /// Errors: environment (cannot be created), bad_usage (the exact folder already holds a run).
  static Result<RunFolder> create(const RunPlace& place);
  /// An existing run, to add rows to it. Errors: environment (not a run folder).
  static Result<RunFolder> reopen(const Path& folder);

  [[nodiscard]] const Path& path() const { return path_; }

  /// Replaces run.json as a whole. Errors: environment; the old file then stays.
  Result<> write(const RunDocument& document) const { return write_json(to_json(document)); }
  /// The same of what it says. Bytes that are not UTF-8 become the replacement character.
  Result<> write_json(const nlohmann::ordered_json& document) const;
  /// Opens samples.csv with these metric columns. Errors: as RowFile::open.
  Result<SampleWriter> samples(std::span<const SampleColumn> metrics,
                               SyncPolicy sync = SyncPolicy::never) const;

 private:
  explicit RunFolder(Path path) : path_(std::move(path)) {}
  Path path_;
};

/// A run read back.
// The JSON library checks its invariants while moving; it never throws there.
struct RunRecord {  // NOLINT(bugprone-exception-escape)
  Path folder;
  nlohmann::ordered_json document;  ///< run.json as it stands.
  CsvColumns samples;               ///< Empty when there is no samples.csv.
};

/// Reads a run folder, or the run.json in it.
/// Errors: environment (absent), bad_input (not JSON, no "schema" of ours, malformed samples.csv).
Result<RunRecord> read_run(const Path& path);

/// The part of a task or experiment name that is safe in a path: its last component, letters, digits and ._+=@-
/// kept, the rest "_"; at most 100 bytes; "run" when nothing is left.
std::string folder_name_for(std::string_view text);

}  // namespace thaw
