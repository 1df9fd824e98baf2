#include "bench/sample_file.h"

#include <algorithm>

#include "core/text.h"
#include "record/csv.h"

namespace thaw {
namespace {

FieldValue to_field(const std::optional<MetricValue>& value) {
  if (!value) return {};
  if (const double* number = std::get_if<double>(&*value)) return *number;
  return std::get<std::string>(*value);
}

std::optional<Nanos> read_seconds(const std::string& text) {
  const auto seconds = parse_number(text);
  if (!seconds) return std::nullopt;
  return from_seconds(*seconds);
}

std::optional<MetricValue> read_recorded(const SampleColumn& metric, const std::string& text) {
  if (metric.type != FieldType::text) return read_value(text);
  return text.empty() ? std::nullopt : std::optional<MetricValue>(text);
}

}  // namespace

std::size_t SampleFile::index_of(std::string_view name) const {
  const auto found = std::find_if(columns_.begin(), columns_.end(),
                                  [&](const SampleColumn& column) { return column.name == name; });
  return static_cast<std::size_t>(found - columns_.begin());
}

Result<> SampleFile::open() {
  if (writer_) return {};
  THAW_TRY(SampleWriter writer, folder_->samples(columns_));
  writer_.emplace(std::move(writer));
  return {};
}

Result<> SampleFile::add_column(SampleColumn column) {
  const Path path = folder_->path() / "samples.csv";
  columns_.push_back(std::move(column));
  if (!writer_) return {};
  writer_.reset();
  // The header ends the first line and every row gets one more, empty field; quoted fields may hold line ends.
  THAW_TRY(const std::string content, read_file(path));
  std::string widened;
  widened.reserve(content.size() + content.size() / 8);
  bool is_quoted = false, is_header = true;
  for (const char c : content) {
    if (c == '"') is_quoted = !is_quoted;
    if (c == '\n' && !is_quoted) {
      widened += is_header ? "," + columns_.back().name : ",";
      is_header = false;
    }
    widened += c;
  }
  return write_file_atomically(path, widened);
}

Result<> SampleFile::write(const RepetitionRecord& record, std::span<const std::string> factors) {
  for (const MetricTable& table : record.metrics) {
    for (const ExtractedColumn& found : table.columns) {
      if (index_of(found.name) == columns_.size()) THAW_CHECK(add_column({.name = found.name}));
    }
  }
  THAW_CHECK(open());
  std::size_t next_row = 0;
  for (const MetricTable& table : record.metrics) {
    for (std::size_t i = 0; i < table.rows && next_row < record.rows.size(); ++i) {
      SampleRow row = record.rows[next_row++];
      row.metrics.assign(columns_.size(), {});
      for (std::size_t f = 0; f < factors.size(); ++f) row.metrics[f] = factors[f];
      for (const ExtractedColumn& found : table.columns)
        row.metrics[index_of(found.name)] = to_field(found.values[i]);
      THAW_CHECK(writer_->append(row));
    }
  }
  return {};
}

Result<> SampleFile::finish() {
  THAW_CHECK(open());
  return writer_->finish();
}

Result<std::vector<RepetitionRecord>> read_repetitions(const RunRecord& run, std::string_view launch_id) {
  const CsvColumns& samples = run.samples;
  std::vector<const Column*> fixed;
  for (const char* name : {"launch_id", "repetition", "started_at", "outer_time_s", "user_s", "system_s",
                           "max_rss_bytes", "status"}) {
    fixed.push_back(samples.find(name));
    if (fixed.back() != nullptr) continue;
    return fail_at(ErrorKind::bad_input, fmt::format("samples.csv has no column \"{}\"", name),
                   (run.folder / "samples.csv").string(), "the record is incomplete; start a new run");
  }
  THAW_TRY(const std::vector<SampleColumn> metrics,
           metric_columns_from(run.document.value("columns", nlohmann::ordered_json::array())));
  std::vector<RepetitionRecord> records;
  std::string current;
  for (std::size_t i = 0; i < samples.rows; ++i) {
    if (fixed[0]->text(i) != launch_id) continue;
    if (records.empty() || fixed[1]->text(i) != current) records.emplace_back();
    current = fixed[1]->text(i);
    RepetitionRecord& record = records.back();
    SampleRow row;
    row.launch_id = launch_id;
    row.repetition = parse_integer(current).value_or(0);
    THAW_TRY(row.started_at, parse_utc(fixed[2]->text(i)));
    row.outer_time = read_seconds(fixed[3]->text(i));
    row.user = read_seconds(fixed[4]->text(i));
    row.system = read_seconds(fixed[5]->text(i));
    if (const auto bytes = parse_integer(fixed[6]->text(i))) row.max_rss = Bytes{*bytes};
    row.status = fixed[7]->text(i);
    record.has_failed = record.has_failed || row.status != "ok";
    record.rows.push_back(std::move(row));
    MetricTable table{.rows = 1};
    for (const SampleColumn& metric : metrics) {
      const Column* values = metric.is_factor ? nullptr : samples.find(metric.name);
      if (values != nullptr) table.columns.push_back({metric.name, {read_recorded(metric, values->text(i))}});
    }
    record.metrics.push_back(std::move(table));
  }
  return records;
}

}  // namespace thaw
