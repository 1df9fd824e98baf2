#include "trace/plan_file.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <system_error>

#include "trace/csv_table.h"
#include "trace/function_table.h"
#include "trace/text_output.h"

namespace thaw {
namespace {

constexpr std::string_view schema = "thaw.plan/1";
constexpr std::size_t block_size = 16384;

Result<> make_folder(const Path& folder) {
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (!code) return {};
  return fail_at(ErrorKind::environment, "cannot make the folder: " + code.message(), folder.string());
}

Result<> write_functions(const ArrivalPlan& plan, const Path& path) {
  THAW_TRY(TextOutput out, TextOutput::create(path, false));
  out.add("function,memory_mb,cold_ms,warm_ms");
  THAW_CHECK(out.end_line());
  for (const TraceFunction& function : plan.functions) {
    out.add_field(function.name);
    for (const double value : {function.memory_mb, function.cold_ms, function.warm_ms})
      out.add(',').add_number(value);
    THAW_CHECK(out.end_line());
  }
  return out.finish();
}

Result<PlanTotals> write_invocations(ArrivalPlan& plan, const Path& path) {
  THAW_TRY(TextOutput out, TextOutput::create(path, false));
  out.add("time_ms,function,duration_ms,memory_mib,column,number");
  THAW_CHECK(out.end_line());
  PlanTotals totals{.functions = plan.functions.size()};
  std::vector<PlannedInvocation> block;
  while (true) {
    THAW_CHECK(plan.source->next(block));
    if (block.empty()) break;
    totals.add(block, plan.warmup_columns);
    for (const PlannedInvocation& invocation : block) {
      out.add_number(invocation.time_ms).add(',').add_field(plan.functions[invocation.function].name);
      for (const std::uint64_t value :
           {invocation.runtime_ms, invocation.memory_mib, invocation.column, invocation.number})
        out.add(',').add_number(value);
      THAW_CHECK(out.end_line());
    }
  }
  THAW_CHECK(out.finish());
  return totals;
}

/// Rows of invocations.csv.
class PlanRows final : public PlanSource {
 public:
  static Result<std::unique_ptr<PlanSource>> open(const Path& path, FunctionNames names) {
    auto rows = std::make_unique<PlanRows>();
    THAW_TRY(rows->table_, CsvTable::open(InputFile::at(path), rows->notes_));
    constexpr std::array columns = {"time_ms", "function", "duration_ms", "memory_mib", "column", "number"};
    for (std::size_t i = 0; i < columns.size(); ++i) {
      THAW_TRY(rows->places_[i], rows->table_.column({columns[i]}));
    }
    rows->names_ = std::move(names);
    return rows;
  }

  Result<> next(std::vector<PlannedInvocation>& block) override {
    block.clear();
    while (block.size() < block_size) {
      THAW_TRY(const bool has_row, table_.next(notes_));
      if (!has_row) break;
      THAW_TRY(const PlannedInvocation invocation, read_row());
      block.push_back(invocation);
    }
    return {};
  }

 private:
  Result<PlannedInvocation> read_row() {
    PlannedInvocation invocation;
    THAW_TRY(invocation.time_ms, table_.number(places_[0]));
    if (!(invocation.time_ms >= last_ms_)) {
      return fail_at(ErrorKind::bad_input,
                     fmt::format("time {} ms comes before the line above", invocation.time_ms),
                     table_.place());
    }
    last_ms_ = invocation.time_ms;
    invocation.function = names_.find(table_.field(places_[1]));
    if (invocation.function == FunctionNames::none) {
      return fail_at(ErrorKind::bad_input,
                     fmt::format("function \"{}\" is not in functions.csv", table_.field(places_[1])),
                     table_.place());
    }
    THAW_TRY(invocation.runtime_ms, count_at(2));
    THAW_TRY(invocation.memory_mib, count_at(3));
    THAW_TRY(invocation.column, count_at(4));
    THAW_TRY(invocation.number, count_at(5));
    return invocation;
  }

  Result<std::uint32_t> count_at(std::size_t column) {
    const auto value = parse_count(table_.field(places_[column]));
    if (value && *value <= std::numeric_limits<std::uint32_t>::max())
      return static_cast<std::uint32_t>(*value);
    return fail_at(ErrorKind::bad_input,
                   fmt::format("\"{}\" is no whole number below 2^32", table_.field(places_[column])),
                   table_.place());
  }

  CsvTable table_;
  ReadingNotes notes_;
  std::array<std::size_t, 6> places_{};
  FunctionNames names_;
  double last_ms_ = 0;
};

Result<nlohmann::json> read_description(const Path& path) {
  THAW_TRY(const std::string text, read_file(path));
  auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object() || json.value("schema", "") != schema) {
    return fail_at(ErrorKind::bad_input, fmt::format("this is no \"{}\"", schema), path.string());
  }
  for (const char* key : {"columns", "warmup_columns", "seed", "column_ms"}) {
    if (json.contains(key) && json[key].is_number()) continue;
    return fail_at(ErrorKind::bad_input, fmt::format("\"{}\" is missing or no number", key), path.string());
  }
  return json;
}

void add_numbers(std::string& text, const char* key, const auto& values) {
  text += fmt::format(" \"{}\": [", key);
  bool is_first = true;
  for (const auto& value : values) {
    text += is_first ? "\n  " : ",\n  ";
    is_first = false;
    nlohmann::json number = value;
    // Whole numbers are written without a fraction.
    if (number.is_number_float() && std::trunc(value) == value && std::abs(static_cast<double>(value)) < 1e15)
      number = static_cast<std::int64_t>(value);
    text += number.dump();
  }
  text += values.empty() ? "],\n" : "\n ],\n";
}

}  // namespace

Result<PlanTotals> write_plan(ArrivalPlan& plan, const Path& folder) {
  THAW_CHECK(make_folder(folder));
  THAW_CHECK(write_functions(plan, folder / "functions.csv"));
  THAW_TRY(const PlanTotals totals, write_invocations(plan, folder / "invocations.csv"));
  THAW_CHECK(write_file_atomically(folder / "plan.json", render_totals(plan, totals) + "\n"));
  return totals;
}

std::string render_totals(const ArrivalPlan& plan, const PlanTotals& totals) {
  const nlohmann::ordered_json json = {{"schema", schema},
                                       {"functions", totals.functions},
                                       {"invocations", totals.invocations},
                                       {"total_runtime_ms", totals.total_runtime_ms},
                                       {"warmup_invocations", totals.warmup_invocations},
                                       {"last_ms", totals.last_ms},
                                       {"law", plan.law},
                                       {"seed", plan.seed},
                                       {"column_ms", plan.column_ms},
                                       {"columns", plan.columns},
                                       {"warmup_columns", plan.warmup_columns}};
  return json.dump();
}

Result<ArrivalPlan> open_plan(const Path& folder) {
  THAW_TRY(const nlohmann::json json, read_description(folder / "plan.json"));
  ReadingNotes notes;
  THAW_TRY(FunctionTable table, read_function_table(InputFile::at(folder / "functions.csv"), notes));
  ArrivalPlan plan;
  plan.functions = std::move(table.functions);
  plan.column_ms = json["column_ms"].get<double>();
  plan.columns = json["columns"].get<std::size_t>();
  plan.warmup_columns = json["warmup_columns"].get<std::size_t>();
  plan.seed = json["seed"].get<std::uint64_t>();
  if (json.contains("law") && json["law"].is_string()) plan.law = json["law"].get<std::string>();
  THAW_TRY(plan.source, PlanRows::open(folder / "invocations.csv", std::move(table.names)));
  return plan;
}

std::string render_specification(const FunctionSchedule& schedule) {
  std::string text = "{\n";
  add_numbers(text, "IAT", schedule.arrivals.iat_us);
  add_numbers(text, "PerMinuteCount", schedule.arrivals.per_column);
  add_numbers(text, "RawDuration", schedule.arrivals.raw);
  text += " \"RuntimeSpecification\": [";
  for (std::size_t k = 0; k < schedule.executions.size(); ++k) {
    text += fmt::format("{}\n  {{\n   \"Runtime\": {},\n   \"Memory\": {}\n  }}", k == 0 ? "" : ",",
                        schedule.executions[k].runtime_ms, schedule.executions[k].memory_mib);
  }
  text += schedule.executions.empty() ? "]\n}" : "\n ]\n}";
  return text;
}

Result<> write_specifications(const std::vector<FunctionSchedule>& schedules, const Path& folder) {
  THAW_CHECK(make_folder(folder));
  for (std::size_t i = 0; i < schedules.size(); ++i) {
    THAW_CHECK(
        write_file_atomically(folder / fmt::format("iat{}.json", i), render_specification(schedules[i])));
  }
  return {};
}

Result<std::vector<FunctionSchedule>> gather_schedules(ArrivalPlan& plan) {
  std::vector<FunctionSchedule> schedules(plan.functions.size());
  std::vector<double> last_us(plan.functions.size(), 0);
  for (std::size_t i = 0; i < schedules.size(); ++i) {
    // Of recorded instants the predecessor counts up to a function's last one, of counts whole tables.
    schedules[i].arrivals.per_column.assign(
        plan.recorded_columns.empty() ? plan.columns : plan.recorded_columns[i], 0);
  }
  std::vector<PlannedInvocation> block;
  while (true) {
    THAW_CHECK(plan.source->next(block));
    if (block.empty()) return schedules;
    for (const PlannedInvocation& invocation : block) {
      FunctionSchedule& schedule = schedules[invocation.function];
      const double at_us = invocation.time_ms * 1000;
      schedule.arrivals.iat_us.push_back(at_us - last_us[invocation.function]);
      last_us[invocation.function] = at_us;
      auto& per_column = schedule.arrivals.per_column;
      per_column.resize(std::max<std::size_t>(per_column.size(), invocation.column + 1));
      ++per_column[invocation.column];
      schedule.executions.push_back({invocation.runtime_ms, invocation.memory_mib});
    }
  }
}

}  // namespace thaw
