#include "sim/sweep_record.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "core/text.h"
#include "record/provenance.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* samples_name = "samples.csv";
constexpr const char* functions_name = "functions.csv";
constexpr const char* timings_name = "timings.csv";

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

/// The rows of a file by the number in their first column. Rows of a point that was written twice are kept once.
Result<std::map<std::uint64_t, std::vector<std::vector<std::string>>>> rows_by_point(const Path& path) {
  std::map<std::uint64_t, std::vector<std::vector<std::string>>> rows;
  if (!std::filesystem::exists(path)) return rows;
  THAW_TRY(CsvReader reader, CsvReader::open(path, TornEnd::is_dropped));
  bool is_header = true;
  for (;;) {
    THAW_TRY(const auto fields, reader.next());
    if (!fields) return rows;
    if (std::exchange(is_header, false)) continue;
    const auto index = parse_integer(fields->front());
    if (!index || *index < 0) {
      return fail_at(ErrorKind::bad_input, "the first column is not the number of a point", reader.place());
    }
    rows[static_cast<std::uint64_t>(*index)].emplace_back(fields->begin(), fields->end());
  }
}

std::vector<std::vector<std::string>> last_of(const std::vector<std::vector<std::string>>& lines) {
  return {lines.back()};
}

}  // namespace

Result<SweepRecord> SweepRecord::create(const SweepLaunch& launch, const SweepConfiguration& configuration,
                                        Clock& clock) {
  THAW_TRY(RunFolder folder, RunFolder::create(launch.place));
  SweepRecord record(std::move(folder));
  record.configuration_ = configuration;
  record.points_ = span_points(configuration.axes).size();
  record.is_done_.resize(record.points_);
  RunDocument& document = record.document_;
  document.started = launch.place.started;
  document.id = make_launch_id(clock.wall());
  document.command = launch.command;
  document.experiment = launch.place.experiment;
  document.task = launch.place.task;
  document.command_line = launch.command_line;
  document.seed = configuration.axes.seeds.front();
  document.configuration = to_json(configuration);
  document.context["run"] = to_json(
      run_provenance_fields(), run_provenance(launch.version, std::filesystem::current_path(), std::nullopt));
  document.columns = Json::array();
  for (const auto& field : outcome_fields()) {
    document.columns.push_back(
        {{"name", field.name}, {"unit", field.unit}, {"description", field.description}});
  }
  THAW_CHECK(record.folder_.write(document));
  THAW_CHECK(record.open_files());
  return record;
}

Result<SweepRecord> SweepRecord::reopen(const Path& folder) {
  THAW_TRY(RunFolder run, RunFolder::reopen(folder));
  THAW_TRY(const RunRecord known, read_run(folder));
  SweepRecord record(std::move(run));
  auto configuration = sweep_configuration_from(known.document.value("configuration", Json::object()));
  if (!configuration)
    return tl::unexpected(std::move(configuration).error().in((folder / "run.json").string()));
  record.configuration_ = *std::move(configuration);
  record.points_ = span_points(record.configuration_.axes).size();
  RunDocument& document = record.document_;
  document.id = known.document.value("id", "");
  document.command = known.document.value("command", "");
  document.experiment = known.document.value("experiment", "");
  document.task = known.document.value("task", "");
  document.command_line = known.document.value("command_line", std::vector<std::string>());
  document.seed = known.document.value("seed", std::uint64_t{1});
  document.configuration = to_json(record.configuration_);
  document.context = known.document.value("context", Json::object());
  document.columns = known.document.value("columns", Json::array());
  THAW_TRY(document.started, parse_utc(known.document.value("started", "")));
  THAW_CHECK(record.read_done());
  THAW_CHECK(record.open_files());
  return record;
}

Result<> SweepRecord::open_files() {
  THAW_TRY(RowFile samples, RowFile::open(path() / samples_name, header_of(outcome_fields())));
  samples_.emplace(std::move(samples));
  THAW_TRY(RowFile timings, RowFile::open(path() / timings_name, header_of(timing_fields())));
  timings_.emplace(std::move(timings));
  if (!configuration_.per_function) return {};
  THAW_TRY(RowFile functions, RowFile::open(path() / functions_name, header_of(function_fields())));
  functions_.emplace(std::move(functions));
  return {};
}

Result<> SweepRecord::read_done() {
  is_done_.assign(points_, false);
  THAW_TRY(const auto rows, rows_by_point(path() / samples_name));
  for (const auto& [index, lines] : rows) {
    if (index < points_) is_done_[index] = true;
  }
  return {};
}

std::vector<std::uint64_t> SweepRecord::missing() const {
  std::vector<std::uint64_t> indices;
  for (std::uint64_t i = 0; i < points_; ++i) {
    if (!is_done_[i]) indices.push_back(i);
  }
  return indices;
}

std::uint64_t SweepRecord::done() const {
  return static_cast<std::uint64_t>(std::count(is_done_.begin(), is_done_.end(), true));
}

Result<> SweepRecord::add(const FinishedPoint& point) {
  if (point.index >= points_ || is_done_[point.index]) return {};
  // The row of the point comes last: without it, what stands in the other files does not count.
  if (functions_ && !point.function_rows.empty()) THAW_CHECK(functions_->append(point.function_rows));
  THAW_CHECK(timings_->append(point.timing));
  THAW_CHECK(samples_->append(point.row));
  is_done_[point.index] = true;
  return {};
}

Result<> SweepRecord::sort_file(const char* name) const {
  const Path file = path() / name;
  THAW_TRY(const auto rows, rows_by_point(file));
  std::string text;
  if (name == samples_name) text = csv_line(header_of(outcome_fields()));
  if (name == timings_name) text = csv_line(header_of(timing_fields()));
  if (name == functions_name) text = csv_line(header_of(function_fields()));
  for (const auto& [index, lines] : rows) {
    // A point that was interrupted while it was written has been written again: equal rows, of which one counts.
    std::set<std::vector<std::string>> written;
    for (const std::vector<std::string>& fields : name == functions_name ? lines : last_of(lines)) {
      if (written.insert(fields).second) text += csv_line(fields);
    }
  }
  return write_file_atomically(file, text);
}

Result<> SweepRecord::close(Clock& clock, RunStatus status) {
  THAW_CHECK(samples_->finish());
  samples_.reset();
  timings_.reset();
  functions_.reset();
  if (done() == points_) {
    THAW_CHECK(sort_file(samples_name));
    THAW_CHECK(sort_file(timings_name));
    if (configuration_.per_function) THAW_CHECK(sort_file(functions_name));
  }
  document_.status = status;
  document_.ended = clock.wall();
  document_.summary = {{"schema", "thaw.sim/1"}, {"points", points_}, {"done", done()}};
  return folder_.write(document_);
}

Result<Table> SweepRecord::table(bool with_timings) const {
  THAW_TRY(const auto rows, rows_by_point(path() / samples_name));
  THAW_TRY(const auto timings, rows_by_point(path() / timings_name));
  Table table;
  const auto outcome = outcome_fields();
  const auto timing = timing_fields();
  // The number of the point is for the files; timings follow what is simulated, before what identifies the point.
  const std::size_t measured_at = 21;
  std::vector<std::size_t> order;
  for (std::size_t i = 1; i < outcome.size(); ++i) {
    if (i == measured_at) {
      for (std::size_t t = 1; t < timing.size(); ++t)
        table.columns.push_back({.key = std::string(timing[t].name)});
    }
    table.columns.push_back({.key = std::string(outcome[i].name)});
  }
  for (const auto& [index, lines] : rows) {
    const auto timed = timings.find(index);
    std::vector<Cell> cells;
    for (std::size_t i = 1; i < outcome.size(); ++i) {
      if (i == measured_at) {
        for (std::size_t t = 1; t < timing.size(); ++t) {
          const bool is_known = with_timings && timed != timings.end();
          cells.emplace_back(is_known ? typed(timed->second.back()[t], timing[t].type) : FieldValue(), "");
        }
      }
      cells.emplace_back(typed(lines.back()[i], outcome[i].type), "");
    }
    table.add(std::move(cells));
  }
  return table;
}

}  // namespace thaw
