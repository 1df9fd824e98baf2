#pragma once
// CSV as RFC 4180 has it. Written: header always, LF, fields quoted only when needed, empty = missing. Read: also
// CRLF, a byte order mark and line breaks inside quotes; every complaint names the line.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/files.h"

namespace thaw {

/// Composes one line. Reused for every row, so that a row costs no allocation.
class CsvLine {
 public:
  CsvLine& add(std::string_view text);
  /// Shortest text that reads back to the same value; missing when not finite.
  CsvLine& add(double value);
  CsvLine& add(std::int64_t value);
  CsvLine& add_missing();
  /// The line with its LF, ready to write; valid until the next call. Starts the next line.
  std::string_view finish();

 private:
  void separate();

  std::string line_;
  std::size_t fields_ = 0;
  bool is_finished_ = false;
};

/// One line with its LF from whole fields.
std::string csv_line(std::span<const std::string> fields);

/// How lenient a reader is about the end of its file.
enum class TornEnd {
  is_an_error,  ///< A last record without a line end is complete; an open quote is an error.
  is_dropped,   ///< A last record without a line end was cut off by a crash and is left out.
};

/// Reads records one by one from a file or from text in memory.
///
/// Records end at LF, CRLF or CR; lines without any character are skipped. A quote inside an unquoted field and text
/// behind a closing quote are errors.
/// Cost: one pass, above 100 MB/s; memory for the longest record only.
class CsvReader {
 public:
  /// Errors: environment (cannot be opened).
  static Result<CsvReader> open(const Path& path, TornEnd torn_end = TornEnd::is_an_error);
  /// Reads text; `place` stands for the file name in messages. REQUIRES: first_line >= 1.
  static CsvReader over(std::string text, std::string place, TornEnd torn_end = TornEnd::is_an_error,
                        std::int64_t first_line = 1);

  /// The fields of the next record, or nullopt at the end. They stay valid until the next call.
  /// Errors: bad_input (malformed, "file.csv:17"), environment (reading failed).
  Result<std::optional<std::span<const std::string_view>>> next();

  /// The line on which the last record began, from 1.
  [[nodiscard]] std::int64_t line() const { return record_line_; }
  /// "file.csv:17" for the last record.
  [[nodiscard]] std::string place() const;
  /// Offset just behind the last record's line end: where a torn end begins once next() returned nullopt.
  [[nodiscard]] std::int64_t end_offset() const { return end_offset_; }
  /// True when a torn end was left out.
  [[nodiscard]] bool dropped_torn_end() const { return dropped_torn_end_; }

 private:
  enum class Scan { complete, needs_more, torn };
  struct Slice {
    std::size_t begin, end;
    bool has_doubled_quotes;
  };

  CsvReader() = default;
  Result<Scan> scan_record();
  Result<Scan> scan_quoted(std::size_t& at);
  bool skip_empty_lines();
  Result<> refill();
  void publish();
  tl::unexpected<Error> malformed(std::string what, std::int64_t line) const;

  FileDescriptor file_;
  std::string name_;
  TornEnd torn_end_ = TornEnd::is_an_error;
  std::string buffer_;
  std::size_t at_ = 0;  ///< Start of the next record in the buffer.
  std::size_t record_end_ = 0;
  bool at_end_of_file_ = false;
  bool dropped_torn_end_ = false;
  std::int64_t line_ = 1;  ///< Line of the next record.
  std::int64_t scanned_line_ = 1;
  std::int64_t record_line_ = 0;
  std::int64_t buffer_offset_ = 0;
  std::int64_t end_offset_ = 0;
  std::vector<Slice> slices_;
  std::vector<std::string_view> fields_;
};

/// One column in memory. Text is kept only when some value is not a number; "007" is text.
struct Column {
  std::string name;
  std::vector<double> numbers;     ///< NaN where missing or not a number.
  std::vector<std::string> texts;  ///< Empty when every value is a number or missing.
  bool has_text = false;
  /// The value of a row as text, "" when missing.
  [[nodiscard]] std::string text(std::size_t row) const;
};

/// All columns of a CSV file with a header.
struct CsvColumns {
  std::vector<Column> columns;
  std::size_t rows = 0;
  bool had_torn_end = false;
  /// The column of that name, or nullptr.
  [[nodiscard]] const Column* find(std::string_view name) const;
};

/// Reads everything. Errors: as CsvReader::next; bad_input also for no header, an empty or repeated column name, and
/// a row whose number of fields differs from the header's.
Result<CsvColumns> read_columns(CsvReader reader);

}  // namespace thaw
