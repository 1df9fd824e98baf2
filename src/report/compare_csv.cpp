#include <array>
#include <cmath>

#include "core/text.h"
#include "record/csv.h"
#include "report/compare_text.h"

namespace thaw {
namespace {

constexpr std::array<std::string_view, 35> columns = {"metric",
                                                      "baseline_n",
                                                      "baseline_median",
                                                      "baseline_mean",
                                                      "baseline_stddev",
                                                      "treatment_n",
                                                      "treatment_median",
                                                      "treatment_mean",
                                                      "treatment_stddev",
                                                      "median_diff",
                                                      "pct_change",
                                                      "improved",
                                                      "mann_whitney_u",
                                                      "p_value",
                                                      "effect_size",
                                                      "candidate",
                                                      "unit",
                                                      "baseline_min",
                                                      "baseline_p95",
                                                      "baseline_p99",
                                                      "baseline_max",
                                                      "treatment_min",
                                                      "treatment_p95",
                                                      "treatment_p99",
                                                      "treatment_max",
                                                      "ratio",
                                                      "ratio_low",
                                                      "ratio_high",
                                                      "shift",
                                                      "shift_low",
                                                      "shift_high",
                                                      "p_adjusted",
                                                      "cliffs_delta",
                                                      "ks_p",
                                                      "verdict"};

/// The predecessor rounds the change to two decimals.
double two_decimals(double value) { return std::round(value * 100) / 100; }

void add_center(CsvLine& line, const Sample& sample) {
  line.add(static_cast<std::int64_t>(sample.n))
      .add(sample.median.value)
      .add(sample.mean.value)
      .add(sample.stddev);
}

void add_extremes(CsvLine& line, const Sample& sample) {
  line.add(sample.min).add(sample.p95.value).add(sample.p99.value).add(sample.max);
}

void add_estimate(CsvLine& line, const Estimate& estimate) {
  line.add(estimate.value).add(estimate.low).add(estimate.high);
}

void add_metric(CsvLine& line, const MetricComparison& metric, std::string_view candidate) {
  line.add(metric.metric);
  add_center(line, metric.baseline);
  add_center(line, metric.candidate);
  line.add(metric.median_diff).add(two_decimals(metric.pct_change)).add(metric.improved ? "Yes" : "No");
  line.add(metric.mann_whitney_u).add(metric.p_value).add(metric.effect_size);
  line.add(candidate).add(metric.unit);
  add_extremes(line, metric.baseline);
  add_extremes(line, metric.candidate);
  add_estimate(line, metric.ratio);
  add_estimate(line, metric.shift);
  line.add(metric.p_adjusted).add(metric.cliffs_delta).add(metric.ks_p).add(name_of(metric.verdict));
}

}  // namespace

std::string to_csv(const Comparison& comparison) {
  CsvLine line;
  for (const std::string_view column : columns) line.add(column);
  std::string text(line.finish());
  for (const CandidateComparison& candidate : comparison.candidates) {
    for (const MetricComparison& metric : candidate.metrics) {
      add_metric(line, metric, candidate.side.label);
      text += line.finish();
    }
  }
  return text;
}

}  // namespace thaw
