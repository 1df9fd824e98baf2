#pragma once
// Reading metrics out of what a run printed, in this process: no shell per metric. An extractor is written under
// a metric's `extract:` key, either as a plain string (the predecessor's form: shell text that gets the output
// on stdin and prints values) or as a map with exactly one of these forms:
//
//   regex: 'max: ([0-9.]+)'                    first group (else the match) of every match, Perl syntax; ^ and $
//                                              match at line ends, . does not cross them
//   last_field: '@@@ Time'                     last white-space field of each line that contains the text
//   {field: 2, of_line_containing: 'text'}     N-th field, from 1 (from the end: -1), of each line that contains
//   {field: 2, of_line_starting_with: 'text'}  the text, or starts with it after white space
//   text_after: 'affinity list:'               rest of each line that contains the text, trimmed
//   json: /a/b/0                               RFC 6901 pointer into the output, or else into the last of its lines
//                                              that is JSON and has it; an array is a list of values
//   perf_event: cache-misses                   counter of `perf stat`: thousands separators removed, "<not
//                                              supported>" and "<not counted>" are missing; the human form, -x,
//                                              and -j
//   ratio: [EXTRACTOR, EXTRACTOR]              first divided by second, value by value; missing if either is, or
//                                              if the divisor is 0
// and, for the metric called `auto`, which makes one column for every name it finds:
//   name_value: true                           lines "name value"; lines of fewer than two fields are skipped
//   strace_table: true                         `strace -c`: a column for each system call, seconds
//   mpip_report: '*.mpiP'                      newest report of mpiP that fits the pattern: time_mean_OP (ms),
//                                              time_count_OP, msg_mean_OP (bytes), msg_count_OP, a row per rank
//   sensors: true                              `sensors`: package_temp_<id>, core_temp_<package>_<core>, °C
// Beside the form, any of:
//   from: output | stdout | stderr | file:PATH where to read (default output: both streams as they came)
//   strip: '%'                                 text removed from every value before it is read as a number
//   scale: 0.001                               factor of every number
//
// Example, the clock rate from perf stat, in MHz: cycles / (cpu-clock in ms · 1000):
//   extract: {ratio: [{perf_event: cycles}, {perf_event: cpu-clock}], scale: 0.001}

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bench/pattern.h"
#include "core/error.h"
#include "document/document.h"

namespace thaw {

/// What a run printed for a metric: a number where it reads as one, else text.
using MetricValue = std::variant<double, std::string>;
/// One value for each rank; nullopt where the run said that it could not measure ("NA", "<not supported>", nan).
using MetricValues = std::vector<std::optional<MetricValue>>;

/// A metric's values. No value at all means that the metric does not occur in the output.
struct ExtractedColumn {
  std::string name;
  MetricValues values;
};

struct Extractor;

struct ShellForm {
  std::string command;
};
struct RegexForm {
  Pattern pattern;
};
enum class LineTest { contains, starts_with };
struct FieldForm {
  int field = -1;  ///< From 1, or from the end: -1 is the last.
  LineTest test = LineTest::contains;
  std::string text;
};
struct TextAfterForm {
  std::string text;
};
struct JsonForm {
  std::string pointer;
};
struct PerfEventForm {
  std::string event;
};
struct RatioForm {
  std::vector<Extractor> operands;  ///< Exactly two.
};
struct NameValueForm {};
struct StraceTableForm {};
struct MpipReportForm {
  std::string pattern;
};
struct SensorsForm {};
using ExtractorForm = std::variant<ShellForm, RegexForm, FieldForm, TextAfterForm, JsonForm, PerfEventForm,
                                   RatioForm, NameValueForm, StraceTableForm, MpipReportForm, SensorsForm>;

/// How one metric is read from a run's output.
struct Extractor {
  enum class Source { output, out, err, file };

  ExtractorForm form;
  Source source = Source::output;
  std::string path;      ///< Of Source::file; placeholders are expanded by RunText::expand.
  std::string strip;     ///< Removed from every value; empty: nothing.
  double scale = 1;      ///< Multiplies every number.
  bool is_text = false;  ///< Keep values as text even if they read as numbers (`type: string`).
  bool is_auto = false;  ///< One column for every name found.
};

/// Reads what stands under `extract:` of the metric called `metric`. Errors: bad_usage at the node's place for an
/// unknown or missing form, a bad pattern, or a form of many columns under a name other than `auto` (or the
/// reverse).
Result<Extractor> parse_extractor(const DocumentNode& node, std::string_view metric);

/// The texts a run left behind. The views outlive the call only.
struct RunText {
  std::string_view output;  ///< stdout and stderr as they came.
  std::string_view out;     ///< stdout alone, where it was kept apart.
  std::string_view err;
  /// Expands placeholders in file names ($TMP_PATH); without it they are taken as written.
  std::function<std::string(std::string_view)> expand = {};
  /// Runs shell text with `input` on stdin and returns its stdout; run_extract_shell in real life.
  std::function<Result<std::string>(const std::string& command, std::string_view input)> shell = {};
};

/// Reads the metric from the texts: one column called `metric` (without values if it does not occur), or for
/// `auto` a column for every name found, in the order they first occur.
///
/// Errors: run_failed (the shell failed; a pattern needs too many steps), environment (an unreadable file).
/// Cost: below 100 µs for 100 lines, but for the shell form.
Result<std::vector<ExtractedColumn>> extract(const Extractor& extractor, std::string_view metric,
                                             const RunText& text);

/// Runs `sh -c command` with `input` on stdin. Errors: run_failed with the status and first line of stderr when it
/// fails or takes more than 10 s.
Result<std::string> run_extract_shell(const std::string& command, std::string_view input);

/// The metrics of one process's repetition as a table with one row per rank.
struct MetricTable {
  std::size_t rows = 0;
  std::vector<ExtractedColumn> columns;  ///< Each with `rows` values.
  std::vector<std::string> absent;  ///< Names of the columns that do not occur in the output: all missing.
};

/// Makes all columns equally long: as many rows as the longest has values; a single value is that of every row; a
/// column without values is missing in every row. At least one row.
/// Errors: run_failed, naming the metrics, for any other difference of lengths and for a name that occurs twice.
Result<MetricTable> align_columns(std::vector<ExtractedColumn> columns);

/// A word as a value: a number (also "1e-05"), missing ("NA", "N/A", "nan", "inf", ""), or text.
std::optional<MetricValue> read_value(std::string_view word);

}  // namespace thaw
