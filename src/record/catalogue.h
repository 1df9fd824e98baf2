#pragma once
// The catalogue of runs: an SQLite file beside the run folders, for listing and querying them. The folders are the
// truth; the catalogue can be rebuilt from them at any time, and no measurement fails because of it.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/files.h"
#include "record/field_table.h"
#include "record/table.h"

struct sqlite3;

namespace thaw {

/// One metric of a run, from its summary.
struct CatalogueMetric {
  std::string cell;  ///< Which command or sweep combination; empty when there is only one.
  std::string metric;
  std::string unit;
  std::optional<std::int64_t> n;
  std::optional<double> min, median, mean, stddev, p95, p99, max, ci95_low, ci95_high;
};

/// One run as the catalogue knows it.
struct CatalogueEntry {
  std::string id;
  std::string path;  ///< Absolute.
  std::string command, experiment, task;
  std::string started, ended;  ///< ISO 8601 UTC; ended is empty while running.
  std::string status;
  std::optional<std::int64_t> repetitions, failed;
  std::string host, git_commit, command_line, stopped_by;
  std::vector<CatalogueMetric> metrics;
};

/// The tables as users query them.
FieldTable<CatalogueEntry> catalogue_run_fields();
FieldTable<CatalogueMetric> catalogue_metric_fields();

/// The entry of a run folder, from its run.json. Errors: as read_run.
Result<CatalogueEntry> catalogue_entry(const Path& folder);

struct CatalogueFilter {
  std::string experiment, task, host, status;  ///< Empty: any.
  std::string since;                           ///< ISO 8601; runs that started then or later.
  std::size_t limit = 0;                       ///< Newest first; 0: all.
};

class Catalogue {
 public:
  /// $THAW_CATALOGUE, else catalogue.sqlite in the folder of runs.
  static Path default_path(const Path& runs_root);

  /// Opens the file, creating it and its tables when absent.
  /// Errors: environment (cannot be opened, busy), bad_input (damaged, or of a newer version; the hint says how to
  /// rebuild it).
  static Result<Catalogue> open(const Path& file);

  /// Adds a run, or replaces what is known of the run in the same folder. Cost: a few milliseconds at most.
  Result<> put(const CatalogueEntry& entry);
  /// Runs, newest first.
  Result<std::vector<CatalogueEntry>> list(const CatalogueFilter& filter = {});
  /// One run by id, unique prefix of an id, path of its folder, or "latest". Errors: bad_usage (none or several).
  Result<CatalogueEntry> show(std::string_view which);
  /// The result of one read-only SQL statement. Errors: bad_usage with the position in the statement.
  Result<Table> query(std::string_view sql);

  Catalogue(Catalogue&&) noexcept;
  Catalogue& operator=(Catalogue&&) noexcept;
  ~Catalogue();

 private:
  explicit Catalogue(sqlite3* database, Path file);
  sqlite3* database_;
  Path file_;
};

/// Builds the catalogue anew from every run.json under `runs_root` and replaces the file.
/// Returns how many runs it holds. Errors: environment. Folders that cannot be read are named in `skipped`.
Result<std::size_t> rebuild_catalogue(const Path& file, const Path& runs_root,
                                      std::vector<std::string>& skipped);

}  // namespace thaw
