// The Huawei trace 2023, private data set (Joosen et al., SoCC 2023): tables with a row per minute of a day and a
// column per function, holding requests, mean delay and memory limit. Statistics are those of the minutes that have
// a value, with linear interpolation between them.

#include <algorithm>
#include <cmath>
#include <limits>

#include "trace/counts_trace.h"
#include "trace/forms.h"
#include "trace/function_table.h"
#include "trace/trace_statistics.h"

namespace thaw::forms {
namespace {

constexpr std::size_t minutes_per_day = 1440;
constexpr double seconds_per_day = 86400;

/// One table, turned so that a function's minutes are together; missing values are NaN.
struct MinuteTable {
  FunctionNames names;
  bool holds_memory = false;
  std::size_t minutes = 0;
  std::vector<std::vector<double>> values;  ///< By function.
  std::vector<bool> has_minute = std::vector<bool>(minutes_per_day);
};

Result<std::size_t> minute_of_row(const CsvTable& table, std::size_t time_column) {
  THAW_TRY(const double seconds, table.number(time_column));
  if (!(seconds >= 0) || seconds > largest_time_ms) {
    return fail_at(ErrorKind::bad_input, fmt::format("the time is {} s, a number from 0 is needed", seconds),
                   table.place(), repair_hint(repairs::bad_time));
  }
  return static_cast<std::size_t>(std::fmod(seconds, seconds_per_day) / 60);
}

/// The columns that are functions, added to the table in order.
Result<std::vector<std::size_t>> function_columns(const CsvTable& csv, MinuteTable& table,
                                                  ReadingNotes& notes) {
  std::vector<std::size_t> columns;
  for (std::size_t i = 0; i < csv.columns().size(); ++i) {
    const std::string& name = csv.columns().names()[i];
    if (name == "day" || name == "time" || name.empty()) continue;
    if (table.names.add(name)) {
      columns.push_back(i);
    } else if (notes.repair) {
      notes.repairs.note(repairs::duplicate_function);
    } else {
      return fail_at(ErrorKind::bad_input, fmt::format("function \"{}\" has two columns", name), csv.place(),
                     repair_hint(repairs::duplicate_function));
    }
  }
  table.values.resize(columns.size());
  return columns;
}

/// The value of one function in one minute; missing where the field is empty.
Result<double> value_of(const CsvTable& csv, std::size_t column) {
  if (csv.field(column).empty()) return std::numeric_limits<double>::quiet_NaN();
  THAW_TRY(const double value, csv.number(column));
  if (value < 0 || std::isinf(value)) {
    return fail_at(ErrorKind::bad_input, fmt::format("a value is {}, a number from 0 is needed", value),
                   csv.place(), repair_hint(repairs::malformed_row));
  }
  return value;
}

/// A memory limit of 0 is no limit that a function can run with.
Result<> check_memory(const CsvTable& csv, double& value, ReadingNotes& notes) {
  if (value != 0) return {};
  if (!notes.repair) {
    return fail_at(ErrorKind::bad_input, "the memory of a function is 0 MB, a number above 0 is needed",
                   csv.place(), repair_hint(repairs::no_memory));
  }
  notes.repairs.note(repairs::no_memory);
  value = std::numeric_limits<double>::quiet_NaN();
  return {};
}

/// Whether the row is the first of its minute; a second one would silently replace it.
Result<bool> claim_minute(const CsvTable& csv, std::size_t minute, MinuteTable& table, ReadingNotes& notes) {
  if (!table.has_minute[minute]) {
    table.has_minute[minute] = true;
    return true;
  }
  if (!notes.repair) {
    return fail_at(ErrorKind::bad_input, fmt::format("minute {} of the day is there twice", minute),
                   csv.place(), repair_hint(repairs::repeated_minute));
  }
  notes.repairs.note(repairs::repeated_minute);
  return false;
}

Result<> add_row(const CsvTable& csv, const std::vector<std::size_t>& columns, std::size_t minute,
                 MinuteTable& table, ReadingNotes& notes) {
  std::vector<double> row(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    THAW_TRY(row[i], value_of(csv, columns[i]));
    if (table.holds_memory) THAW_CHECK(check_memory(csv, row[i], notes));
  }
  THAW_TRY(const bool is_first, claim_minute(csv, minute, table, notes));
  if (!is_first) return {};
  for (std::size_t i = 0; i < columns.size(); ++i) {
    table.values[i].resize(minutes_per_day, std::numeric_limits<double>::quiet_NaN());
    table.values[i][minute] = row[i];
  }
  table.minutes = std::max(table.minutes, minute + 1);
  return {};
}

Result<MinuteTable> read_table(const InputFile& file, ReadingNotes& notes, bool holds_memory = false) {
  THAW_TRY(CsvTable csv, CsvTable::open(file, notes));
  THAW_TRY(const std::size_t time_column, csv.column({"time"}));
  MinuteTable table;
  table.holds_memory = holds_memory;
  THAW_TRY(const std::vector<std::size_t> columns, function_columns(csv, table, notes));
  for (;;) {
    THAW_TRY(const bool has_row, csv.next(notes));
    if (!has_row) break;
    auto minute = minute_of_row(csv, time_column);
    Result<> is_added;
    if (minute) is_added = add_row(csv, columns, *minute, table, notes);
    if (minute && is_added) continue;
    if (!notes.repair)
      return tl::unexpected(minute ? std::move(is_added).error() : std::move(minute).error());
    notes.repairs.note(repairs::malformed_row);
  }
  return table;
}

/// The values that a function has in the selected minutes, in rising order.
std::vector<double> present(const MinuteTable& table, std::string_view name, ColumnRange range) {
  std::vector<double> values;
  const FunctionIndex index = table.names.find(name);
  if (index == FunctionNames::none) return values;
  const std::vector<double>& row = table.values[index];
  for (std::size_t minute = range.begin; minute < std::min(range.end, row.size()); ++minute) {
    if (!std::isnan(row[minute])) values.push_back(row[minute]);
  }
  std::sort(values.begin(), values.end());
  return values;
}

/// Appends the function's requests; false when every minute is missing. A fraction of a request is rounded.
bool add_counts(const MinuteTable& requests, FunctionIndex index, ColumnRange range, CompactCounts& counts) {
  const std::vector<double>& row = requests.values[index];
  bool has_any = false;
  counts.begin_row();
  for (std::size_t minute = range.begin; minute < range.end; ++minute) {
    const bool is_present = !std::isnan(row[minute]);
    has_any = has_any || is_present;
    counts.add(is_present ? static_cast<std::uint32_t>(std::min(std::round(row[minute]), double{UINT32_MAX}))
                          : 0);
  }
  counts.end_row();
  return has_any;
}

/// What a function must have to take part; the name of what is missing, or nullptr.
const std::string_view* lack_of(bool has_counts, const std::vector<double>& delays,
                                const std::vector<double>& limits) {
  if (!has_counts) return &remarks::never_called;
  if (delays.empty()) return &remarks::without_durations;
  if (limits.empty() || limits.back() <= 0) return &remarks::without_memory;
  return nullptr;
}

}  // namespace

Result<std::unique_ptr<TraceFile>> open_huawei2023(const Huawei2023Files& files, const ReadOptions& options) {
  ReadingNotes notes{.repair = options.repair};
  THAW_TRY(const MinuteTable requests, read_table(files.requests, notes));
  THAW_TRY(const MinuteTable delay, read_table(files.delay, notes));
  THAW_TRY(const MinuteTable memory, read_table(files.memory, notes, true));
  THAW_TRY(const ColumnRange range, selected_minutes(options, requests.minutes));
  CountedTrace trace{.columns = range.size()};
  for (FunctionIndex index = 0; index < requests.names.size() && requests.minutes > 0; ++index) {
    TraceFunction function;
    function.name = requests.names.name(index);
    const bool has_counts = add_counts(requests, index, range, trace.counts);
    const std::vector<double> delays = present(delay, function.name, range);
    const std::vector<double> limits = present(memory, function.name, range);
    if (const std::string_view* lack = lack_of(has_counts, delays, limits)) {
      trace.counts.drop_row();
      notes.remarks.note(*lack);
      continue;
    }
    function.owner = "0";
    function.app = function.name;
    function.trigger = "http";
    function.duration = duration_statistics(delays);
    function.memory = memory_statistics(limits);
    function.memory_mb = function.memory->average;
    function.cold_ms = function.duration->maximum;
    function.warm_ms = function.duration->average;
    trace.functions.push_back(std::move(function));
  }
  return make_counts_trace("huawei2023", std::move(trace), std::move(notes));
}

}  // namespace thaw::forms
