#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/text.h"
#include "report/number_text.h"
#include "report/stats_document.h"
#include "report/stats_text.h"
#include "stats/autocorrelation.h"
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
  finding.classification = classify(values, {.goodness = 0});  // In whatever unit they are.
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
  json["gaussian_p"] = number_or_null(finding.classification.gaussian_p);
  json["lognormal_p"] = number_or_null(finding.classification.lognormal_p);
  json["uniform_p"] = number_or_null(finding.classification.uniform_p);
  json["skewness"] = number_or_null(finding.skewness);
  json["excess_kurtosis"] = number_or_null(finding.excess_kurtosis);
  json["shapiro_w"] = number_or_null(finding.shapiro.statistic);
  json["shapiro_p"] = number_or_null(finding.shapiro.p_value);
  json["shapiro_p_of_logs"] = number_or_null(finding.shapiro_of_logs.p_value);
  json["strongest_autocorrelation"] = number_or_null(finding.memory.strongest);
  json["first_lag_below_0_2"] = finding.memory.lag;
  json["effective_n"] = number_or_null(finding.effective_n);
  return json;
}

}  // namespace

std::string render_classification(const NamedSample& sample, TableFormat format) {
  const Finding finding = classify_sample(sample.values);
  const Json findings = finding_json(finding);
  const std::vector<std::string> sentences = describe_shape(sample.values);
  if (is_json(format)) {
    Json json = stats_preamble(sample);
    json.update(findings);
    json["shape"] = sentences;
    return dump_json(json, format);
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
