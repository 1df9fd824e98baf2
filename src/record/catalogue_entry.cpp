// What the catalogue takes from a run.json, and the columns of its tables.

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/shell.h"
#include "core/text.h"
#include "record/catalogue.h"
#include "record/json_text.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;

FieldValue known(const std::string& value) { return value.empty() ? FieldValue() : FieldValue(value); }

using Run = const CatalogueEntry&;
constexpr auto integer = FieldType::integer;
constexpr auto number = FieldType::number;
constexpr auto text = FieldType::text;
constexpr auto time = FieldType::time;

constexpr std::array<Field<CatalogueEntry>, 15> run_fields{{
    {"path", "", text, "The run folder; key of the table", [](Run run) { return FieldValue(run.path); }},
    {"id", "", text, "Launch id", [](Run run) { return FieldValue(run.id); }},
    {"command", "", text, "The subcommand that wrote it", [](Run run) { return known(run.command); }},
    {"experiment", "", text, "The group of runs it belongs to",
     [](Run run) { return known(run.experiment); }},
    {"task", "", text, "What was measured", [](Run run) { return known(run.task); }},
    {"status", "", text, "running, completed, interrupted or failed",
     [](Run run) { return known(run.status); }},
    {"started", "", time, "Start, ISO 8601 UTC", [](Run run) { return known(run.started); }},
    {"ended", "", time, "End; NULL while running", [](Run run) { return known(run.ended); }},
    {"repetitions", "", integer, "Repetitions made", [](Run run) { return maybe(run.repetitions); }},
    {"failed", "", integer, "Repetitions that failed", [](Run run) { return maybe(run.failed); }},
    {"stopped_by", "", text, "The rule that ended it", [](Run run) { return known(run.stopped_by); }},
    {"host", "", text, "Name of the machine", [](Run run) { return known(run.host); }},
    {"git_commit", "", text, "Commit of the source tree", [](Run run) { return known(run.git_commit); }},
    {"command_line", "", text, "As given, secrets masked", [](Run run) { return known(run.command_line); }},
    {"document_time_ns", "ns", integer, "When run.json was last written, since 1970",
     [](Run run) { return FieldValue(run.document_time_ns); }},
}};

using Row = const CatalogueMetricRow&;

constexpr std::array<Field<CatalogueMetricRow>, 15> metric_fields{{
    {"path", "", text, "The run folder, as in `runs`", [](Row row) { return FieldValue(row.run.path); }},
    {"id", "", text, "Launch id, as in `runs`", [](Row row) { return FieldValue(row.run.id); }},
    {"cell", "", text, "Command or combination of a sweep", [](Row row) { return known(row.metric.cell); }},
    {"metric", "", text, "Name of the metric", [](Row row) { return FieldValue(row.metric.metric); }},
    {"unit", "", text, "Its unit", [](Row row) { return known(row.metric.unit); }},
    {"n", "", integer, "Values", [](Row row) { return maybe(row.metric.n); }},
    {"min", "", number, "Smallest", [](Row row) { return maybe(row.metric.min); }},
    {"median", "", number, "Median", [](Row row) { return maybe(row.metric.median); }},
    {"mean", "", number, "Mean", [](Row row) { return maybe(row.metric.mean); }},
    {"stddev", "", number, "Standard deviation", [](Row row) { return maybe(row.metric.stddev); }},
    {"p95", "", number, "95th percentile", [](Row row) { return maybe(row.metric.p95); }},
    {"p99", "", number, "99th percentile", [](Row row) { return maybe(row.metric.p99); }},
    {"max", "", number, "Largest", [](Row row) { return maybe(row.metric.max); }},
    {"ci95_low", "", number, "Lower end of the 95 % interval",
     [](Row row) { return maybe(row.metric.ci95_low); }},
    {"ci95_high", "", number, "Upper end of it", [](Row row) { return maybe(row.metric.ci95_high); }},
}};

Cell known_cell(const std::string& value) { return {known(value), ""}; }

/// The member of an object, or null.
const Json& member(const Json& object, const char* key) {
  static const Json nothing;
  if (!object.is_object()) return nothing;
  const auto found = object.find(key);
  return found == object.end() ? nothing : *found;
}

std::optional<double> number_at(const Json& object, const char* key) {
  const Json& value = member(object, key);
  return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

std::optional<std::int64_t> integer_at(const Json& object, const char* key) {
  const Json& value = member(object, key);
  return value.is_number_integer() ? std::optional(value.get<std::int64_t>()) : std::nullopt;
}

void add_to(std::optional<std::int64_t>& sum, const std::optional<std::int64_t>& part) {
  if (part) sum = sum.value_or(0) + *part;
}

void add_metrics(const Json& metrics, const std::string& cell, CatalogueEntry& entry) {
  if (!metrics.is_object()) return;
  for (const auto& [name, summary] : metrics.items()) {
    entry.metrics.push_back({.cell = cell,
                             .metric = name,
                             .unit = text_at(summary, "unit"),
                             .n = integer_at(summary, "n"),
                             .min = number_at(summary, "min"),
                             .median = number_at(summary, "median"),
                             .mean = number_at(summary, "mean"),
                             .stddev = number_at(summary, "stddev"),
                             .p95 = number_at(summary, "p95"),
                             .p99 = number_at(summary, "p99"),
                             .max = number_at(summary, "max"),
                             .ci95_low = number_at(summary, "ci95_low"),
                             .ci95_high = number_at(summary, "ci95_high")});
  }
}

/// A run with one cell has its summary at the top, one with several has them in "cells".
void read_summary(const Json& summary, CatalogueEntry& entry) {
  entry.repetitions = integer_at(summary, "repetitions");
  entry.failed = integer_at(summary, "failed");
  entry.stopped_by = text_at(summary, "stopped_by");
  add_metrics(member(summary, "metrics"), "", entry);
  std::set<std::string> rules;
  for (const Json& cell : member(summary, "cells")) {
    add_metrics(member(cell, "metrics"), text_at(cell, "label"), entry);
    add_to(entry.repetitions, integer_at(cell, "repetitions"));
    add_to(entry.failed, integer_at(cell, "failed"));
    if (auto rule = text_at(cell, "stopped_by"); !rule.empty()) rules.insert(std::move(rule));
  }
  if (!rules.empty()) entry.stopped_by = join(std::vector<std::string>(rules.begin(), rules.end()), ", ");
}

/// As it stands in run.json, where bytes that are not UTF-8 have become the replacement character.
void make_valid(std::string& value) {
  const bool is_plain = std::all_of(value.begin(), value.end(), [](char c) { return c > 0; });
  if (is_plain) return;
  value = Json::parse(Json(value).dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>();
}

void make_valid(CatalogueEntry& entry) {
  for (std::string* value :
       {&entry.experiment, &entry.task, &entry.stopped_by, &entry.host, &entry.command_line})
    make_valid(*value);
  for (CatalogueMetric& metric : entry.metrics) {
    for (std::string* value : {&metric.cell, &metric.metric, &metric.unit}) make_valid(*value);
  }
}

std::string joined_command_line(const Json& words) {
  Argv argv;
  if (!words.is_array()) return {};
  for (const Json& word : words) {
    if (word.is_string()) argv.push_back(word.get<std::string>());
  }
  return shell_join(argv);
}

}  // namespace

FieldTable<CatalogueEntry> catalogue_run_fields() { return run_fields; }
FieldTable<CatalogueMetricRow> catalogue_metric_fields() { return metric_fields; }

Result<CatalogueEntry> catalogue_entry(const Path& folder) {
  THAW_TRY(const Json document, read_json_file(folder / "run.json"));
  return catalogue_entry(folder, document);
}

Result<CatalogueEntry> catalogue_entry(const Path& folder, const Json& document) {
  const Path file = folder / "run.json";
  struct stat status {};
  const bool has_status = ::stat(file.c_str(), &status) == 0;
  if (!text_at(document, "schema").starts_with("thaw.")) {
    return fail_at(ErrorKind::bad_input, "no record of a run", file.string());
  }
  std::error_code error;
  const Path absolute = std::filesystem::weakly_canonical(folder, error);
  CatalogueEntry entry{.path = (error ? folder : absolute).string(),
                       .id = text_at(document, "id"),
                       .command = text_at(document, "command"),
                       .experiment = text_at(document, "experiment"),
                       .task = text_at(document, "task"),
                       .status = text_at(document, "status"),
                       .started = text_at(document, "started"),
                       .ended = text_at(document, "ended")};
  if (has_status) {
    entry.document_time_ns = status.st_mtim.tv_sec * std::int64_t{1'000'000'000} + status.st_mtim.tv_nsec;
  }
  const Json& context = member(document, "context");
  entry.host = text_at(member(member(context, "host"), "system"), "hostname");
  entry.git_commit = text_at(member(context, "run"), "git_commit");
  entry.command_line = joined_command_line(member(document, "command_line"));
  read_summary(member(document, "summary"), entry);
  make_valid(entry);
  return entry;
}

Table run_table(std::span<const CatalogueEntry> runs) {
  Table table;
  table.columns = {{.key = "id", .align = Align::left},      {.key = "started", .align = Align::left},
                   {.key = "command", .align = Align::left}, {.key = "experiment", .align = Align::left},
                   {.key = "task", .align = Align::left},    {.key = "status", .align = Align::left},
                   {.key = "repetitions", .label = "n"},     {.key = "failed"},
                   {.key = "host", .align = Align::left},    {.key = "path", .align = Align::left}};
  for (Run run : runs) {
    // For people whole seconds are enough.
    Cell started(FieldValue(run.started), run.started.size() > 19 ? run.started.substr(0, 19) + "Z" : "");
    table.add({run.id, std::move(started), known_cell(run.command), known_cell(run.experiment),
               known_cell(run.task), known_cell(run.status), Cell(maybe(run.repetitions), ""),
               Cell(maybe(run.failed), ""), known_cell(run.host), run.path});
  }
  return table;
}

}  // namespace thaw
