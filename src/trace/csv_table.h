#pragma once
// A CSV file with a header, row by row, with complaints that name file and line.

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trace/csv_fields.h"
#include "trace/line_reader.h"
#include "trace/repair_log.h"

namespace thaw {

/// Where a reader notes what it met.
struct ReadingNotes {
  RepairLog repairs, remarks;
  bool repair = false;  ///< Whether flaws may be mended.
};

/// Rows of a CSV file. Every row has as many fields as the header; others are an error or a repair.
class CsvTable {
 public:
  /// Reads the header. Notes the byte order mark and CRLF. Errors: as LineReader::open; bad_input for an empty file.
  static Result<CsvTable> open(const InputFile& file, ReadingNotes& notes);

  [[nodiscard]] const ColumnNames& columns() const { return columns_; }
  /// The place of the column that has one of these names. Errors: bad_input naming the first of them.
  [[nodiscard]] Result<std::size_t> column(std::initializer_list<std::string_view> names) const;

  /// Moves to the next row; false at the end. Errors: bad_input at the row, environment.
  Result<bool> next(ReadingNotes& notes);
  [[nodiscard]] std::string_view field(std::size_t column) const { return splitter_.fields()[column]; }
  /// The field as a number, infinities and NaN included. Errors: bad_input at the row, naming the column.
  [[nodiscard]] Result<double> number(std::size_t column) const;
  /// "functions.csv:17" for the last row.
  [[nodiscard]] std::string place() const { return lines_.place(); }

 private:
  LineReader lines_;
  ColumnNames columns_;
  CsvSplitter splitter_;
};

/// Opens the lines of a CSV file and reads its header line, noting byte order mark and CRLF.
/// Errors: as LineReader::open; bad_input for an empty file.
Result<LineReader> open_csv(const InputFile& file, std::string& header, RepairLog& remarks);

}  // namespace thaw
