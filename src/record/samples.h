#pragma once
// samples.csv: one raw row for each process that was measured. Fixed columns first, then factors and metrics named by
// the experiment.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/units.h"
#include "record/field_table.h"

namespace thaw {

/// A column that the experiment adds: something measured, or a factor that was set.
struct SampleColumn {
  std::string name;  ///< As users write it: "inner_time".
  std::string unit;  ///< "s", "bytes", …; empty for counts and text.
  FieldType type = FieldType::number;
  std::string description;
  bool lower_is_better = true;
  bool is_factor = false;  ///< Set by a sweep, not measured.
};

/// One process of one repetition. What could not be measured is nullopt.
struct SampleRow {
  std::string launch_id;        ///< Eight hex digits, one for each start of the program.
  std::int64_t repetition = 1;  ///< From 1.
  std::int64_t rank = 0;        ///< Which copy of the repetition, from 0.
  WallTime started_at{};
  std::optional<Nanos> outer_time;
  std::optional<Nanos> user;
  std::optional<Nanos> system;
  std::optional<Bytes> max_rss;
  std::optional<std::int64_t> exit_code;
  std::string status;  ///< "ok", or why the row is left out of statistics: "failed", "timeout", …
  std::optional<std::int64_t> signal;
  std::optional<std::int64_t> minor_faults;
  std::optional<std::int64_t> major_faults;
  std::optional<std::int64_t> voluntary_switches;
  std::optional<std::int64_t> involuntary_switches;
  std::string cell;                 ///< Which command or sweep combination; empty when there is only one.
  std::vector<FieldValue> metrics;  ///< In the order of the metric columns.
};

/// The columns of every samples.csv, in order.
FieldTable<SampleRow> sample_fields();

/// The whole header: fixed columns, then the metrics by name.
std::vector<std::string> sample_header(std::span<const SampleColumn> metrics);

/// What run.json says about the columns of samples.csv: a list of {name, unit, type, …}.
nlohmann::ordered_json describe_columns(std::span<const SampleColumn> metrics);

/// Reads back the metric columns from what describe_columns wrote; entries of the fixed columns are left out.
/// Errors: bad_input (not such a list).
Result<std::vector<SampleColumn>> metric_columns_from(const nlohmann::ordered_json& columns);

}  // namespace thaw
