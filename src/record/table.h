#pragma once
// One table, four ways to print it: for a terminal, Markdown, CSV and JSON. Commands build a Table and leave the
// form to --format, so that all of them show the same content.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "record/field_table.h"

namespace thaw {

enum class TableFormat { text, markdown, csv, json, ndjson };

/// Reads "table", "md" (or "markdown"), "csv", "json" or "ndjson". Errors: bad_usage with the nearest name.
Result<TableFormat> parse_table_format(std::string_view name);

enum class Align { left, right };

struct TableColumn {
  std::string key;    ///< Name in CSV and JSON, with the unit as suffix: "median_s".
  std::string label;  ///< Heading for people; empty: the key.
  std::string
      unit;  ///< For people, in the heading: "median [s]". "s" and "bytes" are scaled as a whole column.
  Align align = Align::right;
  int digits = 3;  ///< Significant digits for people; machines get full precision.
};

/// A value, and optionally how people see it ("1.23 ms", "**better**").
struct Cell {
  FieldValue value;
  std::string shown;  ///< Empty: derived from the value and its column.

  Cell() = default;  ///< Missing: "-" for people, empty in CSV, null in JSON.
  Cell(std::string text) : value(std::move(text)) {}
  Cell(std::string_view text) : value(std::string(text)) {}
  Cell(const char* text) : value(std::string(text)) {}
  Cell(double number) : value(number) {}
  Cell(std::int64_t number) : value(number) {}
  Cell(int number) : value(static_cast<std::int64_t>(number)) {}
  Cell(std::size_t number) : value(static_cast<std::int64_t>(number)) {}
  Cell(bool truth) : value(truth) {}
  Cell(FieldValue any, std::string text) : value(std::move(any)), shown(std::move(text)) {}
};

struct Table {
  std::string title;  ///< A line above the table; not in CSV.
  std::vector<TableColumn> columns;
  std::vector<std::vector<Cell>> rows;
  std::vector<std::string> notes;  ///< Lines below the table; not in CSV, ndjson.

  /// Adds a row. REQUIRES: as many cells as columns.
  void add(std::vector<Cell> cells);
};

/// The table in one of its forms, with a final line end. JSON is a list of objects, one for each row.
std::string render(const Table& table, TableFormat format);

/// The rows as a JSON list of objects, for embedding.
nlohmann::ordered_json to_json(const Table& table);

/// Columns that text takes on a terminal: combining marks count 0, wide characters 2, broken bytes 1.
std::size_t display_width(std::string_view text);

/// The text with control characters written as escapes, so that foreign text cannot steer a terminal.
std::string printable(std::string_view text);

}  // namespace thaw
