#include "record/import_columns.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "core/text.h"

namespace thaw::import {
namespace {

struct Suffix {
  std::string_view ending;
  std::string_view unit;
};

/// Longer endings first: "rate_per_s" is no time.
constexpr std::array suffixes = {Suffix{"_per_s", "1/s"}, Suffix{"_bytes", "bytes"}, Suffix{"_ms", "ms"},
                                 Suffix{"_us", "us"},     Suffix{"_ns", "ns"},       Suffix{"_s", "s"}};

constexpr std::array usual_units = {
    Suffix{"seconds", "s"},       Suffix{"second", "s"},       Suffix{"sec", "s"},
    Suffix{"milliseconds", "ms"}, Suffix{"msec", "ms"},        Suffix{"microseconds", "us"},
    Suffix{"usec", "us"},         Suffix{"nanoseconds", "ns"}, Suffix{"byte", "bytes"}};

bool holds_text(const Column& column, std::size_t row) {
  return !std::isfinite(column.numbers[row]) && !is_missing(column.text(row));
}

}  // namespace

NameAndUnit split_unit(std::string_view column) {
  for (const Suffix& suffix : suffixes) {
    if (!column.ends_with(suffix.ending) || column.size() == suffix.ending.size()) continue;
    return {std::string(column.substr(0, column.size() - suffix.ending.size())), std::string(suffix.unit)};
  }
  return {std::string(column), {}};
}

std::string usual_unit(std::string_view unit) {
  for (const Suffix& entry : usual_units) {
    if (entry.ending == unit) return std::string(entry.unit);
  }
  return std::string(unit);
}

bool is_missing(std::string_view text) {
  constexpr std::array<std::string_view, 6> words = {"na", "n/a", "nan", "null", "none", "-"};
  const std::string_view plain = trim(text);
  if (plain.empty()) return true;
  return plain.size() <= 4 && std::find(words.begin(), words.end(), to_lower(plain)) != words.end();
}

Result<std::vector<std::string>> raw_texts(CsvReader reader, std::string_view column) {
  std::vector<std::string> texts;
  THAW_TRY(const auto header, reader.next());
  if (!header) return texts;
  const auto found = std::find(header->begin(), header->end(), column);
  if (found == header->end()) return texts;
  const auto position = static_cast<std::size_t>(found - header->begin());
  for (;;) {
    THAW_TRY(const auto fields, reader.next());
    if (!fields) return texts;
    texts.emplace_back(position < fields->size() ? (*fields)[position] : std::string_view());
  }
}

std::vector<std::string> distinct(const std::vector<std::string>& texts) {
  std::vector<std::string> once;
  std::set<std::string_view> seen;
  for (const std::string& text : texts) {
    if (seen.insert(text).second) once.push_back(text);
  }
  return once;
}

std::optional<Series> series_from(const Column& column, const RowChoice& choice) {
  Series series{.name = column.name};
  std::size_t position = 0;
  for (std::size_t row = 0; row < column.numbers.size(); ++row) {
    if (holds_text(column, row)) return std::nullopt;
    if (!choice.belongs[row]) continue;
    const std::size_t here = position++;
    if (!choice.counts[row] || !std::isfinite(column.numbers[row])) continue;
    series.values.push_back(column.numbers[row]);
    series.rows.push_back(here);
  }
  return series;
}

std::optional<std::string> complaint_about(const Column& column) {
  std::size_t numbers = 0, texts = 0, first = 0;
  for (std::size_t row = 0; row < column.numbers.size(); ++row) {
    if (std::isfinite(column.numbers[row])) ++numbers;
    if (!holds_text(column, row)) continue;
    if (texts++ == 0) first = row;
  }
  if (texts == 0 || numbers <= texts) return std::nullopt;
  return fmt::format("{} is left out: its row {} holds \"{}\", which is no number", column.name, first + 1,
                     column.text(first));
}

}  // namespace thaw::import
