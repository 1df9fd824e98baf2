#include "sim/row_index.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <numeric>
#include <utility>

#include "core/text.h"
#include "record/csv.h"

namespace thaw {
namespace {

constexpr std::size_t write_block = std::size_t{4} << 20;

Result<std::uint64_t> point_of(std::string_view field, std::uint64_t points, const CsvReader& reader) {
  const auto number = parse_integer(field);
  if (number && *number >= 0 && static_cast<std::uint64_t>(*number) < points) {
    return static_cast<std::uint64_t>(*number);
  }
  return fail_at(
      ErrorKind::bad_input,
      fmt::format("the first column must be the number of a point, 0 to {}; it is \"{}\"", points - 1, field),
      reader.place(), "remove the damaged row; --resume then simulates its point again");
}

}  // namespace

Result<RowIndex> RowIndex::read(const Path& file, std::uint64_t points) {
  RowIndex index;
  index.path_ = file;
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return index;
  index.file_ = FileDescriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  THAW_TRY(CsvReader reader, CsvReader::open(file, TornEnd::is_dropped));
  std::size_t columns = 0;
  std::vector<Run>* last_runs = nullptr;
  std::uint64_t last = 0;
  for (std::int64_t begin = 0;; begin = reader.end_offset()) {
    THAW_TRY(const auto fields, reader.next());
    if (!fields) return index;
    if (columns == 0) {
      columns = fields->size();
      for (const std::string_view name : *fields)
        index.header_.append(index.header_.empty() ? "" : ",").append(name);
      index.header_ += '\n';
      continue;
    }
    if (fields->size() != columns) {
      return fail_at(ErrorKind::bad_input,
                     fmt::format("{} fields, but the header names {} columns", fields->size(), columns),
                     reader.place(), "remove the damaged row; --resume then simulates its point again");
    }
    THAW_TRY(const std::uint64_t point, point_of(fields->front(), points, reader));
    if (last_runs == nullptr || last != point) {
      last_runs = &index.runs_[point];
      last_runs->push_back({begin, begin, 0});
      last = point;
    }
    last_runs->back().end = reader.end_offset();
    ++last_runs->back().rows;
  }
}

std::uint64_t RowIndex::rows_of(std::uint64_t point) const {
  const auto found = runs_.find(point);
  if (found == runs_.end()) return 0;
  return std::accumulate(found->second.begin(), found->second.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const Run& run) { return sum + run.rows; });
}

std::vector<std::uint64_t> RowIndex::points() const {
  std::vector<std::uint64_t> points;
  points.reserve(runs_.size());
  for (const auto& [point, runs] : runs_) points.push_back(point);
  return points;
}

Result<std::string> RowIndex::last_rows(std::uint64_t point, std::uint64_t rows) const {
  const std::vector<Run>& runs = runs_.at(point);
  std::string text;
  for (auto run = runs.rbegin(); run != runs.rend() && rows > 0; ++run) {
    const std::uint64_t taken = std::min(rows, run->rows);
    THAW_TRY(const std::string part, text_of(*run, taken));
    text.insert(0, part);
    rows -= taken;
  }
  return text;
}

Result<std::string> RowIndex::text_of(const Run& run, std::uint64_t rows) const {
  std::string text(static_cast<std::size_t>(run.end - run.begin), '\0');
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t n = ::pread(file_.get(), text.data() + done, text.size() - done,
                              run.begin + static_cast<std::int64_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      return fail_at(ErrorKind::environment,
                     fmt::format("cannot read: {}", n < 0 ? std::strerror(errno) : "the file became shorter"),
                     path_.string());
    }
    done += static_cast<std::size_t>(n);
  }
  if (rows == run.rows) return text;
  CsvReader reader = CsvReader::over(text, path_.string());
  for (std::uint64_t skipped = run.rows - rows; skipped > 0; --skipped) THAW_CHECK(reader.next());
  text.erase(0, static_cast<std::size_t>(reader.end_offset()));
  return text;
}

bool RowIndex::is_in_order(const std::vector<std::uint64_t>& wanted) const {
  std::int64_t end = 0;
  std::size_t place = 0;
  for (const auto& [point, runs] : runs_) {
    if (runs.size() != 1 || runs.front().rows != wanted[place++] || runs.front().begin < end) return false;
    end = runs.front().end;
  }
  return true;
}

Result<> RowIndex::rewrite(const std::vector<std::uint64_t>& wanted) const {
  if (runs_.empty() || is_in_order(wanted)) return {};
  Path temporary = path_;
  temporary += ".tmp";
  const FileDescriptor out(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  const auto write = [&]() -> Result<> {
    if (!out.is_open()) return fail(ErrorKind::environment, "cannot write: {}", std::strerror(errno));
    std::string block = header_;
    std::size_t place = 0;
    for (const auto& [point, runs] : runs_) {
      THAW_TRY(const std::string rows, last_rows(point, wanted[place++]));
      block += rows;
      if (block.size() < write_block) continue;
      THAW_CHECK(write_all(out.get(), block, temporary.string()));
      block.clear();
    }
    THAW_CHECK(write_all(out.get(), block, temporary.string()));
    if (::rename(temporary.c_str(), path_.c_str()) == 0) return {};
    return fail(ErrorKind::environment, "cannot rename it: {}", std::strerror(errno));
  };
  Result<> written = write();
  if (!written) {
    ::unlink(temporary.c_str());
    Error error = std::move(written).error();
    if (error.where.empty()) error.where = temporary.string();
    return tl::unexpected(std::move(error));
  }
  return {};
}

}  // namespace thaw
