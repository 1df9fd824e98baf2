#pragma once
// What each form of extractor finds, as words still to be read as values. Internal to the extractors.

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bench/extract.h"

namespace thaw::extractors {

/// The words found for one column; nullopt where the output says that a value is missing.
using Words = std::vector<std::optional<std::string>>;

/// Columns by name in the order of their first word. A few hundred names at most, each looked up by a hash.
class WordColumns {
 public:
  struct Column {
    std::string name;
    Words words;
  };

  /// The column's words, made when it is new.
  Words& of(std::string_view name);
  /// Makes every column `rows` long, missing words at the end.
  void pad(std::size_t rows);
  std::vector<Column> release() && { return std::move(columns_); }

 private:
  std::vector<Column> columns_;
  std::unordered_map<std::string, std::size_t> index_;
};

Words field_of_lines(const FieldForm& form, std::string_view text);
Words text_after(const TextAfterForm& form, std::string_view text);
Result<Words> json_values(const JsonForm& form, std::string_view text);
Words perf_event(const PerfEventForm& form, std::string_view text);

WordColumns name_values(std::string_view text);
/// One row for each table in the text; a call that a table lacks is missing there.
WordColumns strace_tables(std::string_view text);
/// One row for each rank in the report.
WordColumns mpip_report(std::string_view text);
WordColumns sensor_temperatures(std::string_view text);

/// The newest file that fits the pattern: "*" and "?" in its last part. Nullopt when there is none.
std::optional<Path> newest_match(const std::string& pattern);

}  // namespace thaw::extractors
