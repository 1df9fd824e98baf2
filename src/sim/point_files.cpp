#include "sim/point_files.h"

#include <algorithm>
#include <utility>

#include "core/text.h"
#include "sim/outcome_fields.h"
#include "sim/timeline_record.h"

namespace thaw {
namespace {

constexpr const char* damaged_hint = "remove the damaged row; --resume then simulates its point again";

/// Until all points are there, each has its timeline in a file of its own, so that none is half there.
Path timelines_folder(const Path& folder) { return folder / "memory"; }
Path timeline_of(const Path& folder, std::uint64_t point) {
  return timelines_folder(folder) / fmt::format("{}.csv", point);
}

Result<> write_timeline(const Path& folder, const FinishedPoint& point) {
  std::error_code error;
  std::filesystem::create_directories(timelines_folder(folder), error);
  return write_file_atomically(timeline_of(folder, point.index), point.timeline);
}

/// Makes memory.csv of the timelines of these points. Points without one, as after an earlier call, change nothing.
Result<> join_timelines(const Path& folder, std::span<const std::uint64_t> points) {
  std::error_code error;
  if (!std::filesystem::exists(timelines_folder(folder), error)) return {};
  std::string all = csv_line(header_of(minute_fields()));
  for (const std::uint64_t point : points) {
    all += read_file_if_any(timeline_of(folder, point)).value_or("");
  }
  THAW_CHECK(write_file_atomically(folder / timelines_file, all));
  std::filesystem::remove_all(timelines_folder(folder), error);
  return {};
}

/// What the text of a field must be, because the point says so; nullopt where the simulation decides.
std::optional<std::string> expected_text(const Field<OutcomeRow>& field, const OutcomeRow& row) {
  static constexpr std::string_view given[] = {"policy", "model", "memory_mb", "trace", "seed"};
  if (std::find(std::begin(given), std::end(given), field.name) == std::end(given)) return std::nullopt;
  return to_text(field.get(row));
}

bool has_type(std::string_view text, FieldType type) {
  if (text.empty() || type == FieldType::text) return true;
  return type == FieldType::integer ? parse_integer(text).has_value() : parse_number(text).has_value();
}

Result<> check_row(std::span<const std::string_view> fields, const SweepPoint& point,
                   const CsvReader& reader) {
  const auto table = outcome_fields();
  const OutcomeRow row{.point = point};
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto expected = expected_text(table[i], row);
    if (expected && *expected != fields[i]) {
      return fail_at(ErrorKind::bad_input,
                     fmt::format(R"({} of point {} must be "{}"; it is "{}")", table[i].name, fields[0],
                                 *expected, fields[i]),
                     reader.place(), damaged_hint);
    }
    if (!has_type(fields[i], table[i].type)) {
      return fail_at(
          ErrorKind::bad_input,
          fmt::format("{} must be {}; it is \"{}\"", table[i].name, type_name(table[i].type), fields[i]),
          reader.place(), damaged_hint);
    }
  }
  return {};
}

/// Compares the rows of samples.csv with their points; how many functions each point has.
Result<std::vector<std::uint64_t>> check_samples(const Path& file, const std::vector<SweepPoint>& points) {
  std::vector<std::uint64_t> functions(points.size());
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return functions;
  const std::vector<std::string> header = header_of(outcome_fields());
  const auto column =
      static_cast<std::size_t>(std::find(header.begin(), header.end(), "functions") - header.begin());
  THAW_TRY(CsvReader reader, CsvReader::open(file, TornEnd::is_dropped));
  THAW_TRY(const auto names, reader.next());
  if (!names) return functions;
  if (!std::ranges::equal(*names, header)) {
    return fail_at(ErrorKind::bad_input, "these are not the columns of a simulation", reader.place(),
                   "the record was written by another version of thaw; start a new one");
  }
  for (;;) {
    THAW_TRY(const auto fields, reader.next());
    if (!fields) return functions;
    const auto index = static_cast<std::size_t>(parse_integer(fields->front()).value_or(0));
    THAW_CHECK(check_row(*fields, points[index], reader));
    functions[index] = static_cast<std::uint64_t>(parse_integer((*fields)[column]).value_or(0));
  }
}

}  // namespace

Result<FinishedPoints> FinishedPoints::read(const Path& folder, const SweepConfiguration& configuration) {
  const std::vector<SweepPoint> points = span_points(configuration.axes);
  FinishedPoints finished;
  finished.folder_ = folder;
  THAW_TRY(finished.samples_, RowIndex::read(folder / samples_file, points.size()));
  THAW_TRY(finished.timings_, RowIndex::read(folder / timings_file, points.size()));
  THAW_TRY(finished.functions_of_point_, check_samples(folder / samples_file, points));
  if (configuration.per_function) {
    THAW_TRY(finished.functions_, RowIndex::read(folder / functions_file, points.size()));
  } else {
    finished.functions_of_point_.assign(points.size(), 0);
  }
  for (const std::uint64_t point : finished.samples_.points()) {
    const bool has_all = finished.timings_.rows_of(point) > 0 &&
                         finished.functions_.rows_of(point) >= finished.functions_of(point);
    if (has_all) finished.points_.push_back(point);
  }
  return finished;
}

Result<FinishedPoint> FinishedPoints::point(std::uint64_t index) const {
  FinishedPoint point{.index = index};
  THAW_TRY(point.row, samples_.last_rows(index, 1));
  THAW_TRY(point.timing, timings_.last_rows(index, 1));
  if (functions_of(index) > 0) {
    THAW_TRY(point.function_rows, functions_.last_rows(index, functions_of(index)));
  }
  point.timeline = read_file_if_any(timeline_of(folder_, index)).value_or("");
  return point;
}

Result<> FinishedPoints::put_in_order() const {
  const auto one = [](std::uint64_t) { return std::uint64_t{1}; };
  THAW_CHECK(functions_.put_in_order([this](std::uint64_t point) { return functions_of(point); }));
  THAW_CHECK(timings_.put_in_order(one));
  THAW_CHECK(join_timelines(folder_, points_));
  return samples_.put_in_order(one);
}

Result<PointFiles> PointFiles::open(const Path& folder, const SweepConfiguration& configuration) {
  // The lock of samples.csv stands for all: it is taken first.
  THAW_TRY(RowFile samples, RowFile::open(folder / samples_file, header_of(outcome_fields())));
  THAW_TRY(RowFile timings, RowFile::open(folder / timings_file, header_of(timing_fields())));
  PointFiles files(folder, std::move(samples), std::move(timings));
  if (configuration.per_function) {
    THAW_TRY(RowFile functions, RowFile::open(folder / functions_file, header_of(function_fields())));
    files.functions_.emplace(std::move(functions));
  }
  THAW_TRY(const FinishedPoints finished, FinishedPoints::read(folder, configuration));
  files.is_done_.resize(span_points(configuration.axes).size());
  for (const std::uint64_t point : finished.points()) files.is_done_[point] = true;
  files.done_ = finished.points().size();
  return files;
}

Result<> PointFiles::add(const FinishedPoint& point) {
  if (is_done_[point.index]) return {};
  // The row of the point comes last: without it, what stands in the other files does not count.
  if (functions_ && !point.function_rows.empty()) THAW_CHECK(functions_->append(point.function_rows));
  if (!point.timeline.empty()) THAW_CHECK(write_timeline(folder_, point));
  THAW_CHECK(timings_.append(point.timing));
  THAW_CHECK(samples_.append(point.row));
  is_done_[point.index] = true;
  ++done_;
  return {};
}

}  // namespace thaw
