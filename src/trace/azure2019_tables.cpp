#include "trace/azure2019_tables.h"

#include <array>
#include <cmath>

namespace thaw {
namespace {

struct DurationColumn {
  std::string_view name;
  double DurationStatistics::*value;
};
constexpr std::array duration_columns = {
    DurationColumn{"average", &DurationStatistics::average},
    DurationColumn{"count", &DurationStatistics::count},
    DurationColumn{"minimum", &DurationStatistics::minimum},
    DurationColumn{"maximum", &DurationStatistics::maximum},
    DurationColumn{"percentile_average_0", &DurationStatistics::p0},
    DurationColumn{"percentile_average_1", &DurationStatistics::p1},
    DurationColumn{"percentile_average_25", &DurationStatistics::p25},
    DurationColumn{"percentile_average_50", &DurationStatistics::p50},
    DurationColumn{"percentile_average_75", &DurationStatistics::p75},
    DurationColumn{"percentile_average_99", &DurationStatistics::p99},
    DurationColumn{"percentile_average_100", &DurationStatistics::p100},
};

struct MemoryColumn {
  std::string_view name;
  double MemoryStatistics::*value;
};
constexpr std::array memory_columns = {
    MemoryColumn{"samplecount", &MemoryStatistics::count},
    MemoryColumn{"averageallocatedmb", &MemoryStatistics::average},
    MemoryColumn{"averageallocatedmb_pct1", &MemoryStatistics::p1},
    MemoryColumn{"averageallocatedmb_pct5", &MemoryStatistics::p5},
    MemoryColumn{"averageallocatedmb_pct25", &MemoryStatistics::p25},
    MemoryColumn{"averageallocatedmb_pct50", &MemoryStatistics::p50},
    MemoryColumn{"averageallocatedmb_pct75", &MemoryStatistics::p75},
    MemoryColumn{"averageallocatedmb_pct95", &MemoryStatistics::p95},
    MemoryColumn{"averageallocatedmb_pct99", &MemoryStatistics::p99},
    MemoryColumn{"averageallocatedmb_pct100", &MemoryStatistics::p100},
};

/// Where the columns of a table of statistics are.
template <class Table, std::size_t N>
Result<std::array<std::size_t, N>> places_of(const CsvTable& table, const std::array<Table, N>& columns) {
  std::array<std::size_t, N> places{};
  for (std::size_t i = 0; i < N; ++i) {
    THAW_TRY(places[i], table.column({columns[i].name}));
  }
  return places;
}

template <class Statistics, class Table, std::size_t N>
Result<Statistics> read_statistics(const CsvTable& table, const std::array<Table, N>& columns,
                                   const std::array<std::size_t, N>& places) {
  Statistics statistics;
  for (std::size_t i = 0; i < N; ++i) {
    THAW_TRY(const double value, table.number(places[i]));
    if (!std::isfinite(value)) {
      return fail_at(ErrorKind::bad_input,
                     fmt::format("{} is {}, a number is needed", columns[i].name, value), table.place());
    }
    statistics.*columns[i].value = value;
  }
  return statistics;
}

/// The row is dropped and counted, or its error returned.
Result<> drop_or_fail(Error error, std::string_view repair, ReadingNotes& notes) {
  if (!notes.repair) return tl::unexpected(std::move(error).with_hint(repair_hint(repair)));
  notes.repairs.note(repair);
  return {};
}

Error repeated(std::string_view kind, std::string_view name, const CsvTable& table) {
  return Error{ErrorKind::bad_input, fmt::format("{} \"{}\" is listed twice", kind, name), table.place(), {}};
}

}  // namespace

Result<Azure2019Durations> read_azure2019_durations(const InputFile& file, ReadingNotes& notes) {
  THAW_TRY(CsvTable table, CsvTable::open(file, notes));
  THAW_TRY(const std::size_t name_column, table.column({"hashfunction"}));
  THAW_TRY(const std::size_t app_column, table.column({"hashapp"}));
  THAW_TRY(const auto places, places_of(table, duration_columns));
  Azure2019Durations result;
  for (;;) {
    THAW_TRY(const bool has_row, table.next(notes));
    if (!has_row) return result;
    auto statistics = read_statistics<DurationStatistics>(table, duration_columns, places);
    if (!statistics) {
      THAW_CHECK(drop_or_fail(std::move(statistics).error(), repairs::bad_function, notes));
      continue;
    }
    const std::string_view name = table.field(name_column);
    if (!result.names.add(name)) {
      THAW_CHECK(drop_or_fail(repeated("function", name, table), repairs::duplicate_function, notes));
      continue;
    }
    const std::string_view app = table.field(app_column);
    if (result.apps.add(app)) result.functions_of_app.push_back(0);
    const FunctionIndex app_index = result.apps.find(app);
    ++result.functions_of_app[app_index];
    result.rows.push_back({app_index, *statistics, table.place()});
  }
}

Result<Azure2019Memory> read_azure2019_memory(const InputFile& file, ReadingNotes& notes) {
  THAW_TRY(CsvTable table, CsvTable::open(file, notes));
  Azure2019Memory result;
  result.is_by_function = table.columns().has({"hashfunction"});
  THAW_TRY(const std::size_t name_column, table.column({result.is_by_function ? "hashfunction" : "hashapp"}));
  THAW_TRY(const auto places, places_of(table, memory_columns));
  for (;;) {
    THAW_TRY(const bool has_row, table.next(notes));
    if (!has_row) return result;
    auto statistics = read_statistics<MemoryStatistics>(table, memory_columns, places);
    if (!statistics) {
      THAW_CHECK(drop_or_fail(std::move(statistics).error(), repairs::bad_function, notes));
      continue;
    }
    const std::string_view name = table.field(name_column);
    if (!result.names.add(name)) {
      THAW_CHECK(drop_or_fail(repeated(result.is_by_function ? "function" : "app", name, table),
                              repairs::duplicate_function, notes));
      continue;
    }
    result.rows.push_back({*statistics, table.place()});
  }
}

MemoryStatistics divided(MemoryStatistics memory, double functions) {
  for (const MemoryColumn& column : memory_columns) {
    if (column.value != &MemoryStatistics::count) memory.*column.value /= functions;
  }
  return memory;
}

}  // namespace thaw
