#pragma once
// Measurements out of any file that holds some: Thaw's own records and the files of other tools, in one shape.
// The format is recognised by content, never by a flag. docs/formats/imports.md lists what is understood.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/files.h"

namespace thaw {

/// The layouts that load_datasets recognises.
enum class DatasetFormat { thaw, sharp, hyperfine, google_benchmark, csv, numbers };

/// "thaw", "sharp", "hyperfine", "google-benchmark", "csv" or "numbers".
std::string_view name_of(DatasetFormat format);

/// The values of one metric, in the order of the file. Missing values and those of failed rows are left out.
struct Series {
  std::string name;                     ///< Without a unit suffix: "outer_time", not "outer_time_s".
  std::string unit;                     ///< "s", "ms", "bytes", …; empty when the file does not say.
  std::optional<bool> lower_is_better;  ///< nullopt when the file does not say.
  std::vector<double> values;           ///< Finite.
  std::vector<std::size_t>
      rows;  ///< For each value its row in the launch or cell, from 0: pairs are equal rows.
  std::vector<std::string> aliases;  ///< Other names it answers to.
  bool is_detail = false;            ///< Compared only when it is asked for by name.
};

/// Facts about the run that produced the values: dotted key to text. The first part of a key is its section:
/// "runtime" (options), "system" (the machine), "target" (the machine behind a chain of backends), "provenance"
/// (program and versions) or "invariant" (what stays the same within a run).
using Context = std::map<std::string, std::string>;

/// What one run, command or file measured.
struct Dataset {
  std::string label;
  Path source;
  DatasetFormat format = DatasetFormat::numbers;
  std::vector<Series> series;
  Context context;
  std::size_t rows = 0;                 ///< Observations in the file, failed ones included.
  std::size_t failed = 0;               ///< Rows left out because their run failed.
  std::vector<std::string> launch_ids;  ///< Those of the rows taken; empty when the format has none.
  std::vector<std::string> notes;       ///< What the reader of a comparison should know.
};

/// Which part of a file is wanted.
struct DatasetSelection {
  /// A launch id, a command or a benchmark's name, or a position from 1; empty for everything.
  std::string part;
  /// Name of the dataset in results; empty to take it from the file.
  std::string label;
};

/// All datasets of a file or run folder: one, except for a hyperfine file with several commands. "-" is stdin.
/// Errors: environment (cannot be read), bad_input (malformed, with line and column; nothing numeric in it),
/// bad_usage (several launches and none selected; the selected part does not exist).
Result<std::vector<Dataset>> load_datasets(const Path& path, const DatasetSelection& selection = {});

/// The only dataset of a file. Errors: as load_datasets, and bad_usage when the file has several.
Result<Dataset> load_dataset(const Path& path, const DatasetSelection& selection = {});

/// Reads an operand of the command line: "FILE", or "FILE#PART" when no file of that whole name exists.
Result<std::vector<Dataset>> load_operand(std::string_view operand);

/// Makes equal labels different by their sources, else by position, so that every row of a table has one owner.
void make_labels_distinct(std::span<Dataset> datasets);

/// The series called `name`: exactly, with its unit ("outer_time_s") or by an alias.
const Series* find_series(const Dataset& dataset, std::string_view name);

/// The series that measures the same as one of another dataset: by its name, else by its aliases.
const Series* find_counterpart(const Dataset& dataset, const Series& series);

/// As find_series. Errors: bad_usage naming the nearest metric or all there are.
Result<const Series*> require_series(const Dataset& dataset, std::string_view name);

/// The factor from the unit of time to seconds (ns us µs ms s min m h), or nullopt for any other unit.
std::optional<double> seconds_per(std::string_view unit);

}  // namespace thaw
