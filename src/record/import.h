#pragma once
// The readers behind load_datasets, one file import_*.cpp for each layout. Each takes text that was already
// recognised as its own.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "record/dataset.h"

namespace thaw::import {

/// What every reader is given.
struct Source {
  Path path;              ///< For messages and for files that lie beside it.
  std::string_view text;  ///< The whole file.
  std::string part;       ///< DatasetSelection::part.
};

/// Thaw's run folder: one dataset for each cell. `part` is a cell or a launch id.
Result<std::vector<Dataset>> read_thaw_run(const Path& folder, const std::string& part);

/// A samples.csv that lost its run.json.
Result<std::vector<Dataset>> read_thaw_samples(const Source& source);

/// True when the header line is one of samples.csv.
bool looks_like_thaw_samples(std::string_view header);

/// The predecessor's CSV with the Markdown file of the same name beside it, of both generations.
Result<std::vector<Dataset>> read_sharp(const Source& source);

/// hyperfine --export-json: one dataset for each command.
Result<std::vector<Dataset>> read_hyperfine(const nlohmann::ordered_json& json, const Source& source);

/// Google Benchmark --benchmark_format=json: one series for each benchmark, its repetitions as values.
Result<std::vector<Dataset>> read_google_benchmark(const nlohmann::ordered_json& json, const Source& source);

/// Any CSV with a header: the columns that hold numbers.
Result<std::vector<Dataset>> read_csv(const Source& source);

/// One number on each line; empty lines and lines that begin with # are skipped, "NA" and "NaN" are missing.
Result<std::vector<Dataset>> read_numbers(const Source& source);

/// True when the first line with content is a number or a missing value.
bool looks_like_numbers(std::string_view text);

/// True when the header line is one that the predecessor wrote.
bool looks_like_sharp(std::string_view header);

/// Parses JSON that may come from anywhere. Errors: bad_input at "path:line:column", and for absurd nesting.
Result<nlohmann::ordered_json> parse_json(std::string_view text, const Path& path);

/// Adds every scalar of a JSON value to the context under dotted keys.
void flatten(const nlohmann::ordered_json& value, const std::string& prefix, Context& context);

}  // namespace thaw::import
