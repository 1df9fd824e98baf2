#include "report/verdict.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "core/text.h"
#include "report/number_text.h"

namespace thaw {
namespace {

bool excludes(const Estimate& estimate, double neutral) {
  return estimate.low > neutral || estimate.high < neutral;
}

/// "the ratio's interval [1.19, 1.27] excludes 1", or the same of the shift where no ratio exists.
struct IntervalFinding {
  bool is_clear;
  std::string text;
};

IntervalFinding read_interval(const MetricComparison& metric) {
  const bool has_ratio = std::isfinite(metric.ratio.value);
  const Estimate& estimate = has_ratio ? metric.ratio : metric.shift;
  if (!std::isfinite(estimate.low) || !std::isfinite(estimate.high)) {
    return {false, "there are too few values for an interval"};
  }
  const bool is_clear = excludes(estimate, has_ratio ? 1 : 0);
  return {is_clear, fmt::format("the {}'s interval [{}, {}] {} {}", has_ratio ? "ratio" : "shift",
                                format_ratio(estimate.low), format_ratio(estimate.high),
                                is_clear ? "excludes" : "holds", has_ratio ? "1" : "0")};
}

/// "1.23<words> [1.19, 1.27]", with as many digits as it takes to tell the bounds apart.
std::string factor_text(const Estimate& factor, std::string_view words) {
  int digits = 3;
  const auto shown = [&](double value) { return format_significant(value, digits); };
  while (digits < 6 && factor.low != factor.high && shown(factor.low) == shown(factor.high)) ++digits;
  return fmt::format("{}{} [{}, {}]", shown(factor.value), words, shown(factor.low), shown(factor.high));
}

std::string comparison_of_p(double p, double alpha) {
  if (!std::isfinite(p)) return "there is no p-value";
  const bool is_small = p < alpha;
  if (p < 0.001) return fmt::format("p < 0.001 is below {}", format_number(alpha));
  return fmt::format("p = {} is {} {}", format_significant(p, 3), is_small ? "below" : "not below",
                     format_number(alpha));
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  constexpr std::array<std::string_view, 4> names = {"better", "worse", "no evidence", "not comparable"};
  return names[static_cast<std::size_t>(verdict)];
}

std::string verdict_rule(double alpha, bool is_paired, std::size_t candidates) {
  const std::string test = is_paired ? "Wilcoxon's signed-rank test" : "the Mann-Whitney U test";
  const std::string control =
      candidates > 1 ? fmt::format(", adjusted by Holm over {} candidates,", candidates) : std::string();
  return fmt::format(
      "better or worse: the {} % interval of {} excludes 1 (of the shift 0, where values are not positive) "
      "and the p-value of {}{} is below {}; not comparable: fewer than {} values on a side, other units or "
      "another direction; else no evidence",
      format_number(100 * (1 - alpha)), is_paired ? "the pairs' median ratio" : "the ratio of medians", test,
      control, format_number(alpha), fewest_values);
}

void refuse_comparison(MetricComparison& metric, std::string reason) {
  metric.verdict = Verdict::not_comparable;
  metric.reason = std::move(reason);
}

void decide(MetricComparison& metric, double alpha) {
  const IntervalFinding interval = read_interval(metric);
  const bool is_significant = metric.p_adjusted < alpha;
  metric.reason = fmt::format("{} and {}", interval.text, comparison_of_p(metric.p_adjusted, alpha));
  if (!interval.is_clear || !is_significant) {
    metric.verdict = Verdict::no_evidence;
    return;
  }
  const bool is_lower = metric.shift.value < 0;
  if (std::isfinite(metric.ratio.value) && is_lower != (metric.ratio.value < 1)) {
    metric.verdict = Verdict::no_evidence;
    metric.reason += ", but the medians moved one way and the pairs of values the other";
    return;
  }
  metric.verdict = is_lower == metric.lower_is_better ? Verdict::better : Verdict::worse;
}

std::string headline(const MetricComparison& metric, std::string_view baseline, std::string_view candidate) {
  if (metric.verdict == Verdict::not_comparable) {
    return fmt::format("{} and {} are not comparable in {}: {}", candidate, baseline, metric.metric,
                       metric.reason);
  }
  if (metric.verdict == Verdict::no_evidence) {
    const std::string ratio = std::isfinite(metric.ratio.value)
                                  ? fmt::format(": ratio {}", factor_text(metric.ratio, ""))
                                  : std::string();
    return fmt::format("no evidence that {} differs from {} in {}{}", candidate, baseline, metric.metric,
                       ratio);
  }
  const bool is_lower = metric.shift.value < 0;
  const bool is_duration = seconds_per(metric.unit).has_value() && metric.lower_is_better;
  const std::string_view word =
      is_duration ? (is_lower ? "faster" : "slower") : (is_lower ? "lower" : "higher");
  if (!std::isfinite(metric.ratio.value)) {
    return fmt::format("{} is {} than {} in {} by {}", candidate, word, baseline, metric.metric,
                       format_with_unit(std::fabs(metric.shift.value), metric.unit));
  }
  const Estimate& ratio = metric.ratio;
  const Estimate times = is_lower ? Estimate{1 / ratio.value, 1 / ratio.high, 1 / ratio.low} : ratio;
  return fmt::format("{} is {}", candidate,
                     factor_text(times, fmt::format(" × {} than {} in {}", word, baseline, metric.metric)));
}

}  // namespace thaw
