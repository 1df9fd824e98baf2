#include "report/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/text.h"
#include "record/host_context.h"
#include "report/gate_check.h"
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

std::string names_in(const Dataset& dataset) {
  std::vector<std::string> names;
  for (const Series& series : dataset.series) names.push_back(series.name);
  return fmt::format("{} has {}", dataset.label, names.empty() ? "none" : join(names, ", "));
}

/// Which series of every dataset stands for a metric.
struct ChosenMetric {
  std::string name;
  std::vector<const Series*> series;  ///< In the order of the datasets.
};

/// The metric in all datasets. Errors: bad_usage naming the first dataset that lacks it.
Result<ChosenMetric> choose(const std::vector<Dataset>& datasets, std::string_view name) {
  THAW_TRY(const Series* first, require_series(datasets.front(), name));
  ChosenMetric metric{.name = first->name, .series = {first}};
  for (const Dataset& dataset : std::span(datasets).subspan(1)) {
    const Series* series = find_counterpart(dataset, *first);
    if (series == nullptr) {
      THAW_TRY(series, require_series(dataset, name));
    }
    metric.series.push_back(series);
  }
  return metric;
}

bool all_have(const std::vector<Dataset>& datasets, std::string_view name) {
  return std::all_of(datasets.begin(), datasets.end(),
                     [&](const Dataset& dataset) { return find_series(dataset, name) != nullptr; });
}

/// Adds a metric unless it is there under another name.
void add_once(ChosenMetric metric, std::vector<ChosenMetric>& chosen) {
  const bool is_known = std::any_of(chosen.begin(), chosen.end(),
                                    [&](const ChosenMetric& other) { return other.name == metric.name; });
  if (!is_known) chosen.push_back(std::move(metric));
}

/// The metrics that were asked for; programs without an inner time are compared by the outer one.
Result<std::vector<ChosenMetric>> choose_named(const std::vector<Dataset>& datasets,
                                               const std::vector<std::string>& names,
                                               std::vector<std::string>& notes) {
  std::vector<ChosenMetric> chosen;
  for (const std::string& name : names) {
    const bool falls_back =
        name == "inner_time" && !all_have(datasets, name) && all_have(datasets, "outer_time");
    if (falls_back) notes.emplace_back("inner_time is not in all of them; outer_time is compared instead");
    THAW_TRY(ChosenMetric metric, choose(datasets, falls_back ? "outer_time" : name));
    add_once(std::move(metric), chosen);
  }
  return chosen;
}

/// Every metric that all datasets have and at least one has values of.
Result<std::vector<ChosenMetric>> choose_common(const std::vector<Dataset>& datasets,
                                                std::vector<std::string>& notes) {
  std::vector<ChosenMetric> chosen;
  for (const Series& series : datasets.front().series) {
    const bool is_common = std::all_of(datasets.begin(), datasets.end(), [&](const Dataset& dataset) {
      return find_counterpart(dataset, series) != nullptr;
    });
    if (series.is_detail || !is_common) continue;
    THAW_TRY(ChosenMetric metric, choose(datasets, series.name));
    const bool has_values = std::any_of(metric.series.begin(), metric.series.end(),
                                        [](const Series* entry) { return !entry->values.empty(); });
    if (has_values) add_once(std::move(metric), chosen);
  }
  if (!chosen.empty()) return chosen;
  const bool are_single = std::all_of(datasets.begin(), datasets.end(),
                                      [](const Dataset& dataset) { return dataset.series.size() == 1; });
  if (are_single) {
    ChosenMetric metric{.name = datasets.front().series.front().name};
    for (const Dataset& dataset : datasets) {
      metric.series.push_back(&dataset.series.front());
      if (metric.series.back()->name != metric.name) {
        notes.push_back(fmt::format("{} of {} is compared with {} of {}", metric.series.back()->name,
                                    dataset.label, metric.name, datasets.front().label));
      }
    }
    return std::vector{std::move(metric)};
  }
  std::vector<std::string> lists;
  for (const Dataset& dataset : datasets) lists.push_back(names_in(dataset));
  return fail_at(ErrorKind::bad_usage, "the datasets have no metric with values in common", {},
                 join(lists, "; "));
}

Result<std::vector<ChosenMetric>> choose_metrics(const std::vector<Dataset>& datasets,
                                                 const CompareOptions& options,
                                                 std::vector<std::string>& notes) {
  THAW_TRY(auto chosen, options.metrics.empty() ? choose_common(datasets, notes)
                                                : choose_named(datasets, options.metrics, notes));
  for (const Gate& gate : options.gates) {
    if (gate.metric.empty()) continue;
    THAW_TRY(ChosenMetric metric, choose(datasets, gate.metric));
    add_once(std::move(metric), chosen);
  }
  return chosen;
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
