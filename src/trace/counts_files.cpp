#include "trace/counts_files.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <system_error>

#include "core/text.h"
#include "trace/csv_table.h"
#include "trace/text_output.h"
#include "trace/trace_statistics.h"

namespace thaw {
namespace {

constexpr std::array duration_fields = {
    std::pair{"Average", &DurationStatistics::average},
    std::pair{"Count", &DurationStatistics::count},
    std::pair{"Minimum", &DurationStatistics::minimum},
    std::pair{"Maximum", &DurationStatistics::maximum},
    std::pair{"percentile_Average_0", &DurationStatistics::p0},
    std::pair{"percentile_Average_1", &DurationStatistics::p1},
    std::pair{"percentile_Average_25", &DurationStatistics::p25},
    std::pair{"percentile_Average_50", &DurationStatistics::p50},
    std::pair{"percentile_Average_75", &DurationStatistics::p75},
    std::pair{"percentile_Average_99", &DurationStatistics::p99},
    std::pair{"percentile_Average_100", &DurationStatistics::p100},
};

constexpr std::array memory_fields = {
    std::pair{"SampleCount", &MemoryStatistics::count},
    std::pair{"AverageAllocatedMb", &MemoryStatistics::average},
    std::pair{"AverageAllocatedMb_pct1", &MemoryStatistics::p1},
    std::pair{"AverageAllocatedMb_pct5", &MemoryStatistics::p5},
    std::pair{"AverageAllocatedMb_pct25", &MemoryStatistics::p25},
    std::pair{"AverageAllocatedMb_pct50", &MemoryStatistics::p50},
    std::pair{"AverageAllocatedMb_pct75", &MemoryStatistics::p75},
    std::pair{"AverageAllocatedMb_pct95", &MemoryStatistics::p95},
    std::pair{"AverageAllocatedMb_pct99", &MemoryStatistics::p99},
    std::pair{"AverageAllocatedMb_pct100", &MemoryStatistics::p100},
};

/// The one CSV file of the folder with `kind` in its name and the day's number behind it.
Result<Path> find_table(const Path& folder, std::string_view kind, std::optional<int> day) {
  std::vector<Path> found;
  std::error_code code;
  for (const auto& entry : std::filesystem::directory_iterator(folder, code)) {
    const std::string name = entry.path().filename().string();
    const std::size_t at = name.find(kind);
    if (at == std::string::npos || (!name.ends_with(".csv") && !name.ends_with(".csv.gz"))) continue;
    if (day && name.find(fmt::format("{:02}", *day), at + kind.size()) == std::string::npos) continue;
    found.push_back(entry.path());
  }
  if (code)
    return fail_at(ErrorKind::environment, "cannot read the folder: " + code.message(), folder.string());
  if (found.size() == 1) return found.front();
  return fail_at(ErrorKind::bad_input,
                 fmt::format("one file named *{}*{}*.csv is needed, {} fit", kind,
                             day ? fmt::format("{:02}", *day) : "", found.size()),
                 folder.string(), day ? "" : "name the day, as --start 0:00:00 for the first one");
}

/// The field as a number, NaN when it is empty.
Result<double> number_or_missing(const CsvTable& table, std::size_t column) {
  if (trim(table.field(column)).empty()) return std::numeric_limits<double>::quiet_NaN();
  return table.number(column);
}

/// Places of a table's columns.
struct KeyColumns {
  std::optional<std::size_t> owner, app, function;

  static KeyColumns of(const CsvTable& table) {
    return {table.columns().find({"hashowner"}), table.columns().find({"hashapp"}),
            table.columns().find({"hashfunction"})};
  }
  [[nodiscard]] TraceKey key(const CsvTable& table) const {
    const auto text = [&](std::optional<std::size_t> column) {
      return column ? std::string(table.field(*column)) : std::string();
    };
    return {text(owner), text(app), text(function)};
  }
};

Result<> read_count_rows(const Path& path, Azure2019Tables& tables) {
  ReadingNotes notes;
  THAW_TRY(CsvTable table, CsvTable::open(InputFile::at(path), notes));
  const KeyColumns keys = KeyColumns::of(table);
  const auto trigger = table.columns().find({"trigger"});
  THAW_TRY(const std::size_t function, table.column({"HashFunction"}));
  THAW_TRY(const std::size_t app, table.column({"HashApp"}));
  const std::size_t first = std::max({function, app, keys.owner.value_or(0), trigger.value_or(0)}) + 1;
  if (first < table.columns().size()) {
    const auto label = parse_count(table.columns().names()[first]);
    tables.first_minute = label.value_or(1);
  }
  while (true) {
    THAW_TRY(const bool has_row, table.next(notes));
    if (!has_row) return {};
    Azure2019Tables::CountRow row{keys.key(table), trigger ? std::string(table.field(*trigger)) : "", {}};
    row.counts.resize(table.columns().size() - first);
    for (std::size_t i = 0; i < row.counts.size(); ++i) {
      THAW_TRY(row.counts[i], number_or_missing(table, first + i));
    }
    tables.invocations.push_back(std::move(row));
  }
}

template <class Row, class Fields>
Result<std::vector<Row>> read_statistics(const Path& path, const Fields& fields, const char* key) {
  ReadingNotes notes;
  THAW_TRY(CsvTable table, CsvTable::open(InputFile::at(path), notes));
  THAW_TRY([[maybe_unused]] const std::size_t has_key, table.column({key}));
  const KeyColumns keys = KeyColumns::of(table);
  std::array<std::size_t, std::tuple_size_v<Fields>> places{};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    THAW_TRY(places[i], table.column({fields[i].first}));
  }
  std::vector<Row> rows;
  while (true) {
    THAW_TRY(const bool has_row, table.next(notes));
    if (!has_row) return rows;
    Row row{keys.key(table), {}};
    for (std::size_t i = 0; i < fields.size(); ++i) {
      THAW_TRY(row.statistics.*(fields[i].second), number_or_missing(table, places[i]));
    }
    rows.push_back(std::move(row));
  }
}

void add_key(TextOutput& out, const TraceFunction& function) {
  const std::string& app = function.app.empty() ? function.name : function.app;
  out.add_field(function.owner.empty() ? app : function.owner).add(',').add_field(app).add(',');
  out.add_field(function.name);
}

Result<> write_count_table(const ArrivalCounts& counts, const Path& path, std::size_t first_label) {
  THAW_TRY(TextOutput out, TextOutput::create(path, false));
  out.add("HashOwner,HashApp,HashFunction,Trigger");
  for (std::size_t i = 0; i < counts.columns(); ++i) out.add(',').add_number(std::uint64_t{first_label + i});
  THAW_CHECK(out.end_line());
  for (std::size_t f = 0; f < counts.functions.size(); ++f) {
    add_key(out, counts.functions[f]);
    out.add(',').add_field(counts.functions[f].trigger.empty() ? "unknown" : counts.functions[f].trigger);
    for (const std::uint32_t count : counts.counts[f]) out.add(',').add_number(std::uint64_t{count});
    THAW_CHECK(out.end_line());
  }
  return out.finish();
}

/// One row of figures for each function.
template <class Fields, class StatisticsOf>
Result<> write_statistics(const ArrivalCounts& counts, const Path& path, const Fields& fields,
                          StatisticsOf statistics_of) {
  THAW_TRY(TextOutput out, TextOutput::create(path, false));
  out.add("HashOwner,HashApp,HashFunction");
  for (const auto& field : fields) out.add(',').add(field.first);
  THAW_CHECK(out.end_line());
  for (const TraceFunction& function : counts.functions) {
    add_key(out, function);
    const auto statistics = statistics_of(function);
    for (const auto& field : fields) out.add(',').add_number(statistics.*(field.second));
    THAW_CHECK(out.end_line());
  }
  return out.finish();
}

}  // namespace

Result<Azure2019Tables> read_azure2019_tables(const Path& folder, std::optional<int> day) {
  THAW_TRY(const Path invocations, find_table(folder, "invocations", day));
  THAW_TRY(const Path durations, find_table(folder, "durations", day));
  THAW_TRY(const Path memory, find_table(folder, "memory", day));
  Azure2019Tables tables;
  THAW_CHECK(read_count_rows(invocations, tables));
  THAW_TRY(tables.durations,
           read_statistics<Azure2019Tables::DurationRow>(durations, duration_fields, "HashFunction"));
  THAW_TRY(tables.memory, read_statistics<Azure2019Tables::MemoryRow>(memory, memory_fields, "HashApp"));
  return tables;
}

Result<> write_counts(const ArrivalCounts& counts, const Path& folder, std::size_t first_label) {
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (code)
    return fail_at(ErrorKind::environment, "cannot make the folder: " + code.message(), folder.string());
  THAW_CHECK(write_count_table(counts, folder / "invocations.csv", first_label));
  THAW_CHECK(
      write_statistics(counts, folder / "durations.csv", duration_fields, [](const TraceFunction& function) {
        return function.duration ? *function.duration : duration_statistics(function, 1);
      }));
  return write_statistics(counts, folder / "memory.csv", memory_fields, [](const TraceFunction& function) {
    return function.memory ? *function.memory : memory_statistics(function, 1);
  });
}

Result<std::vector<Azure2021Row>> read_azure2021_rows(const Path& path) {
  ReadingNotes notes;
  THAW_TRY(CsvTable table, CsvTable::open(InputFile::at(path), notes));
  THAW_TRY(const std::size_t app, table.column({"app"}));
  THAW_TRY(const std::size_t function, table.column({"func"}));
  THAW_TRY(const std::size_t end, table.column({"end_timestamp"}));
  THAW_TRY(const std::size_t duration, table.column({"duration"}));
  std::vector<Azure2021Row> rows;
  while (true) {
    THAW_TRY(const bool has_row, table.next(notes));
    if (!has_row) return rows;
    Azure2021Row row{std::string(table.field(app)), std::string(table.field(function))};
    THAW_TRY(row.end_s, table.number(end));
    THAW_TRY(row.duration_s, table.number(duration));
    if (!std::isfinite(row.end_s) || !(row.duration_s >= 0) || !std::isfinite(row.duration_s)) {
      return fail_at(ErrorKind::bad_input,
                     fmt::format("a row needs a finite end and a duration from 0, got {} and {}", row.end_s,
                                 row.duration_s),
                     table.place());
    }
    rows.push_back(std::move(row));
  }
}

Result<> write_azure2021_rows(const std::vector<Azure2021Row>& rows, const Path& path) {
  THAW_TRY(TextOutput out, TextOutput::create(path, false));
  out.add("app,func,end_timestamp,duration");
  THAW_CHECK(out.end_line());
  for (const Azure2021Row& row : rows) {
    out.add_field(row.app).add(',').add_field(row.function).add(',').add_number(row.end_s).add(',');
    out.add_number(row.duration_s);
    THAW_CHECK(out.end_line());
  }
  return out.finish();
}

}  // namespace thaw
