#pragma once
// Tells the observer of a simulation what happens in a real pool: each container that comes or goes, and how much of the
// memory is executing. Made only when somebody observes.

#include <cstdint>
#include <queue>
#include <vector>

#include "keepalive/pool.h"
#include "sim/observer.h"

namespace thaw {

class ObservedPool final : public PoolObserver {
 public:
  /// Begins to observe the pool. REQUIRES: both outlive it; the pool is empty.
  ObservedPool(Pool& pool, SimulationObserver& observer);

  void on_created(ContainerId container, bool is_prewarm, Instant now) override;
  void on_removed(ContainerId container, Removal reason, Instant now) override;
  /// An invocation was placed, and the pool knows when it ends. Cost: O(log n) of the running containers.
  void on_served(double time_ms, const Placement& placement);

 private:
  /// So much more or less memory executes from then on.
  struct Change {
    Instant at;
    std::int64_t memory;
    bool operator>(const Change& other) const { return at > other.at; }
  };
  [[nodiscard]] std::int64_t memory_of(ContainerId container) const;

  Pool& pool_;
  SimulationObserver& observer_;
  std::int64_t used_ = 0;     ///< Bytes of all containers.
  std::int64_t running_ = 0;  ///< Bytes of those that execute.
  std::priority_queue<Change, std::vector<Change>, std::greater<>> changes_;
};

}  // namespace thaw
