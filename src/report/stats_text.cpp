#include "report/stats_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/text.h"
#include "report/compare_text.h"
#include "report/number_text.h"
#include "stats/autocorrelation.h"
#include "stats/change_points.h"
#include "stats/distribution_class.h"
#include "stats/summary.h"
#include "stats/tests.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;

constexpr double symmetric_skewness = 0.5;
constexpr double heavy_kurtosis = 1, light_kurtosis = -1;
constexpr double normality_alpha = 0.05;
constexpr std::size_t fewest_for_normality = 20;
constexpr double strong_correlation = 0.5, moderate_correlation = 0.2;

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

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

/// What every document of a sample begins with.
Json preamble(const NamedSample& sample) {
  Json json;
  json["schema"] = "thaw.stats/1";
  json["source"] = sample.source;
  json["metric"] = sample.name;
  json["unit"] = sample.unit.empty() ? Json(nullptr) : Json(sample.unit);
  json["n"] = sample.values.size();
  json["missing"] = sample.missing;
  json["failed"] = sample.failed;
  return json;
}

std::string dump(const Json& json, TableFormat format) {
  return json.dump(format == TableFormat::json ? 2 : -1, ' ', false, Json::error_handler_t::replace) + "\n";
}

bool is_json(TableFormat format) { return format == TableFormat::json || format == TableFormat::ndjson; }

Table two_columns(const NamedSample& sample) {
  Table table;
  table.title = fmt::format("{} of {}", sample.name, sample.source);
  table.columns = {{.key = "statistic", .align = Align::left}, {.key = "value"}};
  table.add({"n", sample.values.size()});
  if (sample.missing > 0) table.add({"missing", sample.missing});
  if (sample.failed > 0) table.add({"failed", sample.failed});
  return table;
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

std::vector<double> logarithms(std::span<const double> values) {
  std::vector<double> logs;
  for (const double value : values) {
    if (value <= 0) return {};
    logs.push_back(std::log(value));
  }
  return logs;
}

/// The findings of `thaw stats classify`.
struct Finding {
  Classification classification;
  double skewness, excess_kurtosis;
  TestResult shapiro, shapiro_of_logs;
  Memory memory;
  double effective_n;
};

Finding classify_sample(std::span<const double> values) {
  Finding finding{.skewness = skewness(values), .excess_kurtosis = excess_kurtosis(values)};
  if (values.empty()) return finding;
  finding.classification = classify(values);
  finding.shapiro = shapiro_wilk(values);
  finding.shapiro_of_logs = shapiro_wilk(logarithms(values));
  finding.memory = memory_of(values);
  finding.effective_n = effective_sample_size(values);
  return finding;
}

std::string describe_memory(const Memory& memory) {
  if (!std::isfinite(memory.strongest))
    return "too few different values to see how they depend on each other";
  const std::string_view strength = memory.strongest > strong_correlation     ? "strong"
                                    : memory.strongest > moderate_correlation ? "moderate"
                                                                              : "weak";
  return fmt::format("{} autocorrelation (greatest {}, below 0.2 from lag {})", strength,
                     format_significant(memory.strongest), memory.lag);
}

Json finding_json(const Finding& finding) {
  Json json;
  json["class"] = name_of(finding.classification.value);
  json["gaussian_p"] = number(finding.classification.gaussian_p);
  json["lognormal_p"] = number(finding.classification.lognormal_p);
  json["uniform_p"] = number(finding.classification.uniform_p);
  json["skewness"] = number(finding.skewness);
  json["excess_kurtosis"] = number(finding.excess_kurtosis);
  json["shapiro_w"] = number(finding.shapiro.statistic);
  json["shapiro_p"] = number(finding.shapiro.p_value);
  json["shapiro_p_of_logs"] = number(finding.shapiro_of_logs.p_value);
  json["strongest_autocorrelation"] = number(finding.memory.strongest);
  json["first_lag_below_0_2"] = finding.memory.lag;
  json["effective_n"] = number(finding.effective_n);
  return json;
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
    Json json = preamble(sample);
    for (const Row& row : rows) json[std::string(row.key)] = number(row.value);
    return dump(json, format);
  }
  Table table = two_columns(sample);
  for (const Row& row : rows) {
    table.add({row.key,
               row.is_plain ? format_significant(row.value, 4) : format_with_unit(row.value, sample.unit)});
  }
  return render(table, format);
}

std::string render_classification(const NamedSample& sample, TableFormat format) {
  const Finding finding = classify_sample(sample.values);
  const Json findings = finding_json(finding);
  const std::vector<std::string> sentences = describe_shape(sample.values);
  if (is_json(format)) {
    Json json = preamble(sample);
    json.update(findings);
    json["shape"] = sentences;
    return dump(json, format);
  }
  Table table = two_columns(sample);
  table.add({"class", name_of(finding.classification.value)});
  for (const auto& [key, value] : findings.items()) {
    if (value.is_number()) table.add({key, value.get<double>()});
  }
  table.notes = sentences;
  if (!sample.values.empty()) table.notes.push_back(describe_memory(finding.memory));
  return render(table, format);
}

std::string render_change_points(const NamedSample& sample, TableFormat format) {
  const Phases phases = find_phases(sample.values);
  std::vector<std::size_t> begins = {0};
  begins.insert(begins.end(), phases.changes.begin(), phases.changes.end());
  begins.push_back(sample.values.size());
  Table table;
  table.columns = {
      {.key = "from"}, {.key = "to"}, {.key = "n"}, {.key = "median", .unit = sample.unit, .digits = 4}};
  for (std::size_t i = 0; i + 1 < begins.size() && begins[i] < begins[i + 1]; ++i) {
    const auto segment = sample.values.subspan(begins[i], begins[i + 1] - begins[i]);
    table.add({begins[i] + 1, begins[i + 1], segment.size(), median(segment)});
  }
  if (is_json(format)) {
    Json json = preamble(sample);
    json["n"] = sample.values.size();
    json["change_points"] = Json::array();
    for (const std::size_t change : phases.changes) json["change_points"].push_back(change + 1);
    json["warm_up"] = phases.warm_up.size;
    json["cool_down"] = phases.cool_down.size;
    json["segments"] = to_json(table);
    return dump(json, format);
  }
  const auto note = [&](const Phase& phase, std::string_view which) {
    if (phase.size == 0) return;
    table.notes.push_back(fmt::format("the {} {} values differ from the rest (median {} against {}, p {})",
                                      which, phase.size, format_significant(phase.median, 4),
                                      format_significant(phase.median_of_rest, 4),
                                      format_p_value(phase.p_value)));
  };
  note(phases.warm_up, "first");
  note(phases.cool_down, "last");
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
  return dump(json, format);
}

std::vector<std::string> describe_shape(std::span<const double> values) {
  const double g1 = skewness(values), g2 = excess_kurtosis(values);
  if (!std::isfinite(g1) || !std::isfinite(g2)) return {"all values are equal or there are too few"};
  std::vector<std::string> sentences;
  sentences.push_back(
      std::fabs(g1) < symmetric_skewness
          ? fmt::format("symmetric (skewness {})", format_significant(g1))
          : fmt::format("skewed to the {} (skewness {})", g1 > 0 ? "right" : "left", format_significant(g1)));
  const std::string_view tails = g2 > heavy_kurtosis ? "heavy" : g2 < light_kurtosis ? "light" : "ordinary";
  sentences.push_back(fmt::format("{} tails (excess kurtosis {})", tails, format_significant(g2)));
  if (values.size() < fewest_for_normality) return sentences;
  const double p = shapiro_wilk(values).p_value;
  const double p_of_logs = shapiro_wilk(logarithms(values)).p_value;
  if (p > normality_alpha) {
    sentences.push_back(fmt::format("could be normal (Shapiro-Wilk p = {})", format_p_value(p)));
  } else if (p_of_logs > normality_alpha) {
    sentences.push_back(
        fmt::format("could be lognormal (Shapiro-Wilk p of the logarithms = {})", format_p_value(p_of_logs)));
  } else {
    sentences.emplace_back("neither normal nor lognormal by Shapiro and Wilk");
  }
  return sentences;
}

}  // namespace thaw
