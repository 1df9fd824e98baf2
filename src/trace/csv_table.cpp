#include "trace/csv_table.h"

namespace thaw {
namespace {

std::string list_names(const std::vector<std::string>& names) {
  constexpr std::size_t most = 12;
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < most; ++i) {
    text += (i == 0 ? "" : ", ") + names[i].substr(0, 40);
  }
  return names.size() > most ? text + ", …" : text;
}

}  // namespace

Result<LineReader> open_csv(const InputFile& file, std::string& header, RepairLog& remarks) {
  THAW_TRY(LineReader lines, LineReader::open(file));
  std::string_view line;
  if (!lines.next_filled(line)) {
    THAW_CHECK(lines.status());
    return fail_at(ErrorKind::bad_input, "the file is empty, a header line is needed", file.name());
  }
  header = line;
  if (lines.had_byte_order_mark()) remarks.note(remarks::byte_order_mark);
  if (lines.had_carriage_returns()) remarks.note(remarks::carriage_returns);
  return lines;
}

Result<CsvTable> CsvTable::open(const InputFile& file, ReadingNotes& notes) {
  CsvTable table;
  std::string header;
  THAW_TRY(table.lines_, open_csv(file, header, notes.remarks));
  auto columns = ColumnNames::of(header);
  if (!columns) return tl::unexpected(std::move(columns).error().in(table.place()));
  table.columns_ = *std::move(columns);
  return table;
}

Result<std::size_t> CsvTable::column(std::initializer_list<std::string_view> names) const {
  if (const auto found = columns_.find(names)) return *found;
  return fail_at(ErrorKind::bad_input, fmt::format("there is no column \"{}\"", *names.begin()), place(),
                 fmt::format("the header has: {}", list_names(columns_.names())));
}

Result<bool> CsvTable::next(ReadingNotes& notes) {
  std::string_view line;
  while (lines_.next_filled(line)) {
    auto is_split = splitter_.split(line);
    if (is_split && splitter_.fields().size() == columns_.size()) return true;
    if (notes.repair) {
      notes.repairs.note(repairs::malformed_row);
      continue;
    }
    const std::string hint = repair_hint("malformed rows are dropped");
    if (!is_split) return tl::unexpected(std::move(is_split).error().in(place()).with_hint(hint));
    return fail_at(
        ErrorKind::bad_input,
        fmt::format("the row has {} fields, the header {}", splitter_.fields().size(), columns_.size()),
        place(), hint);
  }
  THAW_CHECK(lines_.status());
  return false;
}

Result<double> CsvTable::number(std::size_t column) const {
  if (const auto value = parse_field(field(column))) return *value;
  return fail_at(
      ErrorKind::bad_input,
      fmt::format("{} is \"{}\", which is no number", columns_.names()[column], field(column).substr(0, 80)),
      place());
}

}  // namespace thaw
