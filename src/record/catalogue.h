#pragma once
// The catalogue of runs: an SQLite file beside the run folders, for listing and querying them. The folders are the
// truth; the catalogue can be made anew from them at any time, and no measurement fails because of it.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/files.h"
#include "record/field_table.h"
#include "record/sqlite.h"
#include "record/table.h"

namespace thaw {

/// One metric of a run, from its summary.
struct CatalogueMetric {
  std::string cell;  ///< Which command or combination of a sweep; empty when there is only one.
  std::string metric;
  std::string unit;
  std::optional<std::int64_t> n;
  std::optional<double> min, median, mean, stddev, p95, p99, max, ci95_low, ci95_high;
};

/// One run as the catalogue knows it. Text that is not known is empty.
struct CatalogueEntry {
  std::string path;  ///< The run folder, absolute.
  std::string id;
  std::string command, experiment, task, status;
  std::string started, ended;  ///< ISO 8601 UTC.
  std::optional<std::int64_t> repetitions, failed;
  std::string stopped_by, host, git_commit, command_line;
  std::int64_t document_time_ns = 0;  ///< When run.json was last written, to notice changes.
  std::vector<CatalogueMetric> metrics;
};

/// A metric together with the run it belongs to.
struct CatalogueMetricRow {
  const CatalogueEntry& run;
  const CatalogueMetric& metric;
};

/// The columns of the tables `runs` and `metrics`.
FieldTable<CatalogueEntry> catalogue_run_fields();
FieldTable<CatalogueMetricRow> catalogue_metric_fields();

/// What the catalogue holds of a run folder, read from its run.json. Errors: as read_json_file; bad_input (no
/// record).
Result<CatalogueEntry> catalogue_entry(const Path& folder);
/// The same where it is known what run.json says. Errors: bad_input (no record).
Result<CatalogueEntry> catalogue_entry(const Path& folder, const nlohmann::ordered_json& document);

struct CatalogueFilter {
  std::string experiment, task, host, status;  ///< Empty: any.
  std::string since;      ///< ISO 8601 or its beginning ("2026-11"): started then or later.
  std::size_t limit = 0;  ///< The newest so many; 0: all.
};

/// What a scan of the folders found.
struct ScanReport {
  std::size_t added = 0;
  std::size_t updated = 0;
  std::size_t removed = 0;
  std::vector<Error> skipped;  ///< Folders whose run.json cannot be read.
};

class Catalogue {
 public:
  /// $THAW_CATALOGUE, else catalogue.sqlite in the folder of runs.
  static Path default_path(const Path& runs_root);

  /// Opens the file, creating it, its folder and its tables where absent. Locks of other programs are waited for up
  /// to `patience`.
  /// Errors: environment (cannot be opened, held by another program, of a newer version), bad_input (damaged).
  static Result<Catalogue> open(const Path& file, Nanos patience = std::chrono::seconds(2));

  /// Adds a run, or replaces what is known of the run in that folder. Cost: below 5 ms.
  Result<> put(const CatalogueEntry& entry);
  /// Runs, newest first.
  Result<std::vector<CatalogueEntry>> list(const CatalogueFilter& filter = {});
  /// One run: by id, the beginning of an id, its folder (a path or its last component), or "latest".
  /// Errors: bad_usage (none, or several).
  Result<CatalogueEntry> show(std::string_view which);
  /// The rows of one SQL statement that only reads. Errors: bad_usage with the place in the statement.
  Result<Table> query(std::string_view sql);
  /// Brings the catalogue up to date with the folders under `runs_root`: new, changed and deleted runs.
  Result<ScanReport> scan(const Path& runs_root);

 private:
  explicit Catalogue(SqlDatabase database) : database_(std::move(database)) {}
  Result<> create_tables();
  Result<> insert(const CatalogueEntry& entry);
  Result<> forget(const std::string& path);
  Result<std::vector<CatalogueEntry>> select(const std::string& condition,
                                             std::span<const FieldValue> values);
  Result<> read_metrics(CatalogueEntry& entry);

  SqlDatabase database_;
};

/// Adds a finished run to the catalogue of its folder of runs. A command that has measured only warns when this fails.
/// Errors: as catalogue_entry, Catalogue::open and put.
Result<> enter_into_catalogue(const Path& runs_root, const Path& folder);
/// The same where it is known what run.json says.
Result<> enter_into_catalogue(const Path& runs_root, const Path& folder,
                              const nlohmann::ordered_json& document);

/// Makes the catalogue anew from the folders under `runs_root` and then puts it in the place of the old one, whatever
/// state that is in. Errors: environment.
Result<ScanReport> rebuild_catalogue(const Path& file, const Path& runs_root);

/// The runs as `thaw runs list` shows them.
Table run_table(std::span<const CatalogueEntry> runs);

}  // namespace thaw
