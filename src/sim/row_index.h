#pragma once
// Where the rows of each point stand in a CSV file whose first column is the number of the point. Rows stay on the disk,
// so the file of all functions of all points may be larger than the memory.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/files.h"

namespace thaw {

class RowIndex {
 public:
  /// Reads a file once; a torn last row is left out. An absent file has no rows.
  /// Errors: bad_input with file and line (malformed, no number of a point below `points`), environment.
  static Result<RowIndex> read(const Path& file, std::uint64_t points);

  /// How many rows a point has, repeated ones counted.
  [[nodiscard]] std::uint64_t rows_of(std::uint64_t point) const;
  /// The points that have rows, in order.
  [[nodiscard]] std::vector<std::uint64_t> points() const;

  /// The last `rows` rows of a point as they stand in the file: a point whose writing was cut short has been written
  /// again, whole, further down. Errors: environment. REQUIRES: rows_of(point) >= rows.
  [[nodiscard]] Result<std::string> last_rows(std::uint64_t point, std::uint64_t rows) const;

  /// Replaces the file by one that has the header and the last `rows(point)` rows of every point, in order. A file that
  /// is so already is left alone. Errors: environment; the old file then stays.
  template <class RowsOf>
  Result<> put_in_order(const RowsOf& rows) const {
    std::vector<std::uint64_t> wanted;
    for (const std::uint64_t point : points()) wanted.push_back(rows(point));
    return rewrite(wanted);
  }

 private:
  /// Rows of one point without another's between them.
  struct Run {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::uint64_t rows = 0;
  };

  [[nodiscard]] Result<> rewrite(const std::vector<std::uint64_t>& wanted) const;
  [[nodiscard]] bool is_in_order(const std::vector<std::uint64_t>& wanted) const;
  Result<std::string> text_of(const Run& run, std::uint64_t rows) const;

  Path path_;
  std::string header_;
  FileDescriptor file_;
  std::map<std::uint64_t, std::vector<Run>> runs_;
};

}  // namespace thaw
