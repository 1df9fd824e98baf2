#pragma once
// From the numbers of a comparison to better, worse, no evidence or not comparable.

#include <cstddef>
#include <string>

#include "report/compare.h"

namespace thaw {

/// Fewer values than this on a side prove nothing: no rank test can reach p < 0.05.
inline constexpr std::size_t fewest_values = 3;

/// The rule in words, as it stands below every comparison.
std::string verdict_rule(double alpha, bool is_paired, std::size_t candidates);

/// Sets verdict and reason from the intervals and the adjusted p-value.
/// REQUIRES: both sides have `fewest_values` values or more, in the same unit and direction.
void decide(MetricComparison& metric, double alpha);

/// Sets the verdict to not comparable for a reason.
void refuse_comparison(MetricComparison& metric, std::string reason);

}  // namespace thaw
