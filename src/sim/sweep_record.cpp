#include "sim/sweep_record.h"

#include <algorithm>
#include <map>
#include <utility>

#include "core/text.h"
#include "record/disturbance.h"
#include "record/fact_source.h"
#include "record/host_context.h"
#include "record/json_text.h"
#include "record/provenance.h"
#include "record/redact.h"
#include "sim/outcome_fields.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;

Json describe_columns() {
  Json columns = Json::array();
  for (const FieldDescription& field : describe(outcome_fields())) {
    columns.push_back({{"name", field.name},
                       {"unit", field.unit},
                       {"type", type_name(field.type)},
                       {"description", field.description}});
  }
  return columns;
}

/// A start that continues a record, as `launches` lists it.
Json describe_launch(const SweepLaunch& launch, Clock& clock) {
  const WallTime now = clock.wall();
  return {{"id", make_launch_id(now)},
          {"started", format_utc(now)},
          {"command_line", redact_words(launch.command_line)},
          {"thaw_version", launch.version}};
}

/// A field as its column's type says; an empty one is missing.
FieldValue typed(std::string_view text, FieldType type) {
  if (text.empty()) return {};
  if (type == FieldType::integer) {
    if (const auto value = parse_integer(text)) return *value;
  }
  if (type == FieldType::number) {
    if (const auto value = parse_number(text)) return *value;
  }
  return std::string(text);
}

using RowOfPoint = std::map<std::uint64_t, std::vector<std::string>>;

/// The rows of a file by the number in their first column, the last one of each.
Result<RowOfPoint> rows_by_point(const Path& path) {
  RowOfPoint rows;
  THAW_TRY(CsvReader reader, CsvReader::open(path, TornEnd::is_dropped));
  THAW_CHECK(reader.next());
  for (;;) {
    THAW_TRY(const auto fields, reader.next());
    if (!fields) return rows;
    rows[static_cast<std::uint64_t>(parse_integer(fields->front()).value_or(0))] = {fields->begin(),
                                                                                    fields->end()};
  }
}

template <class Record>
void add_cells(std::vector<Cell>& cells, FieldTable<Record> table, std::size_t begin, std::size_t end,
               const std::vector<std::string>* row) {
  for (std::size_t i = begin; i < end; ++i) {
    cells.emplace_back(row != nullptr ? typed((*row)[i], table[i].type) : FieldValue(), "");
  }
}

template <class Record>
void add_columns(Table& table, FieldTable<Record> fields, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) table.columns.push_back({.key = std::string(fields[i].name)});
}

}  // namespace

Path parts_folder(const Path& record) { return record / "parts"; }

Result<KnownSweep> read_sweep(const Path& folder) {
  KnownSweep sweep{.folder = folder};
  const Path file = folder / "run.json";
  THAW_TRY(const Json known, read_json_file(file));
  const auto configuration = known.find("configuration");
  if (configuration == known.end() || !text_at(known, "command").starts_with("sim ")) {
    return fail_at(ErrorKind::bad_input, "this is not the record of a simulation", file.string(),
                   "name a folder that thaw sim run or thaw sim sweep has written");
  }
  auto read = sweep_configuration_from(*configuration);
  if (!read) return tl::unexpected(std::move(read).error().in(file.string()));
  sweep.configuration = *std::move(read);
  RunDocument& document = sweep.document;
  document.id = text_at(known, "id");
  document.command = text_at(known, "command");
  document.experiment = text_at(known, "experiment");
  document.task = text_at(known, "task");
  document.configuration = *configuration;
  document.seed = sweep.configuration.axes.seeds.front();
  THAW_TRY(document.started, parse_utc(text_at(known, "started")));
  const auto copy = [&known](const char* key, Json& target) {
    if (const auto found = known.find(key); found != known.end() && found->is_structured()) target = *found;
  };
  copy("context", document.context);
  copy("columns", document.columns);
  copy("launches", document.launches);
  const auto copy_texts = [&copy](const char* key, std::vector<std::string>& target) {
    Json texts = Json::array();
    copy(key, texts);
    for (const Json& text : texts) target.push_back(text.is_string() ? text.get<std::string>() : "");
  };
  copy_texts("command_line", document.command_line);
  copy_texts("warnings", document.warnings);
  if (const auto run = document.context.find("run"); run != document.context.end()) {
    sweep.version = text_at(*run, "thaw_version");
  }
  return sweep;
}

Result<SweepRecord> SweepRecord::create(const SweepLaunch& launch, const SweepConfiguration& configuration,
                                        Clock& clock) {
  THAW_TRY(RunFolder folder, RunFolder::create(launch.place));
  SweepRecord record(std::move(folder));
  record.configuration_ = configuration;
  RunDocument& document = record.document_;
  document.started = launch.place.started;
  document.id = make_launch_id(clock.wall());
  document.command = launch.command;
  document.experiment = launch.place.experiment;
  document.task = launch.place.task;
  document.command_line = redact_words(launch.command_line);
  document.seed = configuration.axes.seeds.front();
  document.configuration = to_json(configuration);
  document.context["run"] = to_json(
      run_provenance_fields(), run_provenance(launch.version, std::filesystem::current_path(), std::nullopt));
  document.context["host"] = host_context(LocalFacts());
  document.columns = describe_columns();
  THAW_CHECK(record.folder_.write(document));
  THAW_CHECK(record.open_files());
  return record;
}

Result<SweepRecord> SweepRecord::reopen(const Path& folder, const SweepLaunch& launch, Clock& clock) {
  THAW_TRY(KnownSweep known, read_sweep(folder));
  THAW_TRY(RunFolder run, RunFolder::reopen(folder));
  SweepRecord record(std::move(run));
  record.configuration_ = std::move(known.configuration);
  record.document_ = std::move(known.document);
  THAW_CHECK(record.open_files());
  RunDocument& document = record.document_;
  if (known.version != launch.version) {
    const std::string mixed = fmt::format(
        "the record was begun by thaw {} and is continued by thaw {}: its points may not be comparable",
        known.version, launch.version);
    THAW_CHECK(record.warn({&mixed, 1}));
  }
  document.launches.push_back(describe_launch(launch, clock));
  std::error_code error;
  for (const auto& part : std::filesystem::directory_iterator(parts_folder(folder), error)) {
    THAW_CHECK(record.take_in(part.path()));
  }
  THAW_CHECK(record.folder_.write(document));
  return record;
}

Result<> SweepRecord::warn(std::span<const std::string> warnings) {
  auto& known = document_.warnings;
  const std::size_t before = known.size();
  for (const std::string& warning : warnings) {
    if (std::find(known.begin(), known.end(), warning) == known.end()) known.push_back(warning);
  }
  return known.size() == before ? Result<>() : folder_.write(document_);
}

Result<> SweepRecord::open_files() {
  points_ = span_points(configuration_.axes).size();
  THAW_TRY(PointFiles files, PointFiles::open(path(), configuration_));
  files_.emplace(std::move(files));
  return {};
}

std::vector<std::uint64_t> SweepRecord::missing() const {
  std::vector<std::uint64_t> indices;
  for (std::uint64_t i = 0; i < points_; ++i) {
    if (!files_->has(i)) indices.push_back(i);
  }
  return indices;
}

Result<> SweepRecord::take_in(const Path& part) {
  THAW_TRY(const FinishedPoints finished, FinishedPoints::read(part, configuration_));
  for (const std::uint64_t index : finished.points()) {
    if (files_->has(index)) continue;
    THAW_TRY(const FinishedPoint point, finished.point(index));
    THAW_CHECK(files_->add(point));
  }
  return {};
}

Result<> SweepRecord::close(Clock& clock, RunStatus status) {
  // The files stay open, and so locked, until they are in order.
  const bool is_complete = done() == points_;
  if (is_complete) {
    THAW_TRY(const FinishedPoints finished, FinishedPoints::read(path(), configuration_));
    THAW_CHECK(finished.put_in_order());
    std::error_code ignored;
    std::filesystem::remove_all(parts_folder(path()), ignored);
  }
  document_.status = status;
  document_.ended = clock.wall();
  document_.summary = {{"schema", "thaw.sim/1"}, {"points", points_}, {"done", done()}};
  THAW_CHECK(folder_.write(document_));
  files_.reset();
  return {};
}

Result<Table> sweep_table(const Path& folder, bool with_timings) {
  THAW_TRY(const RowOfPoint rows, rows_by_point(folder / samples_file));
  THAW_TRY(const RowOfPoint timings, rows_by_point(folder / timings_file));
  Table table;
  const auto outcome = outcome_fields();
  const auto timing = timing_fields();
  // The number of the point is for the files; timings follow what is simulated, before what identifies the point.
  const auto identity =
      std::find_if(outcome.begin(), outcome.end(), [](const auto& field) { return field.name == "trace"; });
  const auto middle = static_cast<std::size_t>(identity - outcome.begin());
  add_columns(table, outcome, 1, middle);
  add_columns(table, timing, 1, timing.size());
  add_columns(table, outcome, middle, outcome.size());
  for (const auto& [index, row] : rows) {
    const auto timed = timings.find(index);
    const bool is_timed = with_timings && timed != timings.end();
    std::vector<Cell> cells;
    add_cells(cells, outcome, 1, middle, &row);
    add_cells(cells, timing, 1, timing.size(), is_timed ? &timed->second : nullptr);
    add_cells(cells, outcome, middle, outcome.size(), &row);
    table.add(std::move(cells));
  }
  return table;
}

}  // namespace thaw
