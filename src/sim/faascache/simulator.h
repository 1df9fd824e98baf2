#pragma once
// The research simulator of FaasCache (Fuerst & Sharma, ASPLOS 2021), step by step as coded: one server with
// memory and endless processors, a heap of containers, and a policy that is a formula for their priority. Its
// oddities are part of the model; docs/simulation-models.md lists them.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/random.h"
#include "sim/faascache/activation_history.h"
#include "sim/faascache/finish_queue.h"
#include "sim/faascache/first_fit.h"
#include "sim/faascache/heapq_array.h"
#include "sim/faascache/policy.h"
#include "sim/idle_memory.h"
#include "sim/observer.h"
#include "sim/outcome.h"

namespace thaw::faascache {

struct alignas(32) Container {
  double last_access_ms = 0;  ///< Start of the last run, or of its life.
  FunctionIndex function = 0;
  std::uint32_t frequency = 0;  ///< Runs of this container.
  HeapqArray::Id next = 0;      ///< The function's next container, `no_container` at the end.
  HeapqArray::Id previous = 0;
  bool is_running = false;
};

inline constexpr HeapqArray::Id no_container = ~HeapqArray::Id{0};

class Simulator {
 public:
  /// REQUIRES: check_inputs accepts functions and memory. The observer may be null; functions outlive the
  /// simulator.
  Simulator(std::span<const TraceFunction> functions, const PolicyChoice& policy, double memory_mb,
            std::uint64_t seed, SimulationObserver* observer);

  /// runActivation. REQUIRES: times never fall; the function is known. Errors: internal, when more memory
  /// runs than is in use.
  Result<> invoke(double now_ms, FunctionIndex function);

  /// The outcome until now, without the point, number of invocations and time taken.
  [[nodiscard]] SimulationOutcome outcome() const;

  /// The pool in array order, for whoever compares it.
  [[nodiscard]] const HeapqArray& pool() {
    pool_.settle();
    return pool_;
  }
  [[nodiscard]] const Container& container(HeapqArray::Id id) const { return containers_[id]; }

 private:
  using Id = HeapqArray::Id;

  struct alignas(64) FunctionState {
    double memory_mb;
    double warm_ms;
    double cold_ms;
    double init_ms;  ///< Cold minus warm, also where that is negative.
    double init_ms_per_mb;
    std::uint64_t frequency = 0;  ///< Sum over its containers in the pool.
    std::uint32_t idle = 0;       ///< Containers in the pool that do not run.
    Id first = no_container;
  };

  void cleanup_finished();
  void unload_finished();
  void prewarm_containers();
  void track_activation(FunctionIndex function);
  Id find_container(FunctionIndex function);
  Id purge_expired(FunctionIndex function, double ttl_ms);
  Id cache_miss(FunctionIndex function);
  void evict(double to_free_mb);
  void charge_rent();
  Id add_to_pool(FunctionIndex function);
  void remove_from_pool(Id container, std::string_view reason);
  void forget(Id container);
  void run(Id container, double duration_ms);
  void update_priorities(Id container);
  double priority_of(const Container& container);
  [[nodiscard]] std::optional<double> ttl_of(FunctionIndex function) const;
  [[nodiscard]] bool fits(double memory_mb) const { return memory_mb + used_mb_ <= capacity_mb_; }
  void note_memory(std::string_view reason, double size_mb, std::span<const EvictedContainer> victims = {}) {
    if (observer_ != nullptr) observer_->on_memory(now_ms_, reason, used_mb_, size_mb, victims);
  }

  std::span<const TraceFunction> trace_functions_;
  Policy policy_;
  double capacity_mb_;
  SimulationObserver* observer_;
  RandomStream random_;

  double now_ms_ = 0;
  double clock_ = 0;  ///< Priority of the last victim.
  double used_mb_ = 0;
  double running_mb_ = 0;
  HeapqArray pool_;
  std::vector<Container> containers_;  ///< By id; slots are used again.
  std::vector<double> memories_mb_;    ///< By id.
  std::vector<Id> free_slots_;
  std::vector<FunctionState> functions_;
  FinishQueue running_;
  std::uint64_t starts_ = 0;

  // HIST only.
  std::vector<ActivationHistory> histories_;
  std::vector<FunctionIndex> seen_;         ///< Functions in the order of their first call.
  std::vector<std::uint32_t> seen_rank_;    ///< Place in seen_ plus one; 0 before the first call.
  std::vector<std::uint64_t> last_starts_;  ///< By container: number of its last run, among all runs.
  FirstFit prewarming_;                     ///< By place in seen_: may be due to pre-warm.

  IdleMemory idle_;
  SimulationOutcome counts_;
  std::vector<Id> finished_;
  std::vector<Id> chosen_;
  std::vector<EvictedContainer> victims_;
  std::vector<HeapqArray::Element> saved_;
  std::size_t pops_of_last_eviction_ = 0;
};

}  // namespace thaw::faascache
