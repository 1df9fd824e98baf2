#include "report/metric_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/text.h"
#include "report/narrative.h"
#include "report/number_text.h"
#include "report/verdict.h"
#include "stats/distribution_class.h"
#include "stats/effect_size.h"
#include "stats/summary.h"
#include "stats/tests.h"

namespace thaw {
namespace {

constexpr int resamples = 4000;
/// Fewer values than this do not show a drift.
constexpr std::size_t fewest_for_drift = 20;
constexpr double drift_p = 0.001;
/// Fewer values than this do not show modes; more take long and show nothing new.
constexpr std::size_t fewest_for_modes = 30, most_for_modes = 2000;
/// Fewer values than this do not show a coarse clock.
constexpr std::size_t fewest_for_ties = 10;

Estimate estimate(double value, const Interval& interval) { return {value, interval.low, interval.high}; }

Estimate reciprocal(const Estimate& ratio) { return {1 / ratio.value, 1 / ratio.high, 1 / ratio.low}; }

constexpr Estimate no_estimate = {missing, missing, missing};

bool all_positive(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return value > 0; });
}

/// The median of a sample with its order-statistic interval.
Estimate median_estimate(std::span<const double> sample, double confidence) {
  const std::vector<double> sorted = sorted_copy(sample);
  return estimate(quantile_sorted(sorted, 0.5), median_interval(sorted, confidence));
}

/// Values of rows that both sides have.
struct Pairs {
  std::vector<double> baseline, candidate;
};

Pairs pair_by_row(const MetricValues& values) {
  Pairs pairs;
  std::size_t i = 0, j = 0;
  while (i < values.baseline.size() && j < values.candidate.size()) {
    const std::size_t row = values.baseline_rows[i], other = values.candidate_rows[j];
    if (row == other) {
      pairs.baseline.push_back(values.baseline[i]);
      pairs.candidate.push_back(values.candidate[j]);
    }
    i += row <= other ? 1 : 0;
    j += other <= row ? 1 : 0;
  }
  return pairs;
}

void compare_unpaired(const MetricValues& values, const MetricComparisonOptions& options,
                      MetricComparison& metric) {
  const Shift shift = hodges_lehmann(values.baseline, values.candidate, options.confidence);
  metric.shift = estimate(shift.estimate, shift.interval);
  if (!all_positive(values.baseline) || !all_positive(values.candidate)) return;
  RandomStream stream(options.seed, "report.compare.ratio");
  metric.ratio = estimate(metric.candidate.median.value / metric.baseline.median.value,
                          median_ratio_interval(values.baseline, values.candidate, stream,
                                                {.confidence = options.confidence, .resamples = resamples}));
}

void compare_paired(const MetricValues& values, double confidence, MetricComparison& metric) {
  const Pairs pairs = pair_by_row(values);
  const TestResult test = wilcoxon_signed_rank(pairs.baseline, pairs.candidate);
  metric.paired = PairedTest{pairs.baseline.size(), test.statistic, test.p_value};
  metric.p_value = test.p_value;
  std::vector<double> differences, ratios;
  for (std::size_t i = 0; i < pairs.baseline.size(); ++i) {
    differences.push_back(pairs.candidate[i] - pairs.baseline[i]);
    ratios.push_back(pairs.candidate[i] / pairs.baseline[i]);
  }
  metric.shift = median_estimate(differences, confidence);
  if (all_positive(pairs.baseline) && all_positive(pairs.candidate)) {
    metric.ratio = median_estimate(ratios, confidence);
  }
}

/// Whether a sample has several modes, in whatever unit it is.
bool has_several_modes(std::span<const double> values) {
  if (values.size() < fewest_for_modes) return false;
  const std::size_t step = (values.size() + most_for_modes - 1) / most_for_modes;
  std::vector<double> thinned;
  for (std::size_t i = 0; i < values.size(); i += step) thinned.push_back(values[i]);
  return is_multimodal(thinned, {.goodness = 0});
}

/// Warns of what makes a test of the sample mean less than it seems.
void note_weaknesses(const std::string& label, std::span<const double> values,
                     std::vector<std::string>& notes) {
  if (has_several_modes(values)) {
    notes.push_back(fmt::format(
        "the values of {} have several modes: one ratio cannot tell which of them changed", label));
  }
  if (values.size() >= fewest_for_drift) {
    const std::size_t half = values.size() / 2;
    const double p = mann_whitney(values.first(half), values.subspan(half)).p_value;
    if (p < drift_p) {
      notes.push_back(fmt::format("the values of {} drift: their first and second half differ (p {})", label,
                                  p < 0.001 ? "< 0.001" : "= " + format_p_value(p)));
    }
  }
  if (values.size() >= fewest_for_ties) {
    std::vector<double> sorted = sorted_copy(values);
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    if (sorted.size() <= values.size() / 3) {
      notes.push_back(
          fmt::format("{} has only {} different values among {}: they are rounded or the clock is coarse",
                      label, sorted.size(), values.size()));
    }
  }
}

std::string obstacle_of(const MetricValues& values) {
  if (!values.obstacle.empty()) return values.obstacle;
  if (values.baseline_direction && values.candidate_direction &&
      *values.baseline_direction != *values.candidate_direction) {
    return "lower is better on one side and higher on the other";
  }
  const auto too_few = [](const std::string& label, std::size_t n) {
    return fmt::format("{} has {} value{}, and {} are the fewest that a test can use", label, n,
                       n == 1 ? "" : "s", fewest_values);
  };
  if (values.baseline.size() < fewest_values) return too_few(values.baseline_label, values.baseline.size());
  if (values.candidate.size() < fewest_values)
    return too_few(values.candidate_label, values.candidate.size());
  return {};
}

}  // namespace

MetricValues align(const Series& baseline, const Series& candidate) {
  MetricValues values{.metric = baseline.name,
                      .unit = baseline.unit.empty() ? candidate.unit : baseline.unit,
                      .baseline_direction = baseline.lower_is_better,
                      .candidate_direction = candidate.lower_is_better,
                      .baseline = baseline.values,
                      .candidate = candidate.values,
                      .baseline_rows = baseline.rows,
                      .candidate_rows = candidate.rows};
  if (baseline.unit == candidate.unit) return values;
  if (baseline.unit.empty() || candidate.unit.empty()) {
    values.notes.push_back(fmt::format("one side states no unit; it is taken as {}", values.unit));
    return values;
  }
  const auto from = seconds_per(candidate.unit), to = seconds_per(baseline.unit);
  if (!from || !to) {
    values.obstacle = fmt::format("one side is in {} and the other in {}", baseline.unit, candidate.unit);
    return values;
  }
  for (double& value : values.candidate) value *= *from / *to;
  return values;
}

Sample describe_sample(std::span<const double> values, double confidence) {
  const Summary summary = summarize(values);
  const std::vector<double> sorted = sorted_copy(values);
  const auto quantile_estimate = [&](double p, double value) {
    return sorted.empty() ? no_estimate : estimate(value, quantile_interval(sorted, p, confidence));
  };
  return {.n = summary.n,
          .min = summary.min,
          .max = summary.max,
          .stddev = summary.stddev,
          .standard_error = summary.stderr_of_mean,
          .cv = summary.cv,
          .ci95 = summary.ci95,
          .median = quantile_estimate(0.5, summary.median),
          .mean = estimate(summary.mean, mean_interval(values, confidence)),
          .p95 = quantile_estimate(0.95, summary.p95),
          .p99 = quantile_estimate(0.99, summary.p99)};
}

MetricComparison compare_metric(const MetricValues& values, const MetricComparisonOptions& options) {
  MetricComparison metric{.metric = values.metric, .unit = values.unit, .notes = values.notes};
  metric.lower_is_better = values.candidate_direction.value_or(values.baseline_direction.value_or(true));
  metric.baseline = describe_sample(values.baseline, options.confidence);
  metric.candidate = describe_sample(values.candidate, options.confidence);
  metric.median_diff = metric.candidate.median.value - metric.baseline.median.value;
  metric.pct_change =
      metric.baseline.median.value != 0 ? 100 * metric.median_diff / metric.baseline.median.value : missing;
  metric.improved = metric.lower_is_better ? metric.median_diff < 0 : metric.median_diff > 0;
  if (std::string obstacle = obstacle_of(values); !obstacle.empty()) {
    refuse_comparison(metric, std::move(obstacle));
    return metric;
  }
  const TestResult u_test = mann_whitney(values.baseline, values.candidate);
  metric.mann_whitney_u = u_test.statistic;
  metric.p_value = u_test.p_value;
  metric.effect_size = rank_biserial(u_test.statistic, metric.baseline.n, metric.candidate.n);
  metric.cliffs_delta = cliffs_delta(values.baseline, values.candidate);
  const TestResult ks_test = kolmogorov_smirnov(values.baseline, values.candidate);
  metric.ks_d = ks_test.statistic;
  metric.ks_p = ks_test.p_value;
  if (options.paired) {
    compare_paired(values, options.confidence, metric);
  } else {
    compare_unpaired(values, options, metric);
  }
  metric.p_adjusted = metric.p_value;
  metric.speedup = metric.lower_is_better ? reciprocal(metric.ratio) : metric.ratio;
  note_weaknesses(values.baseline_label, values.baseline, metric.notes);
  note_weaknesses(values.candidate_label, values.candidate, metric.notes);
  metric.narrative = describe_change({metric.metric, metric.unit, metric.lower_is_better}, values.baseline,
                                     values.candidate);
  return metric;
}

}  // namespace thaw
