#pragma once
// One number for a policy: how much better it hits than a baseline, averaged over memory sizes, as the course scored
// its students' policies.

#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "sim/outcome.h"

namespace thaw {

/// Hit ratio as the course computes it: 1 - (cold% + dropped%)/100, where cold% is of the served invocations and
/// dropped% of all. NaN when there was no invocation.
double course_hit_ratio(const SimulationOutcome& outcome);

struct ScoreOptions {
  std::string baseline = "lru";
  double from_mb = 10000;  ///< Smaller memory sizes do not count.
  double to_mb = std::numeric_limits<double>::infinity();
};

struct PolicyScore {
  std::string policy;
  Model model = Model::clean;
  double score = 0;       ///< Mean of (hit ratio - hit ratio of the baseline) over the sizes.
  std::size_t sizes = 0;  ///< Memory sizes that both have.
};

/// Scores of every policy in the outcomes against the baseline of the same model, best first, ties by name; outcomes
/// of several seeds at one size are averaged. Policy names are compared as the registry does: case does not matter,
/// '-' and '_' are alike.
/// Errors: bad_usage when the baseline is not among the outcomes, or has no size in the range.
Result<std::vector<PolicyScore>> score(std::span<const SimulationOutcome> outcomes,
                                       const ScoreOptions& options = {});

}  // namespace thaw
