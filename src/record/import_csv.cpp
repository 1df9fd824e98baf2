#include <algorithm>

#include "core/text.h"
#include "record/import.h"
#include "record/import_columns.h"

namespace thaw::import {
namespace {

/// A file without a header would lose its first row in silence.
Result<> check_header(const CsvColumns& table, const Path& path) {
  const bool is_data = std::all_of(table.columns.begin(), table.columns.end(), [](const Column& column) {
    return parse_number(column.name).has_value();
  });
  if (!is_data) return {};
  return fail_at(ErrorKind::bad_input, "the first line holds numbers where the names of the columns belong",
                 fmt::format("{}:1", path.string()), "add a header line, for example outer_time_s");
}

}  // namespace

Result<std::vector<Dataset>> read_csv(const Source& source) {
  THAW_TRY(const CsvColumns table,
           read_columns(CsvReader::over(std::string(source.text), source.path.string())));
  THAW_CHECK(check_header(table, source.path));
  if (table.rows == 0) {
    return fail_at(ErrorKind::bad_input, "there is nothing below the header line", source.path.string(),
                   "give numbers one per line, or a CSV file with rows");
  }
  if (!source.part.empty()) {
    return fail_at(ErrorKind::bad_usage, fmt::format("a plain CSV file has no part \"{}\"", source.part),
                   source.path.string());
  }
  Dataset dataset;
  dataset.source = source.path;
  dataset.format = DatasetFormat::csv;
  dataset.rows = table.rows;
  const RowChoice choice = RowChoice::all(table.rows);
  std::vector<std::string> names;
  for (const Column& column : table.columns) {
    names.push_back(column.name);
    if (auto complaint = complaint_about(column)) dataset.notes.push_back(*std::move(complaint));
    auto series = series_from(column, choice);
    if (!series) continue;
    NameAndUnit parts = split_unit(column.name);
    series->unit = parts.unit;
    if (parts.name != column.name) series->aliases = {std::move(parts.name)};
    dataset.series.push_back(*std::move(series));
  }
  if (dataset.series.empty()) {
    return fail_at(
        ErrorKind::bad_input, "no column holds only numbers", source.path.string(),
        dataset.notes.empty() ? fmt::format("columns: {}", join(names, ", ")) : dataset.notes.front());
  }
  return std::vector{std::move(dataset)};
}

}  // namespace thaw::import
