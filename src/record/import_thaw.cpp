#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/text.h"
#include "record/gzip.h"
#include "record/import.h"
#include "record/import_columns.h"
#include "record/json_text.h"
#include "record/run_folder.h"

namespace thaw::import {
namespace {

using Json = nlohmann::ordered_json;

/// Columns that say which row it is and how it ended.
constexpr std::array<std::string_view, 7> bookkeeping = {"launch_id", "repetition", "rank",  "started_at",
                                                         "exit_code", "status",     "signal"};

/// Columns of every run whose metric has another name than the column without its unit.
struct FixedMetric {
  std::string_view column, name;
  bool is_detail = false;
};
constexpr std::array fixed_metrics = {FixedMetric{"user_s", "user_time"},
                                      FixedMetric{"system_s", "system_time"},
                                      FixedMetric{"max_rss_bytes", "max_rss_bytes"},
                                      FixedMetric{"minor_faults", "minor_faults", true},
                                      FixedMetric{"major_faults", "major_faults", true},
                                      FixedMetric{"voluntary_switches", "voluntary_switches", true},
                                      FixedMetric{"involuntary_switches", "involuntary_switches", true}};

/// The samples of a run and what its document says about them.
struct Run {
  Path place;
  Json document;
  CsvColumns samples;
  std::vector<SampleColumn> metrics;
  std::vector<std::string> launches, statuses,
      cells;  ///< One text for each row, or empty without the column.
};

Result<> read_texts(const std::string& csv, const Path& path, Run& run) {
  for (auto [column, texts] : {std::pair{"launch_id", &run.launches}, std::pair{"status", &run.statuses},
                               std::pair{"cell", &run.cells}}) {
    THAW_TRY(*texts, raw_texts(CsvReader::over(csv, path.string(), TornEnd::is_dropped), column));
    // The file may have grown since its numbers were read.
    if (!texts->empty()) texts->resize(run.samples.rows);
  }
  if (run.cells.empty()) run.cells.assign(run.samples.rows, {});
  if (run.launches.empty()) run.launches.assign(run.samples.rows, {});
  return {};
}

/// The facts of the run by section. What the machine did meanwhile ("disturbance") is a result, not a circumstance.
Context context_of(const Json& document) {
  Context context;
  if (!document.is_object()) return context;
  const auto flatten_if_any = [&](const Json& object, const char* key, const char* section) {
    const auto found = object.find(key);
    if (found != object.end()) flatten(*found, section, context);
  };
  flatten_if_any(document, "configuration", "runtime");
  const auto facts = document.find("context");
  if (facts == document.end() || !facts->is_object()) return context;
  flatten_if_any(*facts, "host", "system");
  flatten_if_any(*facts, "target", "target");
  flatten_if_any(*facts, "run", "provenance");
  return context;
}

const SampleColumn* metric_called(const Run& run, const std::string& column) {
  for (const SampleColumn& metric : run.metrics) {
    if (metric.name == column) return &metric;
  }
  return nullptr;
}

/// The column as a series under its name without the unit; nullopt for text, factors and bookkeeping.
std::optional<Series> metric_series(const Run& run, const Column& column, const RowChoice& choice) {
  if (column.name == "cell") return std::nullopt;
  if (std::find(bookkeeping.begin(), bookkeeping.end(), column.name) != bookkeeping.end())
    return std::nullopt;
  const SampleColumn* metric = metric_called(run, column.name);
  if (metric != nullptr && metric->is_factor) return std::nullopt;
  auto series = series_from(column, choice);
  if (!series) return std::nullopt;
  series->lower_is_better = metric == nullptr || metric->lower_is_better;
  if (metric != nullptr) {
    series->unit = usual_unit(metric->unit);
    return series;
  }
  NameAndUnit parts = split_unit(column.name);
  series->aliases = {column.name, parts.name};
  series->name = std::move(parts.name);
  series->unit = std::move(parts.unit);
  for (const FixedMetric& fixed : fixed_metrics) {
    if (fixed.column != column.name) continue;
    series->name = fixed.name;
    series->is_detail = fixed.is_detail;
  }
  return series;
}

/// Factors are the same in all rows of a cell, so the first row tells them.
void read_factors(const Run& run, const std::vector<bool>& in_cell, Context& context) {
  const auto first = std::find(in_cell.begin(), in_cell.end(), true);
  if (first == in_cell.end()) return;
  const auto row = static_cast<std::size_t>(first - in_cell.begin());
  for (const Column& column : run.samples.columns) {
    const SampleColumn* metric = metric_called(run, column.name);
    if (metric == nullptr || !metric->is_factor) continue;
    context["invariant." + column.name] = column.text(row);
  }
}

Dataset dataset_of(const Run& run, const std::string& cell, const std::string& launch) {
  Dataset dataset;
  dataset.source = run.place;
  dataset.format = DatasetFormat::thaw;
  dataset.label = cell.empty() ? text_at(run.document, "task") : cell;
  if (!launch.empty()) dataset.label += "#" + launch;
  dataset.context = context_of(run.document);
  RowChoice choice{std::vector<bool>(run.samples.rows), std::vector<bool>(run.samples.rows)};
  std::vector<std::string> launches;
  for (std::size_t row = 0; row < run.samples.rows; ++row) {
    choice.belongs[row] = run.cells[row] == cell && (launch.empty() || run.launches[row] == launch);
    if (!choice.belongs[row]) continue;
    choice.counts[row] = run.statuses.empty() || run.statuses[row] == "ok";
    ++dataset.rows;
    if (!choice.counts[row]) ++dataset.failed;
    if (!run.launches[row].empty()) launches.push_back(run.launches[row]);
  }
  dataset.launch_ids = distinct(launches);
  read_factors(run, choice.belongs, dataset.context);
  for (const Column& column : run.samples.columns) {
    if (auto series = metric_series(run, column, choice)) dataset.series.push_back(*std::move(series));
  }
  if (dataset.launch_ids.size() > 1) {
    dataset.notes.push_back(fmt::format("{} launches are taken together", dataset.launch_ids.size()));
  }
  const std::string status = text_at(run.document, "status");
  if (!status.empty() && status != "completed") dataset.notes.push_back(fmt::format("the run is {}", status));
  return dataset;
}

Result<std::vector<Dataset>> datasets_of(const Run& run, const std::string& part) {
  const std::vector<std::string> cells = distinct(run.cells);
  const std::vector<std::string> launches = distinct(run.launches);
  const bool is_cell = std::find(cells.begin(), cells.end(), part) != cells.end();
  const bool is_launch = std::find(launches.begin(), launches.end(), part) != launches.end();
  if (!part.empty() && !is_cell && !is_launch) {
    std::vector<std::string> names = cells;
    names.insert(names.end(), launches.begin(), launches.end());
    std::erase(names, "");
    return fail_at(ErrorKind::bad_usage, fmt::format("the run has no cell or launch \"{}\"", part),
                   run.place.string(), suggest(part, names));
  }
  std::vector<Dataset> datasets;
  for (const std::string& cell : cells) {
    if (!part.empty() && is_cell && cell != part) continue;
    Dataset dataset = dataset_of(run, cell, !is_cell ? part : std::string());
    if (dataset.rows > 0) datasets.push_back(std::move(dataset));
  }
  if (datasets.empty()) {
    return fail_at(ErrorKind::bad_input, "the run has no samples yet", run.place.string(),
                   "run it again, or look at its warnings in run.json");
  }
  return datasets;
}

}  // namespace

bool looks_like_thaw_samples(std::string_view header) {
  return header.starts_with("launch_id,repetition,rank,started_at");
}

Result<std::vector<Dataset>> read_thaw_run(const Path& folder, const std::string& part) {
  THAW_TRY(RunRecord record, read_run(folder));
  Run run{.place = folder, .document = std::move(record.document), .samples = std::move(record.samples)};
  if (const auto columns = run.document.find("columns"); columns != run.document.end()) {
    THAW_TRY(run.metrics, metric_columns_from(*columns));
  }
  Path samples = record.folder / "samples.csv";
  std::error_code ignored;
  if (!std::filesystem::exists(samples, ignored)) samples += ".gz";
  THAW_CHECK(read_texts(read_file_unpacked(samples).value_or(std::string()), samples, run));
  return datasets_of(run, part);
}

Result<std::vector<Dataset>> read_thaw_samples(const Source& source) {
  Run run{.place = source.path};
  const std::string text(source.text);
  THAW_TRY(run.samples, read_columns(CsvReader::over(text, source.path.string(), TornEnd::is_dropped)));
  THAW_CHECK(read_texts(text, source.path, run));
  THAW_TRY(auto datasets, datasets_of(run, source.part));
  for (Dataset& dataset : datasets) {
    dataset.notes.emplace_back("run.json is missing: options, machine and directions of metrics are unknown");
  }
  return datasets;
}

}  // namespace thaw::import
