#include "report/narrative.h"

#include <fmt/format.h>

#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>

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

struct Moments {
  double n, mean, variance;
};

Moments moments_of(std::span<const double> values) {
  const double n = static_cast<double>(values.size());
  double sum = 0;
  for (const double value : values) sum += value;
  const double mean = sum / n;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {n, mean, squares / (n - 1)};
}

/// "remained about the same", "increased (p = 0.05)" or "significantly increased (p < 0.001)".
std::string change_of_level(double difference, double p) {
  if (difference == 0 || std::isnan(p) || p >= unchanged_p) return "remained about the same";
  const std::string_view direction = difference > 0 ? "increased" : "decreased";
  return p < significant_p ? fmt::format("significantly {}", direction) : std::string(direction);
}

/// "increased notably", "decreased notably" or "remained similar".
std::string_view change_of_spread(double baseline, double candidate) {
  if (baseline == 0) return candidate > 0 ? "increased notably" : "remained similar";
  const double ratio = candidate / baseline;
  return ratio > upper_spread ? "increased notably" : ratio < lower_spread ? "decreased notably" : "remained similar";
}

/// "worsened", "improved" or "remained similar", by the direction of the metric.
std::string_view change_of_tail(double baseline, double candidate, bool lower_is_better) {
  if (baseline == 0) return "remained similar";
  const double ratio = candidate / baseline;
  if (ratio > upper_tail) return lower_is_better ? "worsened" : "improved";
  if (ratio < lower_tail) return lower_is_better ? "improved" : "worsened";
  return "remained similar";
}

}  // namespace

double student_t_p_value(std::span<const double> a, std::span<const double> b) {
  const Moments x = moments_of(a);
  const Moments y = moments_of(b);
  const double freedom = x.n + y.n - 2;
  const double pooled = ((x.n - 1) * x.variance + (y.n - 1) * y.variance) / freedom;
  const double error = std::sqrt(pooled * (1 / x.n + 1 / y.n));
  if (!(error > 0)) return x.mean == y.mean ? std::numeric_limits<double>::quiet_NaN() : 0;
  const boost::math::students_t distribution(freedom);
  return 2 * boost::math::cdf(boost::math::complement(distribution, std::fabs(x.mean - y.mean) / error));
}

double fused_mean(std::span<const double> a, std::span<const double> b) {
  const Moments x = moments_of(a);
  const Moments y = moments_of(b);
  const double total = x.variance + y.variance;
  return total > 0 ? (y.variance * x.mean + x.variance * y.mean) / total : (x.mean + y.mean) / 2;
}

std::vector<std::string> describe_change(const NarrativeSubject& subject, std::span<const double> baseline,
                                         std::span<const double> candidate) {
  const Moments before = moments_of(baseline);
  const Moments after = moments_of(candidate);
  const double p = student_t_p_value(baseline, candidate);
  const double sd_before = std::sqrt(before.variance), sd_after = std::sqrt(after.variance);
  const auto at = [&](double q) { return std::pair{quantile(baseline, q), quantile(candidate, q)}; };
  const auto [low_before, low_after] = at(0.25);
  const auto [high_before, high_after] = at(0.75);
  const auto [min_before, min_after] = at(0);
  const auto [max_before, max_after] = at(1);
  const auto [median_before, median_after] = at(0.5);
  const auto [tail_before, tail_after] = at(0.99);
  const auto shown = [&](double value) { return format_with_unit(value, subject.unit); };
  const auto sentence = [](std::string_view what, std::string_view change, const std::string& from,
                           const std::string& to) {
    return fmt::format("The {} {} ({} to {}).", what, change, from, to);
  };

  std::vector<std::string> sentences;
  sentences.push_back(fmt::format("The mean {} ({} to {}, t-test p {}).", change_of_level(after.mean - before.mean, p),
                                  shown(before.mean), shown(after.mean),
                                  p < 0.001 ? "< 0.001" : "= " + format_p_value(p)));
  sentences.push_back(sentence("median", change_of_level(median_after - median_before, p), shown(median_before),
                               shown(median_after)));
  sentences.push_back(
      sentence("standard deviation", change_of_spread(sd_before, sd_after), shown(sd_before), shown(sd_after)));
  const double cv_before = sd_before / before.mean, cv_after = sd_after / after.mean;
  sentences.push_back(sentence("coefficient of variation", change_of_spread(cv_before, cv_after),
                               format_significant(cv_before), format_significant(cv_after)));
  sentences.push_back(sentence("interquartile range",
                               change_of_spread(high_before - low_before, high_after - low_after),
                               shown(high_before - low_before), shown(high_after - low_after)));
  sentences.push_back(sentence("range", change_of_spread(max_before - min_before, max_after - min_after),
                               shown(max_before - min_before), shown(max_after - min_after)));
  sentences.push_back(sentence("99th percentile", change_of_tail(tail_before, tail_after, subject.lower_is_better),
                               shown(tail_before), shown(tail_after)));
  const bool is_different = ks_two_sample(baseline, candidate).p_value < different_shape_p;
  sentences.push_back(fmt::format("The distributions are {}.", is_different ? "statistically different" : "similar"));
  sentences.push_back(fmt::format("The mean of both, each weighted by the other's variance, is {}.",
                                  shown(fused_mean(baseline, candidate))));
  return sentences;
}

}  // namespace thaw
