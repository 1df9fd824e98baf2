#include "trace/function_table.h"

#include <string>

namespace thaw {
namespace {

struct Columns {
  std::size_t name = 0, memory = 0, cold = 0, warm = 0;
  std::optional<std::size_t> owner, app, trigger;
};

Result<Columns> find_columns(const CsvTable& table) {
  Columns columns;
  THAW_TRY(columns.name, table.column({"function", "func_name"}));
  THAW_TRY(columns.memory, table.column({"memory_mb", "mem_mb"}));
  THAW_TRY(columns.cold, table.column({"cold_ms", "cold_dur_ms"}));
  THAW_TRY(columns.warm, table.column({"warm_ms", "warm_dur_ms"}));
  columns.owner = table.columns().find({"owner"});
  columns.app = table.columns().find({"app"});
  columns.trigger = table.columns().find({"trigger"});
  return columns;
}

/// A row that cannot be: why, and under which name its repair is counted.
struct Flaw {
  std::string what;
  std::string_view repair;
};

Result<TraceFunction> read_row(const CsvTable& table, const Columns& columns) {
  TraceFunction function;
  function.name = table.field(columns.name);
  THAW_TRY(function.memory_mb, table.number(columns.memory));
  THAW_TRY(function.cold_ms, table.number(columns.cold));
  THAW_TRY(function.warm_ms, table.number(columns.warm));
  if (columns.owner) function.owner = table.field(*columns.owner);
  if (columns.app) function.app = table.field(*columns.app);
  if (columns.trigger) function.trigger = table.field(*columns.trigger);
  return function;
}

std::optional<Flaw> flaw_of(const TraceFunction& function) {
  if (function.name.empty()) return Flaw{"the function has no name", repairs::bad_function};
  if (!is_possible_memory(function.memory_mb)) {
    return Flaw{fmt::format("the memory of a function is {} MB, a number above 0 and up to 1e12 is needed",
                            function.memory_mb),
                repairs::bad_function};
  }
  for (const double duration : {function.cold_ms, function.warm_ms}) {
    if (!is_possible_time(duration)) {
      return Flaw{
          fmt::format("the duration of a function is {} ms, a number from 0 to 4e12 is needed", duration),
          repairs::bad_function};
    }
  }
  return std::nullopt;
}

}  // namespace

Result<FunctionTable> read_function_table(const InputFile& file, ReadingNotes& notes) {
  THAW_TRY(CsvTable table, CsvTable::open(file, notes));
  THAW_TRY(const Columns columns, find_columns(table));
  FunctionTable result;
  for (;;) {
    THAW_TRY(const bool has_row, table.next(notes));
    if (!has_row) return result;
    auto function = read_row(table, columns);
    if (!function) {
      if (!notes.repair)
        return tl::unexpected(std::move(function).error().with_hint(
            repair_hint("functions with an impossible memory or duration are dropped")));
      notes.repairs.note(repairs::bad_function);
      continue;
    }
    std::optional<Flaw> flaw = flaw_of(*function);
    if (!flaw && !result.names.add(function->name)) {
      flaw =
          Flaw{fmt::format("function \"{}\" is listed twice", function->name), repairs::duplicate_function};
    }
    if (!flaw) {
      result.functions.push_back(*std::move(function));
    } else if (notes.repair) {
      notes.repairs.note(flaw->repair);
    } else {
      return fail_at(ErrorKind::bad_input, flaw->what, table.place(), repair_hint(flaw->repair));
    }
  }
}

}  // namespace thaw
