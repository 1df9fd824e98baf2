#include "report/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/text.h"
#include "record/host_context.h"
#include "report/gate_check.h"
#include "report/metric_choice.h"
#include "report/metric_comparison.h"
#include "report/verdict.h"
#include "stats/multiple.h"

namespace thaw {
namespace {

ComparedSide side_of(const Dataset& dataset) {
  ComparedSide side{.label = dataset.label,
                    .source = dataset.source.string(),
                    .format = std::string(name_of(dataset.format)),
                    .rows = dataset.rows,
                    .failed = dataset.failed,
                    .notes = dataset.notes};
  if (dataset.failed > 0) {
    side.notes.push_back(fmt::format("{} of {} runs failed and are left out", dataset.failed, dataset.rows));
  }
  return side;
}

Result<> check_options(const std::vector<Dataset>& datasets, const CompareOptions& options) {
  if (datasets.size() < 2) {
    return fail_at(ErrorKind::bad_usage, "a comparison needs two datasets or more", {},
                   "name a second file, or a file that holds several runs");
  }
  if (!(options.alpha > 0 && options.alpha < 1)) {
    return fail_at(ErrorKind::bad_usage, fmt::format("alpha must lie between 0 and 1, got {}", options.alpha),
                   "--alpha", "0.05 is usual");
  }
  if (!options.paired) return {};
  for (const Dataset& dataset : datasets) {
    if (dataset.rows == datasets.front().rows) continue;
    return fail_at(ErrorKind::bad_usage,
                   fmt::format("pairs need equal numbers of rows, but {} has {} and {} has {}",
                               datasets.front().label, datasets.front().rows, dataset.label, dataset.rows),
                   "--paired", "leave out --paired to compare them as independent samples");
  }
  return {};
}

/// Adjusts the p-values of each metric over all candidates, then decides.
void settle_verdicts(double alpha, std::vector<CandidateComparison>& candidates) {
  const std::size_t metrics = candidates.front().metrics.size();
  for (std::size_t i = 0; i < metrics; ++i) {
    std::vector<double> p_values;
    for (const CandidateComparison& candidate : candidates) p_values.push_back(candidate.metrics[i].p_value);
    const std::vector<double> adjusted = holm(p_values);
    for (std::size_t c = 0; c < candidates.size(); ++c) {
      MetricComparison& metric = candidates[c].metrics[i];
      metric.p_adjusted = adjusted[c];
      if (metric.reason.empty()) decide(metric, alpha);
    }
  }
}

/// The metrics that a gate speaks about: its own, those asked for, or the first.
bool applies(const Gate& gate, const Dataset& baseline, const Comparison& comparison, std::size_t metric) {
  if (gate.metric.empty()) return metric < comparison.asked_metrics;
  const Series* series = find_series(baseline, gate.metric);
  return series != nullptr && series->name == comparison.metrics[metric];
}

Result<> check_gates(const std::vector<Dataset>& datasets, const std::vector<ChosenMetric>& chosen,
                     const CompareOptions& options, Comparison& comparison) {
  for (const Gate& gate : options.gates) {
    for (std::size_t c = 0; c < comparison.candidates.size(); ++c) {
      const CandidateComparison& candidate = comparison.candidates[c];
      for (std::size_t i = 0; i < chosen.size(); ++i) {
        if (!applies(gate, datasets.front(), comparison, i)) continue;
        const MetricValues values = align(*chosen[i].series.front(), *chosen[i].series[c + 1]);
        const std::vector<double> baseline = sorted_copy(values.baseline),
                                  other = sorted_copy(values.candidate);
        THAW_TRY(GateOutcome outcome, check_gate(gate, {&candidate.metrics[i], &comparison.baseline,
                                                        &candidate.side, baseline, other}));
        comparison.gates.push_back(std::move(outcome));
      }
    }
  }
  return {};
}

/// Tools name their options differently, so between tools only facts that both state can differ. Thaw records more
/// facts than anyone wants to see change by themselves.
std::vector<ContextDifference> differences_between(const Dataset& baseline, const Dataset& candidate) {
  auto differences = context_differences(baseline.context, candidate.context);
  if (baseline.format == DatasetFormat::thaw && candidate.format == DatasetFormat::thaw) {
    const std::vector<std::string> restless = volatile_facts();
    std::erase_if(differences, [&](const ContextDifference& difference) {
      const std::string_view fact = std::string_view(difference.key).substr(difference.key.find('.') + 1);
      const bool matters = fact.starts_with("load_average.") || fact.ends_with("_cur_freq_khz");
      return !matters && std::find(restless.begin(), restless.end(), fact) != restless.end();
    });
  }
  if (baseline.format == candidate.format) return differences;
  std::erase_if(differences, [&](const ContextDifference& difference) {
    return !baseline.context.contains(difference.key) || !candidate.context.contains(difference.key);
  });
  return differences;
}

CandidateComparison compare_candidate(const std::vector<Dataset>& datasets, std::size_t position,
                                      const std::vector<ChosenMetric>& chosen,
                                      const CompareOptions& options) {
  CandidateComparison candidate{.side = side_of(datasets[position])};
  for (const ChosenMetric& metric : chosen) {
    MetricValues values = align(*metric.series.front(), *metric.series[position]);
    values.metric = metric.name;
    values.baseline_label = datasets.front().label;
    values.candidate_label = datasets[position].label;
    candidate.metrics.push_back(compare_metric(
        values, {.confidence = 1 - options.alpha, .paired = options.paired, .seed = options.seed}));
  }
  candidate.context_differences = differences_between(datasets.front(), datasets[position]);
  return candidate;
}

}  // namespace

bool Comparison::gates_hold() const {
  return std::all_of(gates.begin(), gates.end(), [](const GateOutcome& gate) { return gate.holds; });
}

Result<Comparison> compare(const std::vector<Dataset>& datasets, const CompareOptions& options) {
  THAW_CHECK(check_options(datasets, options));
  Comparison comparison{.baseline = side_of(datasets.front()),
                        .rule = verdict_rule(options.alpha, options.paired, datasets.size() - 1),
                        .confidence = 1 - options.alpha,
                        .is_paired = options.paired};
  THAW_TRY(const std::vector<ChosenMetric> chosen, choose_metrics(datasets, options, comparison.notes));
  for (const ChosenMetric& metric : chosen) comparison.metrics.push_back(metric.name);
  comparison.asked_metrics = options.metrics.empty() ? 1 : std::min(chosen.size(), options.metrics.size());
  for (std::size_t i = 1; i < datasets.size(); ++i) {
    comparison.candidates.push_back(compare_candidate(datasets, i, chosen, options));
  }
  settle_verdicts(options.alpha, comparison.candidates);
  THAW_CHECK(check_gates(datasets, chosen, options, comparison));
  return comparison;
}

Error gate_failure(const Comparison& comparison) {
  std::vector<std::string> failures;
  for (const GateOutcome& gate : comparison.gates) {
    if (gate.holds) continue;
    failures.push_back(
        fmt::format("{} in {} is {} ({})", gate.candidate, gate.metric, gate.value_text, gate.gate));
  }
  return Error{ErrorKind::check_failed,
               fmt::format("the comparison failed: {}", join(failures, "; ")),
               "--fail-if",
               {}};
}

}  // namespace thaw
