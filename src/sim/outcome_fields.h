#pragma once
// How the result of a point stands in files: one table of fields, from which CSV, JSON and docs/formats/simulation.md
// are made. What depends on the machine's speed is apart, so that equal points give equal bytes.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/field_table.h"
#include "sim/points.h"

namespace thaw {

/// A finished point of an experiment, with everything that its row needs.
struct OutcomeRow {
  std::uint64_t index = 0;  ///< Of the point in its experiment, from 0.
  SweepPoint point;
  std::uint64_t functions = 0;
  SimulationOutcome outcome;
  SimulationCosts costs;
};

/// Columns of samples.csv.
FieldTable<OutcomeRow> outcome_fields();

/// How fast a point was simulated. Measured: differs between runs.
struct OutcomeTiming {
  std::uint64_t index = 0;
  double wall_s = 0;             ///< Time in the simulation itself, without reading the trace.
  double invocations_per_s = 0;  ///< NaN when nothing was simulated.
};
/// Columns of timings.csv.
FieldTable<OutcomeTiming> timing_fields();

/// One function at one point.
struct FunctionRow {
  std::uint64_t index = 0;
  const OutcomeRow* outcome = nullptr;
  const TraceFunction* function = nullptr;
  FunctionOutcome counts;
};
/// Columns of functions.csv.
FieldTable<FunctionRow> function_fields();

/// One server of a point that has several.
struct ServerRow {
  std::uint64_t index = 0;
  const OutcomeRow* outcome = nullptr;
  std::uint64_t server = 0;  ///< From 0.
  const ServerOutcome* counts = nullptr;
};
/// Columns of servers.csv.
FieldTable<ServerRow> server_fields();

/// The names of a table's fields: a CSV header.
template <class Record>
std::vector<std::string> header_of(FieldTable<Record> table) {
  std::vector<std::string> names;
  for (const auto& field : table) names.emplace_back(field.name);
  return names;
}

/// Pages of docs/formats/ of this room.
std::vector<FormatPage> simulation_format_pages();

}  // namespace thaw
