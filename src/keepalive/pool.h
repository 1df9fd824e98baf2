#pragma once
// The containers of one server: which exist, which run, what they hold, and which must go. The pool keeps the books
// and asks its policy; it knows no clock and no trace. A driver tells it the time and what happens: the simulator
// with simulated time, the local platform with real time and real processes. Both drive the same objects.
//
//   driver                       pool                         policy
//   place(function, now)   ──►   idle container? room?   ──►  choose_victims(bytes)
//                                a container starts      ──►  on_start(container) → how long to keep it
//   runs_until / finished  ──►   the container is idle
//   advance(now)           ──►   expiries and pre-warms that are due
//
// Time is an Instant, nanoseconds since whatever start the driver chose, and never falls. The end of an execution
// costs nothing when it is known beforehand: a container whose `busy_until` has passed is idle, without an event.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/units.h"
#include "keepalive/container.h"
#include "keepalive/instant_queue.h"
#include "keepalive/policy.h"
#include "keepalive/running_containers.h"

namespace thaw {

/// What happened to an invocation.
enum class Outcome : std::uint8_t {
  warm,     ///< An idle container takes it.
  delayed,  ///< It waits for a busy container of its function, as the policy prefers; counted as warm.
  cold,     ///< A new container takes it.
  dropped,  ///< The memory of the running containers leaves no room.
};

struct Placement {
  ContainerId container = no_container;
  Outcome outcome = Outcome::dropped;
  Instant starts_at{};  ///< When the execution begins: now, or the end of the one that it waits for.
};

/// A function as its pool sees it, one cache line.
struct alignas(64) PoolFunction {
  Bytes memory{};                   ///< Of one container.
  Nanos init{};                     ///< What a cold start adds; policies weigh it.
  Nanos warm{};                     ///< An execution in a warm container; policies weigh it.
  std::uint64_t hits = 0;           ///< Warm and delayed starts.
  ContainerId idle = no_container;  ///< Top of the stack of idle containers: the one that finished last.
  RunningContainers running;
  std::uint32_t containers = 0;
  std::uint32_t uses = 0;  ///< Executions since it last had no container.
};
static_assert(sizeof(PoolFunction) == 64);

/// What happened to a function beside its warm starts, apart because it is rare.
struct PoolFunctionCounts {
  std::uint64_t cold = 0;
  std::uint64_t dropped = 0;
  std::uint64_t evictions = 0;
};

/// Hears of every container that comes or goes; for event logs and for the platform's real sandboxes.
class PoolObserver {
 public:
  virtual ~PoolObserver() = default;
  virtual void on_created(ContainerId container, bool is_prewarm, Instant now) = 0;
  virtual void on_removed(ContainerId container, Removal reason, Instant now) = 0;
};

/// Counts over the life of a pool.
struct PoolTotals {
  std::uint64_t evictions = 0;
  std::uint64_t expirations = 0;  ///< Unloads included.
  std::uint64_t prewarms = 0;
  std::uint32_t most_containers = 0;
  double idle_byte_seconds = 0;  ///< Integral of the memory of idle containers.
};

class Pool {
 public:
  /// An empty pool that decides by `policy`.
  Pool(Bytes capacity, std::unique_ptr<KeepAlivePolicy> policy);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// Functions are numbered in the order in which they are added.
  FunctionId add_function(Bytes memory, Nanos init, Nanos warm);

  /// Time has come to `now`: what was due before or at it (expiries, pre-warms, ticks) happens, each at its own time.
  void advance(Instant now) {
    if (next_due_ <= now) [[unlikely]]
      run_due(now);
  }

  /// Finds a container for an invocation, evicting others where that makes it possible. Unless it is dropped, the
  /// driver says next when the execution ends: runs_until, or finished once it has. REQUIRES: advance(now).
  Placement place(FunctionId function, Instant now);

  /// The parts of place, for drivers in which an invocation may wait before a container is looked for: it arrives, is
  /// tried any number of times, and is counted as dropped only when the driver gives it up.
  void announce(FunctionId function, Instant now);
  Placement try_place(FunctionId function, Instant now);
  void give_up(FunctionId function) { ++counts_[function].dropped; }

  /// The execution that was just placed ends at `end`.
  void runs_until(ContainerId container, Instant end);
  /// The execution whose end was not known beforehand is over. Told before advance(now): what ends makes room for what
  /// comes at the same instant.
  void finished(ContainerId container, Instant now);
  /// The container is gone without the pool's doing (crash, deletion), idle or not.
  void stop(ContainerId container, Instant now);

  /// Counts the idle time of the containers that are there now. Call once, at the end.
  void close(Instant now);

  /// For policies: on_idle is called before the next choice of victims in which the container is idle.
  void watch(ContainerId container);
  /// Whether the container executes something at `now`.
  [[nodiscard]] bool is_busy(ContainerId container, Instant now) const {
    return containers_[container].busy_until > now;
  }

  /// Whether a container of the function executes nothing at `now`. REQUIRES: advance(now).
  [[nodiscard]] bool has_idle(FunctionId id, Instant now) const {
    const PoolFunction& function = functions_[id];
    return function.idle != no_container ||
           (!function.running.empty() && !is_busy(function.running.first(), now));
  }

  [[nodiscard]] Container& container(ContainerId id) { return containers_[id]; }
  [[nodiscard]] const Container& container(ContainerId id) const { return containers_[id]; }
  [[nodiscard]] PoolFunction& function(FunctionId id) { return functions_[id]; }
  [[nodiscard]] const PoolFunction& function(FunctionId id) const { return functions_[id]; }
  [[nodiscard]] std::span<const PoolFunction> functions() const { return functions_; }
  [[nodiscard]] const PoolFunctionCounts& counts(FunctionId id) const { return counts_[id]; }
  /// Slots, the unused ones included: ids are below this.
  [[nodiscard]] std::size_t slots() const { return containers_.size(); }
  [[nodiscard]] std::uint32_t size() const { return count_; }
  [[nodiscard]] Bytes capacity() const { return capacity_; }
  /// A smaller one takes effect at the next placement that needs room.
  void set_capacity(Bytes capacity) { capacity_ = capacity; }
  [[nodiscard]] Bytes used() const { return used_; }
  [[nodiscard]] const PoolTotals& totals() const { return totals_; }
  [[nodiscard]] KeepAlivePolicy& policy() { return *policy_; }
  void observe(PoolObserver* observer) { observer_ = observer; }
  /// When something is due next; `forever` for never. For drivers that sleep.
  [[nodiscard]] Instant next_due() const { return next_due_; }

  /// Fetches what an invocation of the function is going to touch into the caches.
  void prefetch_function(FunctionId id) const { __builtin_prefetch(&functions_[id], 1); }
  void prefetch_container(FunctionId id) const {
    const PoolFunction& function = functions_[id];
    const ContainerId likely = function.running.empty() ? function.idle : function.running.first();
    if (likely != no_container) __builtin_prefetch(&containers_[likely], 1);
    if (!function.running.empty()) __builtin_prefetch(&containers_[function.running.last()], 1);
  }

 private:
  struct PendingPrewarm {
    Nanos after{};
    Nanos keep_alive{};
    std::uint32_t serial = 0;            ///< Only the newest decision of a function counts,
    ContainerId decided = no_container;  ///< which was made for this container.
  };

  ContainerId take_idle(PoolFunction& function, Instant now);
  /// Moves the containers that have finished to the idle stack.
  void settle(PoolFunction& function, Instant now);
  void push_idle(PoolFunction& function, ContainerId id);
  void unlink_idle(PoolFunction& function, ContainerId id);
  void unlink_running(PoolFunction& function, ContainerId id);
  bool make_room(FunctionId function, Instant now);
  ContainerId create(FunctionId function, Instant now);
  void start(ContainerId id, bool is_cold, Instant starts_at, Instant now);
  void remove(ContainerId id, Removal reason, Instant now);
  void free_slot(ContainerId id, Removal reason, Instant now);
  void schedule_end(ContainerId id);
  void prewarm(FunctionId function, Nanos keep_alive, Instant now);
  void report_idle(Instant now);
  void run_due(Instant now);
  bool refresh_deadline(InstantQueue::Entry& entry);
  void expire_next(Instant limit);
  void run_prewarm(const InstantQueue::Entry& entry);
  void run_tick(Instant now);
  void update_next_due();

  Bytes capacity_;
  Bytes used_{};
  Instant next_due_ = forever;
  std::uint64_t serial_ = 0;
  std::uint32_t count_ = 0;
  bool wants_arrivals_ = false;
  bool may_wait_ = false;
  bool has_pending_ = false;  ///< The policy has asked for a pre-warm at least once.
  std::vector<PoolFunction> functions_;
  std::vector<Container> containers_;
  std::vector<ContainerId> free_slots_;
  PoolTotals totals_;
  InstantQueue deadlines_;                  ///< By container: it may be over.
  InstantQueue prewarms_;                   ///< By function.
  InstantQueue watched_;                    ///< By container: it may be idle.
  std::vector<Instant> queued_deadline_;    ///< By container: the one entry of deadlines_ that counts.
  std::vector<PendingPrewarm> pending_;     ///< By function.
  std::vector<PoolFunctionCounts> counts_;  ///< By function.
  std::vector<ContainerId> victims_;
  std::vector<Prewarm> wanted_;
  PoolObserver* observer_ = nullptr;
  std::unique_ptr<KeepAlivePolicy> policy_;
};

}  // namespace thaw
