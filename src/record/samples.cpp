#include "record/samples.h"

#include <algorithm>
#include <array>

namespace thaw {
namespace {

FieldValue seconds(const std::optional<Nanos>& duration) {
  return duration ? FieldValue(to_seconds(*duration)) : FieldValue();
}
FieldValue count(const std::optional<Bytes>& amount) {
  return amount ? FieldValue(amount->count()) : FieldValue();
}

using Row = const SampleRow&;
constexpr auto integer = FieldType::integer;
constexpr auto number = FieldType::number;
constexpr auto text = FieldType::text;

constexpr std::array<Field<SampleRow>, 16> fields{{
    {"launch_id", "", text, "The start of the program, and the cell of a sweep, that made the row",
     [](Row row) { return FieldValue(row.launch_id); }},
    {"repetition", "", integer, "Repetition within the launch and cell, from 1",
     [](Row row) { return FieldValue(row.repetition); }},
    {"rank", "", integer, "Copy within the repetition, or rank within a parallel program, from 0",
     [](Row row) { return FieldValue(row.rank); }},
    {"started_at", "", FieldType::time, "When the process was started, UTC",
     [](Row row) { return FieldValue(format_utc(row.started_at)); }},
    {"outer_time_s", "s", number,
     "From just before the start of the process to its reaped exit, monotonic clock",
     [](Row row) { return seconds(row.outer_time); }},
    {"user_s", "s", number, "Processor time in user mode, of the process and the descendants it waited for",
     [](Row row) { return seconds(row.user); }},
    {"system_s", "s", number, "Processor time in the kernel, likewise",
     [](Row row) { return seconds(row.system); }},
    {"max_rss_bytes", "bytes", integer, "Largest resident set of the process or of one such descendant",
     [](Row row) { return count(row.max_rss); }},
    {"exit_code", "", integer, "Exit code; 128 + signal when a signal ended the process",
     [](Row row) { return maybe(row.exit_code); }},
    {"status", "", text, "`ok`; any other word says why the row is left out of the statistics",
     [](Row row) { return FieldValue(row.status); }},
    {"signal", "", integer, "The signal that ended the process; missing when none did",
     [](Row row) { return maybe(row.signal); }},
    {"minor_faults", "", integer, "Page faults served without input or output",
     [](Row row) { return maybe(row.minor_faults); }},
    {"major_faults", "", integer, "Page faults that had to read",
     [](Row row) { return maybe(row.major_faults); }},
    {"voluntary_switches", "", integer, "Times the process gave up the processor to wait",
     [](Row row) { return maybe(row.voluntary_switches); }},
    {"involuntary_switches", "", integer, "Times the scheduler took the processor away",
     [](Row row) { return maybe(row.involuntary_switches); }},
    {"cell", "", text, "The command or combination of a sweep; empty when there is only one",
     [](Row row) { return row.cell.empty() ? FieldValue() : FieldValue(row.cell); }},
}};

tl::unexpected<Error> not_columns(std::string_view wanted) {
  return fail_at(ErrorKind::bad_input, fmt::format("the list of columns lacks {}", wanted), "columns");
}

Result<FieldType> type_from(std::string_view name) {
  for (const FieldType type :
       {FieldType::boolean, integer, number, text, FieldType::time, FieldType::object, FieldType::list}) {
    if (type_name(type) == name) return type;
  }
  return fail_at(ErrorKind::bad_input, fmt::format("unknown type \"{}\" of a column", name), "columns");
}

}  // namespace

FieldTable<SampleRow> sample_fields() { return fields; }

std::vector<std::string> sample_header(std::span<const SampleColumn> metrics) {
  std::vector<std::string> names;
  names.reserve(fields.size() + metrics.size());
  for (const auto& field : fields) names.emplace_back(field.name);
  for (const SampleColumn& metric : metrics) names.push_back(metric.name);
  return names;
}

nlohmann::ordered_json describe_columns(std::span<const SampleColumn> metrics) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& field : fields) {
    list.push_back({{"name", field.name},
                    {"unit", field.unit},
                    {"type", type_name(field.type)},
                    {"role", "fixed"},
                    {"description", field.description}});
  }
  for (const SampleColumn& metric : metrics) {
    list.push_back({{"name", metric.name},
                    {"unit", metric.unit},
                    {"type", type_name(metric.type)},
                    {"role", metric.is_factor ? "factor" : "metric"},
                    {"lower_is_better", metric.lower_is_better},
                    {"description", metric.description}});
  }
  return list;
}

Result<std::vector<SampleColumn>> metric_columns_from(const nlohmann::ordered_json& columns) {
  std::vector<SampleColumn> metrics;
  if (!columns.is_array()) return not_columns("its entries");
  for (const auto& entry : columns) {
    if (!entry.is_object()) return not_columns("an object");
    const auto text_of = [&](const char* key) {
      const auto found = entry.find(key);
      return found != entry.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    SampleColumn metric{.name = text_of("name"), .unit = text_of("unit")};
    if (metric.name.empty()) return not_columns("a name");
    const std::string role = text_of("role");
    if (role == "fixed") continue;
    THAW_TRY(metric.type, type_from(text_of("type")));
    metric.description = text_of("description");
    metric.is_factor = role == "factor";
    const auto better = entry.find("lower_is_better");
    if (better != entry.end() && better->is_boolean()) metric.lower_is_better = better->get<bool>();
    metrics.push_back(std::move(metric));
  }
  return metrics;
}

}  // namespace thaw
