#pragma once
// Policies beside the bounds: at each memory size what the best possible policy must pay, what the farsighted ones
// pay, and what the given policies pay above it.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/error.h"
#include "sim/bounds.h"
#include "sim/outcome.h"
#include "trace/trace.h"

namespace thaw {

/// A policy or a bound at one memory size.
struct BoundRow {
  double memory_mb = 0;
  std::string policy;                        ///< "bound" for the lower bound.
  std::optional<SimulationOutcome> outcome;  ///< Absent for the lower bound.
  std::uint64_t starts = 0;                  ///< cold + pre-warmed + dropped.
  double cost_ms = 0;                        ///< Σ init over cold and dropped.
  double above_bound_pct = 0;                ///< 100·(cost_ms / bound - 1); NaN for a bound of zero.
  double starts_above_bound_pct = 0;
};

/// Rows of each memory size: the bound, "unlimited", "farthest", "farthest-cost", then the policies of the clean
/// model. A policy that starts containers ahead of time pays for them only in `starts`;
/// one that lets invocations wait for busy containers may be below the bound, which knows no waiting.
/// Errors: those of the simulations.
Result<std::vector<BoundRow>> compare_with_bounds(const Trace& trace, std::span<const double> memory_mb,
                                                  std::span<const std::string> policies,
                                                  const BoundOptions& options = {});

}  // namespace thaw
