#pragma once
// A lower bound on what any keep-alive policy must pay, so that policies are shown as a distance from the optimum. In
// the spirit of PFOO-L (Berger, Beckmann & Harchol-Balter, SIGMETRICS 2018), extended by durations, clones and drops;
// docs/curves.md proves it.

#include <cstdint>

#include "trace/trace.h"

namespace thaw {

struct BoundOptions {
  std::size_t windows =
      1024;  ///< Parts of the time line that have a price each; 1: one budget for the whole.
  std::size_t iterations = 200;  ///< Most rounds of price improvement; 0: the best single price.
};

/// Lower bounds at one memory size.
///
/// They hold for every policy, pre-warming ones included, under these rules: every execution begins at its arrival in
/// a container of its own, lasts its warm time or, cold, its warm time and the initialisation; a container holds its
/// function's memory from its start to its removal; the memory of all containers never exceeds the capacity; an invocation is dropped only if the
/// running containers leave no room for its memory. A container started ahead of time pays for its start like a cold
/// one, and a dropped invocation counts as if it had been cold:
///
///   Σ init over (cold + pre-warmed + dropped) >= cost_ms      cold + prewarms + dropped >= starts
struct ColdBound {
  double memory_mb = 0;
  double cost_ms = 0;
  std::uint64_t starts = 0;
  /// The part that no memory avoids: first invocations and concurrency, with every execution warm.
  double unavoidable_cost_ms = 0;
  std::uint64_t unavoidable_starts = 0;
  /// Invocations that some policy might be allowed to drop; the bound takes nothing for their running memory.
  std::uint64_t droppable = 0;
};

/// Computes the bounds. Cost: O(log running) for each invocation, then `iterations` passes over the idle gaps; about
/// 60 bytes for each invocation.
ColdBound lower_bound(const Trace& trace, double memory_mb, const BoundOptions& options = {});

}  // namespace thaw
