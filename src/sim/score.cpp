#include "sim/score.h"

#include <algorithm>
#include <map>

#include "core/text.h"

namespace thaw {
namespace {

std::string plain_name(std::string_view name) {
  std::string plain = to_lower(name);
  std::replace(plain.begin(), plain.end(), '_', '-');
  return plain;
}

/// Mean hit ratio by memory size.
struct Mean {
  double sum = 0;
  std::size_t count = 0;
  [[nodiscard]] double value() const { return sum / static_cast<double>(count); }
};
using HitRatios = std::map<double, Mean>;

std::map<std::pair<Model, std::string>, HitRatios> hit_ratios(std::span<const SimulationOutcome> outcomes,
                                                              const ScoreOptions& options) {
  std::map<std::pair<Model, std::string>, HitRatios> all;
  for (const SimulationOutcome& outcome : outcomes) {
    const SimulationPoint& point = outcome.point;
    if (outcome.invocations == 0 || point.memory_mb < options.from_mb || point.memory_mb > options.to_mb)
      continue;
    Mean& mean = all[{point.model, point.policy}][point.memory_mb];
    mean.sum += course_hit_ratio(outcome);
    ++mean.count;
  }
  return all;
}

tl::unexpected<Error> no_baseline(std::span<const SimulationOutcome> outcomes, const ScoreOptions& options) {
  std::vector<std::string> names;
  bool is_known = false;
  for (const SimulationOutcome& outcome : outcomes) {
    is_known = is_known || plain_name(outcome.point.policy) == plain_name(options.baseline);
    if (std::find(names.begin(), names.end(), outcome.point.policy) == names.end())
      names.push_back(outcome.point.policy);
  }
  if (is_known) {
    return fail_at(ErrorKind::bad_usage,
                   fmt::format("no result of \"{}\" has {:g} MB or more", options.baseline, options.from_mb),
                   "--from", "give a smaller size, for example --from 1MB");
  }
  return fail_at(ErrorKind::bad_usage, fmt::format("no result of the baseline \"{}\"", options.baseline),
                 "--baseline", suggest(options.baseline, names));
}

}  // namespace

double course_hit_ratio(const SimulationOutcome& outcome) {
  if (outcome.invocations == 0) return std::numeric_limits<double>::quiet_NaN();
  const auto served = static_cast<double>(outcome.cold + outcome.warm);
  const double cold = served > 0 ? static_cast<double>(outcome.cold) / served : 0;
  return 1 - cold - static_cast<double>(outcome.dropped) / static_cast<double>(outcome.invocations);
}

Result<std::vector<PolicyScore>> score(std::span<const SimulationOutcome> outcomes,
                                       const ScoreOptions& options) {
  const auto all = hit_ratios(outcomes, options);
  std::map<Model, const HitRatios*> baselines;
  for (const auto& [key, ratios] : all)
    if (plain_name(key.second) == plain_name(options.baseline)) baselines[key.first] = &ratios;
  if (baselines.empty()) return no_baseline(outcomes, options);

  std::vector<PolicyScore> scores;
  for (const auto& [key, ratios] : all) {
    const auto baseline = baselines.find(key.first);
    if (baseline == baselines.end()) continue;
    PolicyScore result{key.second, key.first, 0, 0};
    for (const auto& [memory_mb, ratio] : ratios) {
      const auto other = baseline->second->find(memory_mb);
      if (other == baseline->second->end()) continue;
      result.score += ratio.value() - other->second.value();
      ++result.sizes;
    }
    if (result.sizes == 0) continue;
    result.score /= static_cast<double>(result.sizes);
    scores.push_back(result);
  }
  std::stable_sort(scores.begin(), scores.end(),
                   [](const PolicyScore& a, const PolicyScore& b) { return a.score > b.score; });
  return scores;
}

}  // namespace thaw
