#include "trace/csv_fields.h"

#include <algorithm>
#include <cstring>

#include "core/text.h"

namespace thaw {

namespace detail {

std::optional<double> parse_field_slowly(std::string_view text) {
  text = trim(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || status != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace detail

Result<> CsvSplitter::split(std::string_view line) {
  fields_.clear();
  if (std::memchr(line.data(), '"', line.size()) != nullptr) return split_quoted(line);
  for (;;) {
    const auto* comma = static_cast<const char*>(std::memchr(line.data(), ',', line.size()));
    if (comma == nullptr) break;
    const auto length = static_cast<std::size_t>(comma - line.data());
    fields_.push_back(line.substr(0, length));
    line.remove_prefix(length + 1);
  }
  fields_.push_back(line);
  return {};
}

Result<> CsvSplitter::split_quoted(std::string_view line) {
  // Never longer than the line, so the views into it stay.
  unquoted_.clear();
  unquoted_.reserve(line.size());
  for (std::size_t at = 0;;) {
    if (at < line.size() && line[at] == '"') {
      const std::size_t begin = unquoted_.size();
      for (++at;; ++at) {
        if (at >= line.size()) return fail(ErrorKind::bad_input, "a quoted field does not end on its line");
        if (line[at] == '"' && (at + 1 >= line.size() || line[at + 1] != '"')) break;
        if (line[at] == '"') ++at;
        unquoted_ += line[at];
      }
      fields_.push_back(std::string_view(unquoted_).substr(begin));
      if (++at < line.size() && line[at] != ',') {
        return fail(ErrorKind::bad_input, "text stands behind a closing quote");
      }
    } else {
      const std::size_t comma = std::min(line.find(',', at), line.size());
      fields_.push_back(line.substr(at, comma - at));
      at = comma;
    }
    if (at >= line.size()) return {};
    ++at;
  }
}

Result<ColumnNames> ColumnNames::of(std::string_view header) {
  CsvSplitter splitter;
  THAW_CHECK(splitter.split(header));
  ColumnNames columns;
  columns.names_.reserve(splitter.fields().size());
  for (const std::string_view field : splitter.fields()) columns.names_.emplace_back(trim(field));
  return columns;
}

std::optional<std::size_t> ColumnNames::find(std::initializer_list<std::string_view> names) const {
  for (std::size_t i = 0; i < names_.size(); ++i) {
    for (const std::string_view name : names) {
      if (names_[i].size() == name.size() && to_lower(names_[i]) == to_lower(name)) return i;
    }
  }
  return std::nullopt;
}

}  // namespace thaw
