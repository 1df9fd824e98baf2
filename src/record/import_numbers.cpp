#include "core/text.h"
#include "record/import.h"
#include "record/import_columns.h"

namespace thaw::import {
namespace {

bool is_skipped(std::string_view line) { return line.empty() || line.front() == '#'; }

}  // namespace

bool looks_like_numbers(std::string_view text) {
  for (const std::string_view line : split_lines(text)) {
    const std::string_view content = trim(line);
    if (is_skipped(content)) continue;
    return parse_number(content) || is_missing(content);
  }
  return false;
}

Result<std::vector<Dataset>> read_numbers(const Source& source) {
  Dataset dataset;
  dataset.source = source.path;
  dataset.format = DatasetFormat::numbers;
  Series series{.name = "value"};
  std::size_t number = 0;
  for (const std::string_view line : split_lines(source.text)) {
    ++number;
    const std::string_view content = trim(line);
    if (is_skipped(content)) continue;
    const std::size_t row = dataset.rows++;
    if (is_missing(content)) continue;
    const auto value = parse_number(content);
    if (!value) {
      const auto column = static_cast<std::size_t>(content.data() - line.data()) + 1;
      return fail_at(ErrorKind::bad_input, fmt::format("\"{}\" is no number", content.substr(0, 40)),
                     fmt::format("{}:{}:{}", source.path.string(), number, column),
                     "write one number on each line; NA stands for a missing one");
    }
    series.values.push_back(*value);
    series.rows.push_back(row);
  }
  dataset.series.push_back(std::move(series));
  return std::vector{std::move(dataset)};
}

}  // namespace thaw::import
