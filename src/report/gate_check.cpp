#include "report/gate_check.h"

#include <fmt/format.h>

#include <cmath>

#include "core/text.h"
#include "report/number_text.h"
#include "stats/summary.h"

namespace thaw {
namespace {

/// A statistic of one side.
double side_statistic(const Gate& gate, const Sample& sample, std::span<const double> values,
                      const ComparedSide& side) {
  switch (gate.statistic) {
    case GateStatistic::count:
      return static_cast<double>(sample.n);
    case GateStatistic::min:
      return sample.min;
    case GateStatistic::mean:
      return sample.mean.value;
    case GateStatistic::median:
      return sample.median.value;
    case GateStatistic::quantile:
      return quantile_sorted(values, gate.quantile);
    case GateStatistic::max:
      return sample.max;
    case GateStatistic::stddev:
      return sample.stddev;
    case GateStatistic::cv:
      return sample.cv;
    case GateStatistic::failed:
      return static_cast<double>(side.failed);
    default:
      return missing;
  }
}

/// A statistic of the comparison itself; NaN for those of a side.
double comparison_statistic(GateStatistic statistic, const MetricComparison& metric) {
  switch (statistic) {
    case GateStatistic::ratio:
      return metric.ratio.value;
    case GateStatistic::speedup:
      return metric.speedup.value;
    case GateStatistic::shift:
      return metric.shift.value;
    case GateStatistic::p_value:
      return metric.p_value;
    case GateStatistic::p_adjusted:
      return metric.p_adjusted;
    case GateStatistic::effect_size:
      return metric.effect_size;
    case GateStatistic::worse:
      if (metric.verdict == Verdict::not_comparable) return missing;
      return metric.verdict == Verdict::worse ? 1 : 0;
    default:
      return missing;
  }
}

/// The limit in the unit of the metric.
Result<double> limit_in_unit(const Gate& gate, const MetricComparison& metric) {
  if (gate.dimension == GateDimension::none) return gate.limit;
  if (gate.dimension == GateDimension::seconds) {
    if (const auto factor = seconds_per(metric.unit)) return gate.limit / *factor;
  } else if (metric.unit == "bytes" || metric.unit == "B") {
    return gate.limit;
  }
  return fail_at(ErrorKind::bad_usage,
                 fmt::format("\"{}\" does not fit {}, which is in {}", gate.limit_text, metric.metric,
                             metric.unit.empty() ? "no known unit" : metric.unit),
                 "--fail-if", "write the limit as a plain number in the metric's own unit");
}

double value_of(const Gate& gate, const GateSubject& subject) {
  if (compares_sides(gate.statistic)) return comparison_statistic(gate.statistic, *subject.metric);
  const double candidate =
      side_statistic(gate, subject.metric->candidate, subject.candidate, *subject.candidate_side);
  const double baseline =
      side_statistic(gate, subject.metric->baseline, subject.baseline, *subject.baseline_side);
  switch (gate.basis) {
    case GateBasis::value:
      break;
    case GateBasis::relative_change:
      return baseline != 0 ? 100 * (candidate - baseline) / std::fabs(baseline) : missing;
    case GateBasis::difference:
      return candidate - baseline;
    case GateBasis::multiple:
      return baseline != 0 ? candidate / baseline : missing;
  }
  const bool is_share = gate.statistic == GateStatistic::failed && gate.limit_text.ends_with('%');
  if (!is_share) return candidate;
  const std::size_t rows = subject.candidate_side->rows;
  return rows > 0 ? candidate / static_cast<double>(rows) : missing;
}

std::string value_text(const Gate& gate, const MetricComparison& metric, double value) {
  if (gate.basis == GateBasis::relative_change) return format_percent_change(value);
  if (gate.basis == GateBasis::multiple) return format_significant(value, 4) + "x";
  if (is_in_unit_of_metric(gate.statistic)) return format_with_unit(value, metric.unit);
  return format_significant(value, 4);
}

}  // namespace

Result<GateOutcome> check_gate(const Gate& gate, const GateSubject& subject) {
  THAW_TRY(const double limit, limit_in_unit(gate, *subject.metric));
  GateOutcome outcome{.gate = gate.text,
                      .metric = subject.metric->metric,
                      .candidate = subject.candidate_side->label,
                      .value = value_of(gate, subject),
                      .limit = limit,
                      .limit_text = gate.limit_text};
  outcome.value_text = value_text(gate, *subject.metric, outcome.value);
  outcome.holds = !gate_trips(gate, outcome.value, limit);
  return outcome;
}

}  // namespace thaw
