#pragma once
// A policy that knows the future: it evicts the idle container that is needed last (Belady, IBM Systems Journal
// 1966). With memory sizes, costs and busy containers it is no longer the optimum, which is NP-hard, but nearly
// always the best policy at hand, so it stands for the optimum from above as bounds.h does from below.

#include "core/error.h"
#include "sim/outcome.h"
#include "trace/trace.h"

namespace thaw {

/// Which idle container goes first.
enum class FarthestRule {
  /// The one whose next use is farthest away; never needed again comes first.
  plain,
  /// Largest (time to next use)·memory/init: the most space-time freed for each millisecond of initialisation that
  /// the eviction costs. A container that is never needed again, or starts for free, comes first.
  cost_aware,
};

/// Simulates the clean model with that choice of victims. Policy "farthest" or
/// "farthest-cost"; slowdowns are missing.
///
/// The j-th idle container of a function, counted from the one that finished last, is next used at the j-th coming
/// invocation of the function, because the clean model takes the one that finished last; so the deepest goes first.
/// Ties: earliest last use, then lowest container id.
/// Cost: O(log functions) for each invocation and eviction (amortised), 8 bytes for each invocation.
SimulationOutcome simulate_farthest(const Trace& trace, double memory_mb, FarthestRule rule);

}  // namespace thaw
