#pragma once
// From columns of text to series of numbers, the same way for every CSV layout.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/csv.h"
#include "record/dataset.h"

namespace thaw::import {

/// A column's name and the unit that its ending states: "outer_time_s" is {"outer_time", "s"}.
struct NameAndUnit {
  std::string name;
  std::string unit;  ///< Empty when the name states none.
};
NameAndUnit split_unit(std::string_view column);

/// "seconds" -> "s", "milliseconds" -> "ms", …; other units stay as they are.
std::string usual_unit(std::string_view unit);

/// True for the texts that stand for a missing value: "", "NA", "N/A", "NaN", "null", "None", "-".
bool is_missing(std::string_view text);

/// The cells of one column as written, one for each row; empty when there is no such column. An identifier like
/// "12345e12" would not survive being read as a number. Errors: as CsvReader::next.
Result<std::vector<std::string>> raw_texts(CsvReader reader, std::string_view column);

/// The distinct texts in the order of their first appearance.
std::vector<std::string> distinct(const std::vector<std::string>& texts);

/// Which rows of a table make a dataset.
struct RowChoice {
  std::vector<bool> belongs;  ///< To the launch or cell; its rows are counted from 0.
  std::vector<bool> counts;   ///< Belongs, and its run did not fail.

  /// Every row of a table.
  static RowChoice all(std::size_t rows) {
    return {std::vector<bool>(rows, true), std::vector<bool>(rows, true)};
  }
};

/// The numbers of the column in the rows that count, or nullopt when it holds text. A column without any value gives
/// an empty series.
std::optional<Series> series_from(const Column& column, const RowChoice& choice);

/// For a column that is mostly numbers, what kept it from being a series: "latency is left out: row 17 holds …".
std::optional<std::string> complaint_about(const Column& column);

}  // namespace thaw::import
