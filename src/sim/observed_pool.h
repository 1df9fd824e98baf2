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
  /// An invocation found no room.
  void on_dropped(double time_ms, FunctionId function);
  /// There are no more invocations: tells of the executions that still run.
  void close();

 private:
  /// So much more or less memory executes from then on.
  struct Change {
    Instant at;
    std::int64_t memory;
    bool operator>(const Change& other) const { return at > other.at; }
  };
  /// A start or finish that is told of when its time has come.
  struct Pending {
    Instant at;
    std::uint64_t serial;  ///< Equal times: in the order in which they were planned.
    ContainerMoment moment;
    FunctionId function;
    std::uint64_t instance;
    bool operator>(const Pending& other) const {
      return at != other.at ? at > other.at : serial > other.serial;
    }
  };
  [[nodiscard]] std::int64_t memory_of(ContainerId container) const;
  void tell(FunctionId function, const ContainerEvent& event);
  /// Tells of what was pending up to then.
  void tell_pending(Instant until);
  void plan(Instant at, ContainerMoment moment, ContainerId container);

  Pool& pool_;
  SimulationObserver& observer_;
  std::int64_t used_ = 0;     ///< Bytes of all containers.
  std::int64_t running_ = 0;  ///< Bytes of those that execute.
  std::priority_queue<Change, std::vector<Change>, std::greater<>> changes_;
  std::vector<std::uint64_t> numbers_;  ///< Of the containers, by slot: the order in which they were made.
  std::uint64_t made_ = 0;
  std::priority_queue<Pending, std::vector<Pending>, std::greater<>> pending_;
  std::uint64_t planned_ = 0;
};

}  // namespace thaw
