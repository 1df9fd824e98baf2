#pragma once
// What a measurement gave: the values of every metric by cell, and their summary for people and programs.

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/files.h"
#include "record/run_document.h"
#include "record/table.h"

namespace thaw {

/// The values of one metric over all successful repetitions of a cell, in the order they were measured.
struct MeasuredSeries {
  std::string name;
  std::string unit;
  bool lower_is_better = true;
  bool is_text = false;  ///< Of texts there is only how many differ, and the one if none does.
  std::vector<double> values;
  std::size_t missing = 0;  ///< Successful rows without a value.
  std::size_t absent = 0;   ///< Successful processes whose output does not even name the metric.
  std::size_t text_values = 0;
  std::set<std::string> texts;  ///< The different ones.
};

struct CellResult {
  std::string launch_id;
  std::string label;
  std::vector<std::string> command;
  std::vector<std::pair<std::string, std::string>> factors;
  std::size_t repetitions = 0;  ///< All, failed ones included.
  std::size_t failed = 0;
  std::string stopped_by;  ///< The rule's name, "max", "interrupt", or "" while running.
  std::string reason;      ///< The rule's own words.
  std::vector<MeasuredSeries> series;

  MeasuredSeries& series_called(std::string_view name);
  [[nodiscard]] const MeasuredSeries* find_series(std::string_view name) const;
};

struct BenchResult {
  std::vector<CellResult> cells;
  std::vector<std::string> warnings;
  Path out;
  RunStatus status = RunStatus::running;
  int signal = 0;  ///< The signal that interrupted the run, or 0.
  [[nodiscard]] std::size_t failed() const;
};

/// {"schema":"thaw.bench/1","command":[…],"repetitions":…,"failed":…,"stopped_by":…,"metrics":{…},"warnings":[…],
/// "out":…}, and behind the metrics "texts":{"hostname":{"n":…,"distinct":1,"value":"vm","missing":0},…} if a metric
/// has texts (value null when they differ); with several cells the part from "command" to "metrics" stands in "cells", one object each.
nlohmann::ordered_json to_json(const BenchResult& result);

/// The short table for people: one row for each metric of each cell.
Table to_table(const BenchResult& result);

}  // namespace thaw
