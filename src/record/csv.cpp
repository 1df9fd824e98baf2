#include "record/csv.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/text.h"

namespace thaw {
namespace {

constexpr std::size_t block_bytes = std::size_t{1} << 20;
/// Longer records are an unclosed quote far more often than they are data.
constexpr std::size_t longest_record_bytes = std::size_t{64} << 20;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// Marks the bytes that end an unquoted field.
constexpr std::array<bool, 256> make_stop_table() {
  std::array<bool, 256> stops{};
  for (const char c : {',', '"', '\n', '\r'}) stops[static_cast<unsigned char>(c)] = true;
  return stops;
}
constexpr std::array<bool, 256> stops_field = make_stop_table();

bool needs_quotes(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return stops_field[static_cast<unsigned char>(c)]; });
}

/// Every quote in the range stands beside its double; closes the gaps and returns the new end.
char* keep_one_of_doubled_quotes(char* begin, char* end) {
  char* out = begin;
  for (const char* in = begin; in != end; ++in) {
    if (*in == '"') ++in;
    *out++ = *in;
  }
  return out;
}

/// Leading zeros make an identifier ("007"), not a number.
std::optional<double> number_in_csv(std::string_view text) {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9') return std::nullopt;
  return parse_number(text);
}

}  // namespace

// Writing.

void CsvLine::separate() {
  if (is_finished_) {
    line_.clear();
    fields_ = 0;
    is_finished_ = false;
  }
  if (fields_++ > 0) line_ += ',';
}

CsvLine& CsvLine::add(std::string_view text) {
  separate();
  if (!needs_quotes(text)) {
    line_ += text;
    return *this;
  }
  line_ += '"';
  for (const char c : text) {
    if (c == '"') line_ += '"';
    line_ += c;
  }
  line_ += '"';
  return *this;
}

CsvLine& CsvLine::add(double value) {
  separate();
  if (!std::isfinite(value)) return *this;
  std::array<char, 32> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  line_.append(buffer.data(), end);
  return *this;
}

CsvLine& CsvLine::add(std::int64_t value) {
  separate();
  std::array<char, 24> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  line_.append(buffer.data(), end);
  return *this;
}

CsvLine& CsvLine::add_missing() {
  separate();
  return *this;
}

std::string_view CsvLine::finish() {
  if (is_finished_) {
    line_.clear();
    fields_ = 0;
  }
  // A lone empty field would read back as an empty line, which is no record.
  if (line_.empty()) line_ += "\"\"";
  line_ += '\n';
  is_finished_ = true;
  return line_;
}

std::string csv_line(std::span<const std::string> fields) {
  CsvLine line;
  for (const std::string& field : fields) line.add(field);
  return std::string(line.finish());
}

// Reading.

Result<CsvReader> CsvReader::open(const Path& path, TornEnd torn_end) {
  CsvReader reader;
  reader.file_ = FileDescriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!reader.file_.is_open()) {
    return fail_at(ErrorKind::environment, fmt::format("cannot read: {}", std::strerror(errno)),
                   path.string());
  }
  reader.name_ = path.string();
  reader.torn_end_ = torn_end;
  THAW_CHECK(reader.refill());
  if (reader.buffer_.starts_with(byte_order_mark)) reader.at_ = byte_order_mark.size();
  return reader;
}

CsvReader CsvReader::over(std::string text, std::string place, TornEnd torn_end, std::int64_t first_line) {
  CsvReader reader;
  reader.buffer_ = std::move(text);
  reader.name_ = std::move(place);
  reader.torn_end_ = torn_end;
  reader.line_ = first_line;
  reader.at_end_of_file_ = true;
  if (reader.buffer_.starts_with(byte_order_mark)) reader.at_ = byte_order_mark.size();
  return reader;
}

std::string CsvReader::place() const { return fmt::format("{}:{}", name_, record_line_); }

tl::unexpected<Error> CsvReader::malformed(std::string what, std::int64_t line) const {
  return fail_at(ErrorKind::bad_input, std::move(what), fmt::format("{}:{}", name_, line),
                 "put the whole field in quotes and double every quote inside it");
}

Result<> CsvReader::refill() {
  buffer_.erase(0, at_);
  buffer_offset_ += static_cast<std::int64_t>(at_);
  at_ = 0;
  std::size_t size = buffer_.size();
  if (size > longest_record_bytes) {
    return malformed(
        fmt::format("a record is longer than {} MiB; is a quote left open?", longest_record_bytes >> 20),
        line_);
  }
  // Doubling keeps the cost of scanning a long record again linear.
  const std::size_t wanted = size + std::max(block_bytes, size);
  buffer_.resize(wanted);
  while (size < wanted) {
    const ssize_t n = ::read(file_.get(), buffer_.data() + size, wanted - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      return fail_at(ErrorKind::environment, fmt::format("cannot read: {}", std::strerror(errno)), name_);
    }
    if (n == 0) {
      at_end_of_file_ = true;
      break;
    }
    size += static_cast<std::size_t>(n);
  }
  buffer_.resize(size);
  return {};
}

Result<std::optional<std::span<const std::string_view>>> CsvReader::next() {
  using Record = std::optional<std::span<const std::string_view>>;
  for (;;) {
    if (!skip_empty_lines() && !at_end_of_file_) {
      THAW_CHECK(refill());
      continue;
    }
    if (at_ == buffer_.size()) return Record();
    THAW_TRY(const Scan scan, scan_record());
    if (scan == Scan::complete) break;
    if (scan == Scan::torn) {
      dropped_torn_end_ = true;
      return Record();
    }
    THAW_CHECK(refill());
  }
  publish();
  return Record(fields_);
}

bool CsvReader::skip_empty_lines() {
  while (at_ < buffer_.size() && (buffer_[at_] == '\n' || buffer_[at_] == '\r')) {
    if (buffer_[at_] == '\r') {
      if (at_ + 1 == buffer_.size() && !at_end_of_file_) return false;
      if (at_ + 1 < buffer_.size() && buffer_[at_ + 1] == '\n') ++at_;
    }
    ++at_;
    ++line_;
    end_offset_ = buffer_offset_ + static_cast<std::int64_t>(at_);
  }
  return at_ < buffer_.size();
}

Result<CsvReader::Scan> CsvReader::scan_record() {
  slices_.clear();
  scanned_line_ = line_;
  const char* const text = buffer_.data();
  const std::size_t size = buffer_.size();
  for (std::size_t at = at_;; ++at) {
    if (at < size && text[at] == '"') {
      THAW_TRY(const Scan quoted, scan_quoted(at));
      if (quoted != Scan::complete) return quoted;
    } else {
      const std::size_t begin = at;
      while (at < size && !stops_field[static_cast<unsigned char>(text[at])]) ++at;
      slices_.push_back({begin, at, false});
    }
    if (at == size) {
      if (!at_end_of_file_) return Scan::needs_more;
      if (torn_end_ == TornEnd::is_dropped) return Scan::torn;
      record_end_ = at;
      return Scan::complete;
    }
    if (text[at] == ',') continue;
    if (text[at] == '"') {
      return malformed(fmt::format("a quote inside the unquoted field {}", slices_.size()), scanned_line_);
    }
    if (text[at] == '\r') {
      if (at + 1 == size && !at_end_of_file_) return Scan::needs_more;
      if (at + 1 < size && text[at + 1] == '\n') ++at;
    }
    record_end_ = at + 1;
    ++scanned_line_;
    return Scan::complete;
  }
}

/// Scans the quoted field that starts at `at` and moves `at` behind its closing quote.
Result<CsvReader::Scan> CsvReader::scan_quoted(std::size_t& at) {
  const char* const text = buffer_.data();
  const std::size_t size = buffer_.size();
  const std::size_t begin = at + 1;
  const std::int64_t opened_on = scanned_line_;
  bool has_doubled_quotes = false;
  for (std::size_t from = begin;;) {
    const auto* quote = static_cast<const char*>(std::memchr(text + from, '"', size - from));
    if (quote == nullptr) {
      if (!at_end_of_file_) return Scan::needs_more;
      if (torn_end_ == TornEnd::is_dropped) return Scan::torn;
      return malformed(fmt::format("the quote that opens field {} is never closed", slices_.size() + 1),
                       opened_on);
    }
    const auto end = static_cast<std::size_t>(quote - text);
    scanned_line_ += std::count(text + from, quote, '\n');
    if (end + 1 == size && !at_end_of_file_) return Scan::needs_more;
    if (end + 1 < size && text[end + 1] == '"') {
      has_doubled_quotes = true;
      from = end + 2;
      continue;
    }
    slices_.push_back({begin, end, has_doubled_quotes});
    at = end + 1;
    if (at < size && (!stops_field[static_cast<unsigned char>(text[at])])) {
      return malformed(fmt::format("text behind the closing quote of field {}", slices_.size()),
                       scanned_line_);
    }
    return Scan::complete;
  }
}

void CsvReader::publish() {
  fields_.clear();
  for (const Slice& slice : slices_) {
    char* const begin = buffer_.data() + slice.begin;
    char* end = buffer_.data() + slice.end;
    if (slice.has_doubled_quotes) end = keep_one_of_doubled_quotes(begin, end);
    fields_.emplace_back(begin, static_cast<std::size_t>(end - begin));
  }
  record_line_ = line_;
  line_ = scanned_line_;
  at_ = record_end_;
  end_offset_ = buffer_offset_ + static_cast<std::int64_t>(record_end_);
}

// Columns.

std::string Column::text(std::size_t row) const {
  return has_text ? texts[row] : format_number(numbers[row]);
}

const Column* CsvColumns::find(std::string_view name) const {
  const auto found =
      std::find_if(columns.begin(), columns.end(), [&](const Column& column) { return column.name == name; });
  return found == columns.end() ? nullptr : &*found;
}

namespace {

Result<std::vector<Column>> read_header(CsvReader& reader) {
  THAW_TRY(const auto header, reader.next());
  if (!header) {
    return fail_at(ErrorKind::bad_input, "no header line", reader.place(),
                   "the first line names the columns, separated by commas");
  }
  std::vector<Column> columns;
  for (const std::string_view name : *header) {
    if (name.empty()) {
      return fail_at(ErrorKind::bad_input, fmt::format("column {} has no name", columns.size() + 1),
                     reader.place());
    }
    for (const Column& column : columns) {
      if (column.name == name) {
        return fail_at(ErrorKind::bad_input, fmt::format("two columns are called \"{}\"", name),
                       reader.place());
      }
    }
    columns.push_back({std::string(name), {}, {}, false});
  }
  return columns;
}

void add_value(Column& column, std::string_view text) {
  const auto number = number_in_csv(text);
  if (!text.empty() && !number && !column.has_text) {
    for (const double earlier : column.numbers) column.texts.push_back(format_number(earlier));
    column.has_text = true;
  }
  column.numbers.push_back(number.value_or(std::numeric_limits<double>::quiet_NaN()));
  if (column.has_text) column.texts.emplace_back(text);
}

}  // namespace

Result<CsvColumns> read_columns(CsvReader reader) {
  CsvColumns result;
  THAW_TRY(result.columns, read_header(reader));
  for (;;) {
    THAW_TRY(const auto record, reader.next());
    if (!record) break;
    if (record->size() != result.columns.size()) {
      return fail_at(
          ErrorKind::bad_input,
          fmt::format("{} fields, but the header names {} columns", record->size(), result.columns.size()),
          reader.place());
    }
    for (std::size_t i = 0; i < record->size(); ++i) add_value(result.columns[i], (*record)[i]);
    ++result.rows;
  }
  result.had_torn_end = reader.dropped_torn_end();
  return result;
}

}  // namespace thaw
