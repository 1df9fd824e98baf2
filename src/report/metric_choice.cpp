#include "report/metric_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>

#include "core/text.h"

namespace thaw {
namespace {

std::string names_in(const Dataset& dataset) {
  std::vector<std::string> names;
  for (const Series& series : dataset.series) names.push_back(series.name);
  return fmt::format("{} has {}", dataset.label, names.empty() ? "none" : join(names, ", "));
}

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

/// The only series of each, whatever their names; nullopt when a dataset has another number of them.
std::optional<ChosenMetric> choose_single(const std::vector<Dataset>& datasets,
                                          std::vector<std::string>& notes) {
  ChosenMetric metric;
  for (const Dataset& dataset : datasets) {
    if (dataset.series.size() != 1) return std::nullopt;
    metric.series.push_back(&dataset.series.front());
    metric.name = metric.series.front()->name;
    if (metric.series.back()->name == metric.name) continue;
    notes.push_back(fmt::format("{} of {} is compared with {} of {}", metric.series.back()->name,
                                dataset.label, metric.name, datasets.front().label));
  }
  return metric;
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
  if (auto single = choose_single(datasets, notes)) return std::vector{*std::move(single)};
  std::vector<std::string> lists;
  for (const Dataset& dataset : datasets) lists.push_back(names_in(dataset));
  return fail_at(ErrorKind::bad_usage, "the datasets have no metric with values in common", {},
                 join(lists, "; "));
}

}  // namespace

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

}  // namespace thaw
