#include "report/narrative.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "core/text.h"
#include "report/number_text.h"
#include "stats/summary.h"
#include "stats/tests.h"

namespace thaw {
namespace {

constexpr double significant_p = 0.01;
constexpr double unchanged_p = 0.3;
constexpr double lower_spread = 0.8, upper_spread = 1.2;
constexpr double lower_tail = 0.9, upper_tail = 1.1;
constexpr double different_shape_p = 0.01;

/// The numbers of one side that the sentences mention.
struct Shape {
  double mean, median, stddev, cv, quartile_range, range, p99;
};

Shape shape_of(std::span<const double> values) {
  const Summary summary = summarize(values);
  return {summary.mean,
          summary.median,
          summary.stddev,
          summary.cv,
          summary.p75 - summary.p25,
          summary.max - summary.min,
          summary.p99};
}

/// "remained about the same", "increased" or "significantly increased".
std::string change_of_level(double difference, double p) {
  if (difference == 0 || std::isnan(p) || p >= unchanged_p) return "remained about the same";
  const std::string_view direction = difference > 0 ? "increased" : "decreased";
  return p < significant_p ? fmt::format("significantly {}", direction) : std::string(direction);
}

/// "increased notably", "decreased notably" or "remained similar".
std::string change_of_spread(double baseline, double candidate) {
  if (baseline == 0) return candidate > 0 ? "increased notably" : "remained similar";
  const double ratio = candidate / baseline;
  if (ratio > upper_spread) return "increased notably";
  return ratio < lower_spread ? "decreased notably" : "remained similar";
}

/// "worsened", "improved" or "remained similar", by the direction of the metric.
std::string change_of_tail(double baseline, double candidate, bool lower_is_better) {
  const double ratio = candidate / baseline;
  if (ratio > upper_tail) return lower_is_better ? "worsened" : "improved";
  if (ratio < lower_tail) return lower_is_better ? "improved" : "worsened";
  return "remained similar";
}

}  // namespace

double fused_mean(std::span<const double> a, std::span<const double> b) {
  const double variance_a = variance(a), variance_b = variance(b);
  const double total = variance_a + variance_b;
  if (!(total > 0)) return (mean(a) + mean(b)) / 2;
  return (variance_b * mean(a) + variance_a * mean(b)) / total;
}

std::vector<std::string> describe_change(const NarrativeSubject& subject, std::span<const double> baseline,
                                         std::span<const double> candidate) {
  const Shape before = shape_of(baseline), after = shape_of(candidate);
  const double p = student_t_test(baseline, candidate).p_value;
  const bool is_different = kolmogorov_smirnov(baseline, candidate).p_value < different_shape_p;
  const auto amount = [&](double value) { return format_with_unit(value, subject.unit); };
  const auto level = [&](double from, double to) { return change_of_level(to - from, p); };
  const auto sentence = [&](std::string_view what, const std::string& change, double from, double to) {
    return fmt::format("The {} {} ({} to {}).", what, change, amount(from), amount(to));
  };
  const auto spread = [&](std::string_view what, double from, double to) {
    return sentence(what, change_of_spread(from, to), from, to);
  };
  return {
      sentence("mean", level(before.mean, after.mean), before.mean, after.mean),
      sentence("median", level(before.median, after.median), before.median, after.median),
      spread("standard deviation", before.stddev, after.stddev),
      fmt::format("The coefficient of variation {} ({} to {}).", change_of_spread(before.cv, after.cv),
                  format_significant(before.cv), format_significant(after.cv)),
      spread("interquartile range", before.quartile_range, after.quartile_range),
      spread("range", before.range, after.range),
      sentence("99th percentile", change_of_tail(before.p99, after.p99, subject.lower_is_better), before.p99,
               after.p99),
      fmt::format("The distributions are {}.", is_different ? "statistically different" : "similar"),
      fmt::format("The mean of both, each weighted by the other's variance, is {}.",
                  amount(fused_mean(baseline, candidate))),
  };
}

}  // namespace thaw
