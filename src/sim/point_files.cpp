#include "sim/point_files.h"

#include <algorithm>
#include <utility>

#include "core/text.h"
#include "sim/outcome_fields.h"
#include "sim/timeline_record.h"

namespace thaw {
namespace {

constexpr const char* damaged_hint = "remove the damaged row; --resume then simulates its point again";

/// A table of which each point has its own rows, any number of them. Until all points are there, each has a file of its
/// own in a folder, so that none is half there.
struct SideTable {
  const char* folder;
  const char* file;
  std::string FinishedPoint::*rows;
  std::vector<std::string> (*header)();
};

const SideTable side_tables[] = {
    {"memory", timelines_file, &FinishedPoint::timeline, [] { return header_of(minute_fields()); }},
    {"servers", servers_file, &FinishedPoint::server_rows, [] { return header_of(server_fields()); }},
};

Path side_file(const Path& folder, const SideTable& table, std::uint64_t point) {
  return folder / table.folder / fmt::format("{}.csv", point);
}

Result<> write_side_rows(const Path& folder, const FinishedPoint& point) {
  std::error_code error;
  for (const SideTable& table : side_tables) {
    const std::string& rows = point.*table.rows;
    if (rows.empty()) continue;
    std::filesystem::create_directories(folder / table.folder, error);
    THAW_CHECK(write_file_atomically(side_file(folder, table, point.index), rows));
  }
  return {};
}

/// Makes one file of the rows of these points. Where there are none, as after an earlier call, nothing changes.
Result<> join_side_rows(const Path& folder, std::span<const std::uint64_t> points, const SideTable& table) {
  std::error_code error;
  if (!std::filesystem::exists(folder / table.folder, error)) return {};
  std::string all = csv_line(table.header());
  for (const std::uint64_t point : points) {
    all += read_file_if_any(side_file(folder, table, point)).value_or("");
  }
  THAW_CHECK(write_file_atomically(folder / table.file, all));
  std::filesystem::remove_all(folder / table.folder, error);
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
  for (const SideTable& table : side_tables) {
    point.*table.rows = read_file_if_any(side_file(folder_, table, index)).value_or("");
  }
  return point;
}

Result<> FinishedPoints::put_in_order() const {
  const auto one = [](std::uint64_t) { return std::uint64_t{1}; };
  THAW_CHECK(functions_.put_in_order([this](std::uint64_t point) { return functions_of(point); }));
  THAW_CHECK(timings_.put_in_order(one));
  for (const SideTable& table : side_tables) THAW_CHECK(join_side_rows(folder_, points_, table));
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
  THAW_CHECK(write_side_rows(folder_, point));
  THAW_CHECK(timings_.append(point.timing));
  THAW_CHECK(samples_.append(point.row));
  is_done_[point.index] = true;
  ++done_;
  return {};
}

}  // namespace thaw
