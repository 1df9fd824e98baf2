#include "sim/bound_rows.h"

#include <limits>

#include "sim/concurrency.h"
#include "sim/farthest.h"
#include "sim/simulation.h"

namespace thaw {
namespace {

double above(double value, double bound) {
  return bound > 0 ? 100 * (value / bound - 1) : std::numeric_limits<double>::quiet_NaN();
}

BoundRow row_of(const SimulationOutcome& outcome, const ColdBound& bound, const Trace& trace) {
  BoundRow row;
  row.memory_mb = bound.memory_mb;
  row.policy = outcome.point.policy;
  row.outcome = outcome;
  row.starts = outcome.cold + outcome.prewarms + outcome.dropped;
  for (std::size_t f = 0; f < trace.functions.size(); ++f) {
    const FunctionOutcome& counts = outcome.functions[f];
    row.cost_ms += static_cast<double>(counts.cold + counts.dropped) * trace.functions[f].init_ms();
  }
  row.above_bound_pct = above(row.cost_ms, bound.cost_ms);
  row.starts_above_bound_pct = above(static_cast<double>(row.starts), static_cast<double>(bound.starts));
  return row;
}

}  // namespace

Result<std::vector<BoundRow>> compare_with_bounds(const Trace& trace, std::span<const double> memory_mb,
                                                  std::span<const std::string> policies,
                                                  const BoundOptions& options) {
  const auto source = source_of(trace);
  THAW_TRY(const SimulationOutcome unlimited, simulate_unlimited(trace.functions, *source));
  std::vector<BoundRow> rows;
  for (const double memory : memory_mb) {
    const ColdBound bound = lower_bound(trace, memory, options);
    BoundRow lowest;
    lowest.memory_mb = memory;
    lowest.policy = "bound";
    lowest.starts = bound.starts;
    lowest.cost_ms = bound.cost_ms;
    rows.push_back(lowest);
    rows.push_back(row_of(unlimited, bound, trace));
    for (const FarthestRule rule : {FarthestRule::plain, FarthestRule::cost_aware})
      rows.push_back(row_of(simulate_farthest(trace, memory, rule), bound, trace));
    for (const std::string& policy : policies) {
      const auto again = source_of(trace);
      const SimulationPoint point{.policy = policy, .model = Model::clean, .memory_mb = memory};
      THAW_TRY(const SimulationOutcome outcome, simulate(point, trace.functions, *again));
      rows.push_back(row_of(outcome, bound, trace));
    }
  }
  return rows;
}

}  // namespace thaw
