#include "bench/result.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/text.h"
#include "stats/summary.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json series_json(const MeasuredSeries& series) {
  const Summary summary = summarize(series.values);
  const bool is_known = !series.values.empty();
  const auto known = [&](double value) { return is_known ? number(value) : Json(); };
  return {{"unit", series.unit},
          {"n", series.values.size()},
          {"min", known(summary.min)},
          {"median", known(summary.median)},
          {"mean", known(summary.mean)},
          {"stddev", known(summary.stddev)},
          {"p95", known(summary.p95)},
          {"p99", known(summary.p99)},
          {"max", known(summary.max)},
          {"ci95_low", known(summary.ci95.low)},
          {"ci95_high", known(summary.ci95.high)},
          {"missing", series.missing},
          {"lower_is_better", series.lower_is_better}};
}

Json text_json(const MeasuredSeries& series) {
  return {{"n", series.text_values},
          {"distinct", series.texts.size()},
          {"value", series.texts.size() == 1 ? Json(*series.texts.begin()) : Json()},
          {"missing", series.missing}};
}

/// "vm" or "3 different values".
std::string text_for_people(const MeasuredSeries& series) {
  if (series.texts.empty()) return "no value";
  return series.texts.size() == 1 ? *series.texts.begin()
                                  : fmt::format("{} different values", series.texts.size());
}

Json cell_json(const CellResult& cell) {
  Json json;
  json["command"] = cell.command;
  json["launch_id"] = cell.launch_id;
  json["repetitions"] = cell.repetitions;
  json["failed"] = cell.failed;
  json["stopped_by"] = cell.stopped_by;
  json["reason"] = cell.reason;
  json["metrics"] = Json::object();
  for (const MeasuredSeries& series : cell.series) {
    if (series.is_text) {
      json["texts"][series.name] = text_json(series);
    } else {
      json["metrics"][series.name] = series_json(series);
    }
  }
  return json;
}

/// Times in the unit that fits the median, memory in MiB, anything else as it is.
TimeUnit unit_for_people(const MeasuredSeries& series, const Summary& summary) {
  if (series.unit == "s" && !series.values.empty()) return time_unit_for(summary.median);
  if (series.unit == "bytes") return {1.0 / (1 << 20), "MiB"};
  return {1, series.unit};
}

}  // namespace

MeasuredSeries& CellResult::series_called(std::string_view name) {
  const auto found =
      std::find_if(series.begin(), series.end(), [&](const auto& one) { return one.name == name; });
  if (found != series.end()) return *found;
  series.push_back({.name = std::string(name)});
  return series.back();
}

const MeasuredSeries* CellResult::find_series(std::string_view name) const {
  const auto found =
      std::find_if(series.begin(), series.end(), [&](const auto& one) { return one.name == name; });
  return found == series.end() ? nullptr : &*found;
}

std::size_t BenchResult::failed() const {
  return std::accumulate(cells.begin(), cells.end(), std::size_t{0},
                         [](std::size_t sum, const CellResult& cell) { return sum + cell.failed; });
}

Json to_json(const BenchResult& result) {
  Json json;
  json["schema"] = "thaw.bench/1";
  if (result.cells.size() == 1) {
    json.update(cell_json(result.cells.front()));
  } else {
    json["cells"] = Json::array();
    for (const CellResult& cell : result.cells) {
      Json one;
      one["label"] = cell.label;
      one["factors"] = Json::object();
      for (const auto& [name, value] : cell.factors) one["factors"][name] = value;
      one.update(cell_json(cell));
      json["cells"].push_back(std::move(one));
    }
  }
  json["status"] = name_of(result.status);
  json["warnings"] = result.warnings;
  json["out"] = result.out.string();
  return json;
}

Table to_table(const BenchResult& result) {
  Table table;
  const bool has_labels = result.cells.size() > 1;
  if (has_labels) table.columns.push_back({.key = "command", .align = Align::left});
  table.columns.push_back({.key = "metric", .align = Align::left});
  table.columns.push_back({.key = "unit", .align = Align::left});
  for (const char* key : {"n", "min", "median", "mean", "stddev", "p95", "max"}) {
    table.columns.push_back({.key = key, .digits = 4});
  }
  table.columns.push_back({.key = "ci95", .label = "95 % interval of the mean"});
  for (const CellResult& cell : result.cells) {
    for (const MeasuredSeries& series : cell.series) {
      if (series.is_text) continue;
      std::vector<Cell> row;
      if (has_labels) row.emplace_back(cell.label);
      row.emplace_back(series.name);
      const Summary summary = summarize(series.values);
      const TimeUnit unit = unit_for_people(series, summary);
      row.emplace_back(unit.name);
      row.emplace_back(series.values.size());
      const auto cell_of = [&](double value) {
        return series.values.empty() || !std::isfinite(value) ? Cell() : Cell(value * unit.factor);
      };
      for (const double value :
           {summary.min, summary.median, summary.mean, summary.stddev, summary.p95, summary.max}) {
        row.push_back(cell_of(value));
      }
      row.push_back(series.values.size() < 2
                        ? Cell()
                        : Cell(fmt::format("{} … {}", format_significant(summary.ci95.low * unit.factor, 4),
                                           format_significant(summary.ci95.high * unit.factor, 4))));
      table.add(std::move(row));
    }
  }
  for (const CellResult& cell : result.cells) {
    const std::string name = has_labels ? cell.label + ": " : "";
    for (const MeasuredSeries& series : cell.series) {
      if (series.is_text)
        table.notes.push_back(fmt::format("{}{}: {}", name, series.name, text_for_people(series)));
    }
    table.notes.push_back(fmt::format("{}{} repetition{}, {} failed; stopped by {}{}", name, cell.repetitions,
                                      cell.repetitions == 1 ? "" : "s", cell.failed,
                                      cell.stopped_by.empty() ? "nothing yet" : cell.stopped_by,
                                      cell.reason.empty() ? "" : " (" + cell.reason + ")"));
  }
  return table;
}

}  // namespace thaw
