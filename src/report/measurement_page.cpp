#include "report/measurement_page.h"

#include <algorithm>
#include <cmath>

#include "record/dataset.h"
#include "record/json_text.h"
#include "report/compare.h"
#include "report/metric_comparison.h"
#include "report/number_text.h"
#include "report/page_origin.h"

namespace thaw {
namespace {

using Datasets = std::vector<Dataset>;

constexpr double confidence = 0.95;
constexpr std::size_t most_drawn = 12;
constexpr std::size_t most_further_metrics = 6;
constexpr std::size_t most_dots = 2000;

/// How an axis shows a metric: times and sizes in the unit that fits the largest value.
struct AxisUnit {
  double factor = 1;
  std::string name = "1";
};

AxisUnit axis_unit(const Series& series) {
  const double largest = std::ranges::max(series.values);
  if (series.unit == "s" && largest < 1e-3) return {1e6, "µs"};
  if (series.unit == "s" && largest < 1) return {1e3, "ms"};
  if (series.unit == "bytes" && largest >= 1 << 20) return {1.0 / (1 << 20), "MiB"};
  return {1, series.unit.empty() ? "1" : series.unit};
}

std::vector<double> scaled(const std::vector<double>& values, double factor) {
  std::vector<double> shown;
  for (const double value : values) shown.push_back(value * factor);
  return shown;
}

/// The metric that the run was about.
std::string main_metric(const RunRecord& record, const Datasets& datasets) {
  const auto configuration = record.document.find("configuration");
  if (configuration != record.document.end() && configuration->is_object()) {
    const std::string asked = text_at(*configuration, "metric");
    if (!asked.empty() && find_series(datasets.front(), asked) != nullptr) {
      return find_series(datasets.front(), asked)->name;
    }
  }
  return datasets.front().series.front().name;
}

std::string estimate_text(const Estimate& estimate, std::string_view unit) {
  std::string text = format_with_unit(estimate.value, unit);
  if (std::isfinite(estimate.low) && std::isfinite(estimate.high)) {
    text +=
        fmt::format(" [{}, {}]", format_with_unit(estimate.low, unit), format_with_unit(estimate.high, unit));
  }
  return text;
}

/// Those that a figure shows.
std::vector<std::pair<const Dataset*, const Series*>> drawn_of(const Datasets& datasets,
                                                               const std::string& metric) {
  std::vector<std::pair<const Dataset*, const Series*>> drawn;
  for (const Dataset& dataset : datasets) {
    const Series* series = find_series(dataset, metric);
    if (series != nullptr && !series->values.empty() && drawn.size() < most_drawn)
      drawn.emplace_back(&dataset, series);
  }
  return drawn;
}

Figure distribution_figure(const Datasets& datasets, const Series& main) {
  const AxisUnit unit = axis_unit(main);
  Figure figure{.name = "distribution-" + main.name,
                .title = "Distribution of " + main.name,
                .caption = "Share of the rows with at most this value. Failed ones are left out.",
                .x = {.title = main.name, .unit = unit.name, .scale = FigureScale::around_data},
                .y = {.title = "share of rows", .unit = "1", .high = 1},
                .form = FigureForm::steps};
  for (const auto& [dataset, series] : drawn_of(datasets, main.name)) {
    figure.series.push_back(distribution_of(dataset->label, scaled(series->values, unit.factor)));
  }
  return figure;
}

/// Of very many values every so-manyth is drawn.
Figure course_figure(const Datasets& datasets, const Series& main) {
  const AxisUnit unit = axis_unit(main);
  Figure figure{.name = "course-" + main.name,
                .title = main.name + " in the order of measurement",
                .caption = "Drift, warm-up and outliers show here.",
                .x = {.title = "row", .unit = "1"},
                .y = {.title = main.name, .unit = unit.name},
                .form = FigureForm::dots};
  for (const auto& [dataset, series] : drawn_of(datasets, main.name)) {
    FigureSeries dots{.name = dataset->label};
    const std::size_t step = 1 + series->values.size() / most_dots;
    for (std::size_t i = 0; i < series->values.size(); i += step) {
      dots.points.push_back({static_cast<double>(series->rows[i] + 1), series->values[i] * unit.factor});
    }
    if (step > 1) figure.caption += fmt::format(" {}: every {}th row.", dataset->label, step);
    figure.series.push_back(std::move(dots));
  }
  return figure;
}

Table statistics_table(const Datasets& datasets) {
  Table table;
  table.title = "Statistics";
  table.columns = {{.key = "command", .align = Align::left},
                   {.key = "metric", .align = Align::left},
                   {.key = "unit", .align = Align::left},
                   {.key = "n"}};
  for (const char* key : {"median", "low", "high", "mean", "stddev", "p95", "p99", "min", "max"})
    table.columns.push_back({.key = key, .digits = 4});
  for (const Dataset& dataset : datasets) {
    for (const Series& series : dataset.series) {
      if (series.is_detail || series.values.empty()) continue;
      const Sample s = describe_sample(series.values, confidence);
      table.add({dataset.label, series.name, series.unit, s.n, s.median.value, s.median.low, s.median.high,
                 s.mean.value, s.stddev, s.p95.value, s.p99.value, s.min, s.max});
    }
  }
  table.notes = {"low and high: 95 % interval of the median. Press a heading to sort."};
  return table;
}

Table comparison_table(const Comparison& comparison) {
  Table table;
  table.title = "Against " + comparison.baseline.label;
  table.columns = {{.key = "candidate", .align = Align::left},
                   {.key = "metric", .align = Align::left},
                   {.key = "ratio", .digits = 4},
                   {.key = "low", .digits = 4},
                   {.key = "high", .digits = 4},
                   {.key = "p", .label = "p (adjusted)"},
                   {.key = "verdict", .align = Align::left}};
  for (const CandidateComparison& candidate : comparison.candidates) {
    for (const MetricComparison& m : candidate.metrics) {
      table.add({candidate.side.label, m.metric, m.ratio.value, m.ratio.low, m.ratio.high,
                 Cell(FieldValue(m.p_adjusted), format_p_value(m.p_adjusted)), name_of(m.verdict)});
    }
  }
  table.notes = {comparison.rule};
  return table;
}

std::string answer_of(const Dataset& dataset, const Series& series) {
  const Sample sample = describe_sample(series.values, confidence);
  return fmt::format("{} takes {} in the median of {} over {} {}{}.", dataset.label,
                     estimate_text(sample.median, series.unit), series.name, sample.n,
                     sample.n == 1 ? "row" : "rows",
                     dataset.failed > 0 ? fmt::format("; {} failed and do not count", dataset.failed) : "");
}

/// Several commands: the first is the baseline, as in thaw compare.
void compare_commands(Page& page, const Datasets& datasets, const std::string& metric) {
  CompareOptions options;
  options.metrics = {metric};
  auto comparison = compare(datasets, options);
  if (!comparison) return;  // a metric that not all have: the table of statistics says all there is
  for (const CandidateComparison& candidate : comparison->candidates) {
    if (candidate.metrics.empty()) continue;
    std::string sentence =
        headline(candidate.metrics.front(), comparison->baseline.label, candidate.side.label);
    if (sentence.empty()) continue;
    sentence += ".";
    if (page.answer.empty()) {
      page.answer = std::move(sentence);
    } else {
      page.notes.push_back(std::move(sentence));
    }
  }
  page.tables.push_back(comparison_table(*comparison));
}

}  // namespace

Result<Page> measurement_page(const RunRecord& record) {
  THAW_TRY(const Datasets datasets, load_datasets(record.folder));
  const std::string metric = main_metric(record, datasets);
  const Series& main = *find_series(datasets.front(), metric);
  Page page;
  page.title = fmt::format("Measurements: {}", text_at(record.document, "task"));
  if (datasets.size() > 1) compare_commands(page, datasets, metric);
  if (page.answer.empty()) page.answer = answer_of(datasets.front(), main);
  if (datasets.size() > most_drawn) {
    page.notes.push_back(fmt::format("The figures show the first {} of {}; the tables have all.", most_drawn,
                                     datasets.size()));
  }
  page.figures = {distribution_figure(datasets, main), course_figure(datasets, main)};
  std::size_t further = 0;
  for (const Series& series : datasets.front().series) {
    if (series.name == metric || series.is_detail || series.values.empty()) continue;
    if (++further > most_further_metrics) break;
    page.figures.push_back(distribution_figure(datasets, series));
  }
  page.tables.push_back(statistics_table(datasets));
  for (const Dataset& dataset : datasets) {
    if (dataset.failed > 0) {
      page.warnings.push_back(fmt::format("{}: {} of {} rows failed and are left out.", dataset.label,
                                          dataset.failed, dataset.rows));
    }
    for (const std::string& note : dataset.notes) page.warnings.push_back(dataset.label + ": " + note);
  }
  add_origin(page, record);  // the datasets tell whether the run came to its end
  return page;
}

}  // namespace thaw
