#include "report/stats_text.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/text.h"
#include "record/csv.h"
#include "report/compare_text.h"
#include "report/number_text.h"
#include "report/stats_document.h"
#include "stats/summary.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;

/// A number under its key; `is_plain` numbers have no unit.
struct Row {
  std::string_view key;
  double value;
  bool is_plain = false;
};

/// The predecessor's statistics in its order, then ours.
std::vector<Row> rows_of(std::span<const double> values) {
  const Summary s = summarize(values);
  const Interval of_median = median_interval(sorted_copy(values));
  return {{"min", s.min},
          {"median", s.median},
          {"mode", s.mode},
          {"mean", s.mean},
          {"ci95_low", s.ci95.low},
          {"ci95_high", s.ci95.high},
          {"p95", s.p95},
          {"p99", s.p99},
          {"max", s.max},
          {"stddev", s.stddev},
          {"stderr", s.stderr_of_mean},
          {"cv", s.cv, true},
          {"median_low", of_median.low},
          {"median_high", of_median.high},
          {"p5", s.p5},
          {"p25", s.p25},
          {"p75", s.p75},
          {"p90", s.p90},
          {"p999", s.p999},
          {"mad", median_absolute_deviation(values)},
          {"skewness", skewness(values), true},
          {"excess_kurtosis", excess_kurtosis(values), true}};
}

/// One line with a column for each statistic, as the predecessor's summary table has it.
std::string summary_csv(const NamedSample& sample, const std::vector<Row>& rows) {
  CsvLine line;
  line.add("metric").add("unit").add("n");
  for (const Row& row : rows) line.add(row.key);
  std::string text(line.finish());
  line.add(sample.name).add(sample.unit).add(static_cast<std::int64_t>(sample.values.size()));
  for (const Row& row : rows) line.add(row.value);
  text += line.finish();
  return text;
}

}  // namespace

Result<NamedSample> sample_of(const Dataset& dataset, std::string_view metric) {
  if (dataset.series.empty()) {
    return fail_at(ErrorKind::bad_input, "there is no metric in it", dataset.source.string());
  }
  const Series* series = &dataset.series.front();
  if (!metric.empty()) {
    THAW_TRY(series, require_series(dataset, metric));
  }
  const std::size_t present = series->values.size() + dataset.failed;
  return NamedSample{.source = dataset.source.string(),
                     .name = series->name,
                     .unit = series->unit,
                     .values = series->values,
                     .missing = dataset.rows > present ? dataset.rows - present : 0,
                     .failed = dataset.failed};
}

std::string render_summary(const NamedSample& sample, TableFormat format) {
  const std::vector<Row> rows = rows_of(sample.values);
  if (format == TableFormat::csv) return summary_csv(sample, rows);
  if (is_json(format)) {
    Json json = stats_preamble(sample);
    for (const Row& row : rows) json[std::string(row.key)] = number_or_null(row.value);
    return dump_json(json, format);
  }
  Table table = two_columns(sample);
  for (const Row& row : rows) {
    table.add({row.key,
               row.is_plain ? format_significant(row.value, 4) : format_with_unit(row.value, sample.unit)});
  }
  return render(table, format);
}

std::string render_stats_comparison(const Comparison& comparison, TableFormat format) {
  if (!is_json(format)) return render(comparison, format);
  const Json whole = to_json(comparison);
  const Json& candidate = whole["candidates"][0];
  Json json;
  json["schema"] = "thaw.stats/1";
  json["source"] = {{"baseline", whole["baseline"]["source"]}, {"candidate", candidate["source"]}};
  json["metric"] = comparison.metrics.front();
  json.update(candidate["metrics"][comparison.metrics.front()]);
  return dump_json(json, format);
}

}  // namespace thaw
