#pragma once
// One server of a cluster: its pool, its cores, and the invocations that wait for either.

#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "keepalive/pool.h"
#include "sim/observed_pool.h"

namespace thaw {

/// What a server does when it cannot start an invocation at once.
struct ServerRules {
  static constexpr std::uint32_t unlimited = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t cores = unlimited;          ///< Executions at once.
  std::uint32_t longest_queue = unlimited;  ///< Invocations that wait; one more is dropped.
  Nanos longest_wait = forever;             ///< Whoever has waited longer is dropped.
  bool waits_for_memory = false;  ///< Running containers leave no room: wait for them rather than drop.
};

/// An invocation that a server has.
struct ServerTask {
  Instant arrived{};
  Nanos duration{};  ///< In a warm container.
  FunctionId function = no_function;
};

/// Counts of a server; the pool has the others.
struct ServerCounts {
  std::uint64_t invocations = 0;
  std::uint64_t waited = 0;     ///< Served, but not at once.
  std::uint64_t abandoned = 0;  ///< Dropped because the queue was full or the wait too long.
  std::uint64_t longest_queue = 0;
  double wait_s = 0;  ///< Sum over the served.
  double busy_s = 0;  ///< Sum of the executions, initialisation included.
};

/// What has just begun.
struct StartedTask {
  ServerTask task;
  Nanos wait{};
  Nanos init{};
  Instant end{};
  ContainerId container = no_container;
};

class ClusterServer {
 public:
  ClusterServer(const ServerRules& rules, std::unique_ptr<Pool> pool);

  /// An invocation arrives at `task.arrived` and waits. The caller starts what next() gives, until it gives nothing, and
  /// then calls limit_queue().
  void arrive(const ServerTask& task);

  /// Starts the first of those that wait, if that is possible at `now`. Who cannot be started any more is dropped.
  std::optional<StartedTask> next(Instant now);

  /// Drops the last one when more wait than may.
  void limit_queue(Instant now);

  /// An execution that next() has given is over.
  void ended(ContainerId container);

  /// Nothing ends any more that they could wait for.
  void abandon_all(Instant now);

  /// Tells the observer of everything from now on. REQUIRES: nothing has arrived; both outlive the server.
  void observe(ObservedMemory& memory, SimulationObserver& observer);

  [[nodiscard]] bool is_waiting() const { return !waiting_.empty(); }
  /// Invocations that run or wait.
  [[nodiscard]] std::uint32_t load() const { return running_ + static_cast<std::uint32_t>(waiting_.size()); }
  /// Cores that nothing runs on.
  [[nodiscard]] std::uint32_t unused_cores() const { return rules_.cores - used_cores_; }
  [[nodiscard]] Pool& pool() { return *pool_; }
  [[nodiscard]] const Pool& pool() const { return *pool_; }
  [[nodiscard]] const ServerCounts& counts() const { return counts_; }

 private:
  StartedTask begin(const ServerTask& task, const Placement& placement, Instant now);
  void drop(FunctionId function, Instant now);
  void abandon(FunctionId function, Instant now);

  ServerRules rules_;
  std::unique_ptr<Pool> pool_;
  std::deque<ServerTask> waiting_;
  std::uint32_t running_ = 0;  ///< Executions given and not ended, those behind a busy container included.
  std::uint32_t used_cores_ = 0;
  std::vector<std::uint32_t>
      behind_;  ///< By container: executions that take over its core at the end of the present one.
  ServerCounts counts_;
  std::unique_ptr<ObservedPool> observed_;  ///< Null when nobody observes.
};

}  // namespace thaw
