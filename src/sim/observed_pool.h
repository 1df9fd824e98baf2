#pragma once
// Tells the observer of a simulation what happens in real pools: each container that comes or goes, each invocation, and
// how much of the memory is executing. Made only when somebody observes.

#include <cstdint>
#include <queue>
#include <vector>

#include "keepalive/pool.h"
#include "sim/observer.h"

namespace thaw {

/// Memory of all the pools of a simulation, in use and executing, as time passes.
class ObservedMemory {
 public:
  void add(std::int64_t bytes) { used_ += bytes; }
  /// So much executes from one instant to another.
  void runs(std::int64_t bytes, Instant from, Instant to);
  /// Bytes that execute at `now`, which never falls. Cost: O(log n) for each begin and end since the last call.
  [[nodiscard]] std::int64_t running_at(Instant now);
  [[nodiscard]] std::int64_t used() const { return used_; }

 private:
  /// So much more or less executes from then on.
  struct Change {
    Instant at;
    std::int64_t bytes;
    bool operator>(const Change& other) const { return at > other.at; }
  };

  std::int64_t used_ = 0;
  std::int64_t running_ = 0;
  std::priority_queue<Change, std::vector<Change>, std::greater<>> changes_;
};

class ObservedPool final : public PoolObserver {
 public:
  /// Begins to observe the pool. REQUIRES: all three outlive it; the pool is empty.
  ObservedPool(Pool& pool, ObservedMemory& memory, SimulationObserver& observer);

  void on_created(ContainerId container, bool is_prewarm, Instant now) override;
  void on_removed(ContainerId container, Removal reason, Instant now) override;
  /// An invocation was placed or dropped. When it is served, the pool knows when it ends.
  void on_placed(double time_ms, FunctionId function, const Placement& placement);
  /// There are no more invocations: tells of the executions that still run.
  void close();

 private:
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
  void tell_of(FunctionId function, const Placement& placement, Instant now);
  /// Tells of what was pending up to then.
  void tell_pending(Instant until);
  void plan(Instant at, ContainerMoment moment, ContainerId container);

  Pool& pool_;
  ObservedMemory& memory_;
  SimulationObserver& observer_;
  std::vector<std::uint64_t> numbers_;  ///< Of the containers, by slot: the order in which they were made.
  std::uint64_t made_ = 0;
  std::priority_queue<Pending, std::vector<Pending>, std::greater<>> pending_;
  std::uint64_t planned_ = 0;
};

}  // namespace thaw
