#include "bench/extract.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "bench/extractors/forms.h"
#include "core/process.h"
#include "core/text.h"

namespace thaw {
namespace {

using extractors::WordColumns;
using extractors::Words;

template <class... Handlers>
struct Overload : Handlers... {
  using Handlers::operator()...;
};

std::string expand_path(const std::string& path, const RunText& text) {
  return text.expand ? text.expand(path) : path;
}

/// A file a run should have written: absent is no text, so that its metrics are absent rather than an error.
Result<std::string> text_of_file(const std::string& path) {
  if (!std::filesystem::exists(path)) return std::string();
  return read_file(path);
}

Words split_words(std::string_view text) {
  const auto fields = split_fields(text);
  return {fields.begin(), fields.end()};
}

Result<std::string> shell_output(const ShellForm& form, std::string_view source, const RunText& text) {
  return text.shell ? text.shell(form.command, source) : run_extract_shell(form.command, source);
}

void remove_all(std::string& word, std::string_view unwanted) {
  for (std::size_t at = 0; (at = word.find(unwanted, at)) != std::string::npos;)
    word.erase(at, unwanted.size());
}

/// A result beyond the range of double is missing, as every number that is not finite.
std::optional<MetricValue> finite(double number) {
  return std::isfinite(number) ? std::optional<MetricValue>(number) : std::nullopt;
}

std::optional<MetricValue> value_of(const std::optional<std::string>& found, const Extractor& extractor) {
  if (!found) return std::nullopt;
  std::string word = *found;
  if (!extractor.strip.empty()) remove_all(word, extractor.strip);
  auto value = read_value(word);
  if (!value) return std::nullopt;
  if (extractor.is_text) return MetricValue(std::move(word));
  if (const double* number = std::get_if<double>(&*value)) return finite(*number * extractor.scale);
  return value;
}

ExtractedColumn column_of(std::string name, const Words& words, const Extractor& extractor) {
  ExtractedColumn column{std::move(name), {}};
  column.values.reserve(words.size());
  for (const auto& word : words) column.values.push_back(value_of(word, extractor));
  return column;
}

Result<Words> find_words(const Extractor& extractor, std::string_view source, const RunText& text) {
  const auto regex = [&](const RegexForm& form) -> Result<Words> {
    Words words;
    THAW_CHECK(form.pattern.each_match(source, [&](std::string_view match) { words.emplace_back(match); }));
    return words;
  };
  const auto shell = [&](const ShellForm& form) -> Result<Words> {
    THAW_TRY(const std::string output, shell_output(form, source, text));
    return split_words(output);
  };
  return std::visit(
      Overload{
          shell, regex,
          [&](const FieldForm& form) -> Result<Words> { return extractors::field_of_lines(form, source); },
          [&](const TextAfterForm& form) -> Result<Words> { return extractors::text_after(form, source); },
          [&](const JsonForm& form) -> Result<Words> { return extractors::json_values(form, source); },
          [&](const PerfEventForm& form) -> Result<Words> { return extractors::perf_event(form, source); },
          [](const auto&) -> Result<Words> {
            return fail(ErrorKind::internal, "this extractor makes columns, not one column");
          }},
      extractor.form);
}

Result<WordColumns> find_columns(const Extractor& extractor, std::string_view source, const RunText& text) {
  const auto shell = [&](const ShellForm& form) -> Result<WordColumns> {
    THAW_TRY(const std::string output, shell_output(form, source, text));
    return extractors::name_values(output);
  };
  const auto report = [&](const MpipReportForm& form) -> Result<WordColumns> {
    const auto path = extractors::newest_match(expand_path(form.pattern, text));
    if (!path) return WordColumns();
    THAW_TRY(const std::string content, read_file(*path));
    return extractors::mpip_report(content);
  };
  return std::visit(
      Overload{
          shell, report,
          [&](const NameValueForm&) -> Result<WordColumns> { return extractors::name_values(source); },
          [&](const StraceTableForm&) -> Result<WordColumns> { return extractors::strace_tables(source); },
          [&](const SensorsForm&) -> Result<WordColumns> { return extractors::sensor_temperatures(source); },
          [](const auto&) -> Result<WordColumns> {
            return fail(ErrorKind::internal, "this extractor makes one column, not columns");
          }},
      extractor.form);
}

std::optional<MetricValue> quotient(const std::optional<MetricValue>& dividend,
                                    const std::optional<MetricValue>& divisor, double scale) {
  const double* above = dividend ? std::get_if<double>(&*dividend) : nullptr;
  const double* below = divisor ? std::get_if<double>(&*divisor) : nullptr;
  if (above == nullptr || below == nullptr || *below == 0) return std::nullopt;
  return finite(*above / *below * scale);
}

Result<ExtractedColumn> extract_ratio(const RatioForm& form, const Extractor& extractor,
                                      std::string_view metric, const RunText& text) {
  std::vector<ExtractedColumn> operands;
  for (const Extractor& operand : form.operands) {
    const auto name = fmt::format("{} ({})", metric, operands.empty() ? "dividend" : "divisor");
    THAW_TRY(auto columns, extract(operand, name, text));
    operands.push_back(std::move(columns.front()));
  }
  ExtractedColumn column{std::string(metric), {}};
  if (operands[0].values.empty() || operands[1].values.empty()) return column;
  THAW_TRY(const MetricTable table, align_columns(std::move(operands)));
  for (std::size_t row = 0; row < table.rows; ++row) {
    column.values.push_back(
        quotient(table.columns[0].values[row], table.columns[1].values[row], extractor.scale));
  }
  return column;
}

}  // namespace

std::optional<MetricValue> read_value(std::string_view word) {
  if (const auto number = parse_number(word)) return MetricValue(*number);
  static constexpr std::array<std::string_view, 9> missing = {"",    "na",   "n/a",      "nan",      "-nan",
                                                              "inf", "-inf", "infinity", "-infinity"};
  if (word.size() <= 9 && std::ranges::find(missing, to_lower(word)) != missing.end()) return std::nullopt;
  return MetricValue(std::string(word));
}

Result<std::vector<ExtractedColumn>> extract(const Extractor& extractor, std::string_view metric,
                                             const RunText& text) {
  std::vector<ExtractedColumn> columns;
  if (const auto* ratio = std::get_if<RatioForm>(&extractor.form)) {
    THAW_TRY(columns.emplace_back(), extract_ratio(*ratio, extractor, metric, text));
    return columns;
  }

  std::string content;
  std::string_view source = text.output;
  if (extractor.source == Extractor::Source::out) source = text.out;
  if (extractor.source == Extractor::Source::err) source = text.err;
  if (extractor.source == Extractor::Source::file) {
    THAW_TRY(content, text_of_file(expand_path(extractor.path, text)));
    source = content;
  }

  if (!extractor.is_auto) {
    THAW_TRY(const Words words, find_words(extractor, source, text));
    columns.push_back(column_of(std::string(metric), words, extractor));
    return columns;
  }
  THAW_TRY(WordColumns found, find_columns(extractor, source, text));
  for (auto& [name, words] : std::move(found).release()) {
    columns.push_back(column_of(std::move(name), words, extractor));
  }
  return columns;
}

Result<std::string> run_extract_shell(const std::string& command, std::string_view input) {
  THAW_TRY(ToolOutput tool,
           run_tool(Command{{"/bin/sh", "-c", command}, {}}, input, std::chrono::seconds(10)));
  if (tool.succeeded()) return std::move(tool.out);
  const auto complaint = split_lines(tool.err);
  return fail_at(
      ErrorKind::run_failed,
      tool.report.outcome == Outcome::timed_out
          ? fmt::format("the extract command '{}' takes more than 10 s", command)
          : fmt::format("the extract command '{}' ends with status {}", command, tool.report.exit_code),
      {}, complaint.empty() ? std::string() : std::string(complaint.front()));
}

Result<MetricTable> align_columns(std::vector<ExtractedColumn> columns) {
  MetricTable table;
  std::map<std::string_view, std::size_t> seen;
  const ExtractedColumn* longest = nullptr;
  for (const ExtractedColumn& column : columns) {
    if (!seen.emplace(column.name, 1).second) {
      return fail(ErrorKind::run_failed, "two metrics are called {}", column.name);
    }
    if (longest == nullptr || column.values.size() > longest->values.size()) longest = &column;
  }
  table.rows = longest == nullptr ? 1 : std::max<std::size_t>(1, longest->values.size());

  for (const ExtractedColumn& column : columns) {
    const std::size_t size = column.values.size();
    if (size == 0) table.absent.push_back(column.name);
    if (size <= 1 || size == table.rows) continue;
    return fail_at(ErrorKind::run_failed,
                   fmt::format("metrics have different numbers of values: {} has {}, {} has {}", column.name,
                               size, longest->name, table.rows),
                   {}, "every metric of a run needs one value, or one for each rank");
  }
  for (ExtractedColumn& column : columns) {
    const auto only = column.values.empty() ? std::nullopt : column.values.front();
    column.values.resize(table.rows, only);
  }
  table.columns = std::move(columns);
  return table;
}

}  // namespace thaw
