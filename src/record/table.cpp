#include "record/table.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/text.h"
#include "core/units.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;

/// How the numbers of one column are shown.
struct Scale {
  double factor = 1;
  std::string unit;
};

std::optional<double> number_in(const FieldValue& value) {
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  return std::nullopt;
}

Scale byte_scale(double largest) {
  constexpr std::array units = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  std::size_t step = 0;
  double factor = 1;
  while (step + 1 < units.size() && largest * factor >= 1024) {
    factor /= 1024;
    ++step;
  }
  return {factor, units[step]};
}

/// One unit for the whole column, chosen by its largest value.
Scale scale_for(const Table& table, std::size_t column) {
  const TableColumn& about = table.columns[column];
  if (about.unit != "s" && about.unit != "bytes") return {1, about.unit};
  double largest = 0;
  for (const auto& row : table.rows) {
    const double number = number_in(row[column].value).value_or(0);
    if (row[column].shown.empty() && std::isfinite(number)) largest = std::max(largest, std::fabs(number));
  }
  if (about.unit == "bytes") return byte_scale(largest);
  const TimeUnit unit = time_unit_for(largest);
  return {unit.factor, std::string(unit.name)};
}

std::string heading(const TableColumn& column, const Scale& scale) {
  const std::string& label = column.label.empty() ? column.key : column.label;
  return scale.unit.empty() ? label : fmt::format("{} [{}]", label, scale.unit);
}

std::string shown(const Cell& cell, const TableColumn& column, const Scale& scale) {
  if (!cell.shown.empty()) return printable(cell.shown);
  if (const auto* truth = std::get_if<bool>(&cell.value)) return *truth ? "yes" : "no";
  const auto number = number_in(cell.value);
  if (!number) {
    const std::string text = to_text(cell.value);
    return text.empty() ? "-" : printable(text);
  }
  if (!std::isfinite(*number)) return "-";
  const bool is_whole = std::holds_alternative<std::int64_t>(cell.value) && scale.factor == 1;
  return is_whole ? to_text(cell.value) : format_significant(*number * scale.factor, column.digits);
}

/// The table as people see it: headings first.
std::vector<std::vector<std::string>> shown_rows(const Table& table) {
  std::vector<std::vector<std::string>> rows(table.rows.size() + 1);
  for (std::size_t column = 0; column < table.columns.size(); ++column) {
    const TableColumn& about = table.columns[column];
    const Scale scale = scale_for(table, column);
    rows[0].push_back(printable(heading(about, scale)));
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
      rows[row + 1].push_back(shown(table.rows[row][column], about, scale));
    }
  }
  return rows;
}

std::string padded(const std::string& text, std::size_t width, Align align) {
  const std::string gap(width - std::min(width, display_width(text)), ' ');
  return align == Align::left ? text + gap : gap + text;
}

std::string without_trailing_spaces(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string render_text(const Table& table) {
  const auto rows = shown_rows(table);
  std::vector<std::size_t> widths(table.columns.size(), 0);
  std::size_t total = 0;
  for (std::size_t column = 0; column < widths.size(); ++column) {
    for (const auto& row : rows) widths[column] = std::max(widths[column], display_width(row[column]));
    total += widths[column] + (column > 0 ? 2 : 0);
  }
  std::string text = table.title.empty() ? "" : printable(table.title) + "\n";
  for (std::size_t row = 0; row < rows.size(); ++row) {
    std::string line;
    for (std::size_t column = 0; column < widths.size(); ++column) {
      if (column > 0) line += "  ";
      line += padded(rows[row][column], widths[column], table.columns[column].align);
    }
    text += without_trailing_spaces(std::move(line)) + "\n";
    if (row > 0) continue;
    for (std::size_t i = 0; i < total; ++i) text += "─";
    text += "\n";
  }
  for (const std::string& note : table.notes) text += printable(note) + "\n";
  return text;
}

std::string markdown_cell(const std::string& text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|') cell += '\\';
    cell += c;
  }
  return cell;
}

std::string render_markdown(const Table& table) {
  const auto rows = shown_rows(table);
  std::string text = table.title.empty() ? "" : fmt::format("**{}**\n\n", printable(table.title));
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (const std::string& cell : rows[row]) text += fmt::format("| {} ", markdown_cell(cell));
    text += "|\n";
    if (row > 0) continue;
    for (const TableColumn& column : table.columns) text += column.align == Align::left ? "|---" : "|---:";
    text += "|\n";
  }
  for (const std::string& note : table.notes) text += fmt::format("\n{}\n", printable(note));
  return text;
}

std::string render_csv(const Table& table) {
  CsvLine line;
  for (const TableColumn& column : table.columns) line.add(std::string_view(column.key));
  std::string text(line.finish());
  for (const auto& row : table.rows) {
    for (const Cell& cell : row) add_field(line, cell.value);
    text += line.finish();
  }
  return text;
}

std::string dump(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string render_ndjson(const Table& table) {
  std::string text;
  for (const Json& row : to_json(table)) text += dump(row, -1) + "\n";
  return text;
}

}  // namespace

Result<TableFormat> parse_table_format(std::string_view name) {
  if (name == "table" || name == "text") return TableFormat::text;
  if (name == "md" || name == "markdown") return TableFormat::markdown;
  if (name == "csv") return TableFormat::csv;
  if (name == "json") return TableFormat::json;
  if (name == "ndjson") return TableFormat::ndjson;
  const std::vector<std::string> names = {"table", "md", "csv", "json", "ndjson"};
  return fail_at(ErrorKind::bad_usage, fmt::format("unknown format \"{}\"", name), "--format",
                 suggest(name, names));
}

void Table::add(std::vector<Cell> cells) {
  THAW_ASSERT(cells.size() == columns.size(), "{} cells for {} columns", cells.size(), columns.size());
  rows.push_back(std::move(cells));
}

nlohmann::ordered_json to_json(const Table& table) {
  Json list = Json::array();
  for (const auto& row : table.rows) {
    Json object = Json::object();
    for (std::size_t i = 0; i < row.size(); ++i) object[table.columns[i].key] = to_json(row[i].value);
    list.push_back(std::move(object));
  }
  return list;
}

std::string render(const Table& table, TableFormat format) {
  switch (format) {
    case TableFormat::text:
      return render_text(table);
    case TableFormat::markdown:
      return render_markdown(table);
    case TableFormat::csv:
      return render_csv(table);
    case TableFormat::json:
      return dump(to_json(table), 2) + "\n";
    case TableFormat::ndjson:
      return render_ndjson(table);
  }
  return {};
}

}  // namespace thaw
