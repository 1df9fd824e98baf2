#pragma once
// Applying gates to a finished comparison.

#include <span>
#include <vector>

#include "core/error.h"
#include "report/compare.h"
#include "report/gate.h"

namespace thaw {

/// Both sides of one metric, with their values in ascending order for quantiles that a comparison does not keep.
struct GateSubject {
  const MetricComparison* metric;
  const ComparedSide* baseline_side;
  const ComparedSide* candidate_side;
  std::span<const double> baseline;
  std::span<const double> candidate;
};

/// The outcome of one gate for one metric of one candidate.
/// Errors: bad_usage when the limit's unit does not fit the metric.
Result<GateOutcome> check_gate(const Gate& gate, const GateSubject& subject);

}  // namespace thaw
