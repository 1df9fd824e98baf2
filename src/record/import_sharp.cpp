#include <algorithm>
#include <array>

#include "core/text.h"
#include "record/import.h"
#include "record/import_columns.h"
#include "record/sharp_markdown.h"

namespace thaw::import {
namespace {

/// Columns that say which row it is, of both generations.
constexpr std::array<std::string_view, 7> bookkeeping = {
    "launch_id", "completion_timestamp", "repeat", "rank", "task", "start", "concurrency"};

bool is_bookkeeping(std::string_view column) {
  return std::find(bookkeeping.begin(), bookkeeping.end(), column) != bookkeeping.end();
}

/// The launch whose id is `part` or alone begins with it; the only launch when nothing is asked for.
Result<std::string> choose_launch(const std::vector<std::string>& launches, const Source& source) {
  if (source.part.empty() && launches.size() == 1) return launches.front();
  std::vector<std::string> matches;
  for (const std::string& launch : launches) {
    if (launch == source.part) return launch;
    if (!source.part.empty() && launch.starts_with(source.part)) matches.push_back(launch);
  }
  if (matches.size() == 1) return matches.front();
  const std::string what =
      source.part.empty() ? fmt::format("the file holds {} launches and none is selected", launches.size())
                          : fmt::format("no single launch is called \"{}\"", source.part);
  return fail_at(
      ErrorKind::bad_usage, what, source.path.string(),
      fmt::format("select one as {}#ID, with ID one of {}", source.path.string(), join(launches, ", ")));
}

/// The Markdown file beside the CSV; an empty description when there is none.
Result<SharpDescription> description_beside(const Source& source, Dataset& dataset) {
  Path path = source.path;
  path.replace_extension(".md");
  const auto text = read_file_if_any(path);
  if (!text) {
    dataset.notes.push_back(fmt::format(
        "{} is missing: options, machine and directions of metrics are unknown", path.filename().string()));
    return SharpDescription{};
  }
  return parse_sharp_markdown(*text, path);
}

void apply_description(const SharpDescription& description, const std::string& launch, Dataset& dataset) {
  dataset.context = description.facts;
  const auto invariants = description.invariants.find(launch);
  if (invariants != description.invariants.end()) {
    dataset.context.insert(invariants->second.begin(), invariants->second.end());
  }
  for (Series& series : dataset.series) {
    const auto metric = description.metrics.find(series.name);
    if (metric == description.metrics.end()) continue;
    series.unit = usual_unit(metric->second.unit);
    series.lower_is_better = metric->second.lower_is_better;
  }
}

bool is_declared_text(const SharpDescription& description, const std::string& column) {
  const auto metric = description.metrics.find(column);
  return metric != description.metrics.end() && metric->second.is_text;
}

}  // namespace

bool looks_like_sharp(std::string_view header) {
  const auto columns = split(header, ',');
  const auto has = [&](std::string_view name) {
    return std::find(columns.begin(), columns.end(), name) != columns.end();
  };
  return has("repeat") && has("outer_time") && (has("launch_id") || has("task"));
}

Result<std::vector<Dataset>> read_sharp(const Source& source) {
  THAW_TRY(const CsvColumns table,
           read_columns(CsvReader::over(std::string(source.text), source.path.string())));
  Dataset dataset;
  dataset.source = source.path;
  dataset.format = DatasetFormat::sharp;
  THAW_TRY(const auto launch_of_row,
           raw_texts(CsvReader::over(std::string(source.text), source.path.string()), "launch_id"));
  RowChoice choice = RowChoice::all(table.rows);
  std::string launch;
  if (!launch_of_row.empty()) {
    THAW_TRY(launch, choose_launch(distinct(launch_of_row), source));
    for (std::size_t row = 0; row < table.rows; ++row) choice.belongs[row] = launch_of_row[row] == launch;
    dataset.launch_ids = {launch};
  }
  dataset.rows = static_cast<std::size_t>(std::count(choice.belongs.begin(), choice.belongs.end(), true));
  THAW_TRY(const SharpDescription description, description_beside(source, dataset));
  for (const Column& column : table.columns) {
    if (is_bookkeeping(column.name) || is_declared_text(description, column.name)) continue;
    if (auto complaint = complaint_about(column)) dataset.notes.push_back(*std::move(complaint));
    auto series = series_from(column, choice);
    if (!series) continue;
    if (series->name == "outer_time") {
      series->unit = "s";
      series->lower_is_better = true;
      series->aliases = {"outer_time_s"};
    }
    dataset.series.push_back(*std::move(series));
  }
  apply_description(description, launch, dataset);
  return std::vector{std::move(dataset)};
}

}  // namespace thaw::import
