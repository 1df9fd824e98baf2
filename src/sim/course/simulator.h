#pragma once
// The course variant of the simulator, part by part: a list of containers, a dictionary of those that run,
// and a function that chooses victims. Names follow the original as far as our style allows;
// docs/simulation-models.md has the table of counterparts.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "keepalive/victim_pickers.h"
#include "sim/idle_memory.h"
#include "sim/observer.h"
#include "sim/outcome.h"

namespace thaw::course {

/// What a cold run lasts: three seconds and a fifth of the cold time more, added in this order.
inline double cold_run_ms(const TraceFunction& function) {
  return 3000 + function.cold_ms + 0.2 * function.cold_ms;
}

/// A container in memory, running or idle.
struct Container {
  std::uint64_t id = 0;  ///< In order of creation.
  FunctionIndex function = 0;
  std::uint64_t uses = 0;
  double last_start_ms = 0;
  std::uint64_t last_use = 0;
  bool is_running = false;
};

class Simulator {
 public:
  /// REQUIRES: check_inputs accepts functions and memory. The observer may be null; all others outlive the
  /// simulator.
  Simulator(std::span<const TraceFunction> functions, VictimPicker& picker, double memory_mb,
            SimulationObserver* observer);

  /// The entry point: an invocation is served or dropped. REQUIRES: times never fall; the function is known.
  /// Errors: internal (a broken picker, memory that does not add up).
  Result<> run_invocation(double now_ms, FunctionIndex function);

  /// A new container in the pool, after an eviction if it does not fit; nullopt when it still does not.
  /// Errors: as evict.
  Result<std::optional<std::uint64_t>> cache_miss(FunctionIndex function);
  /// Removes the containers that the picker names for this function. Nothing when everything runs.
  /// Errors: internal, for a place outside the list or one that is named twice.
  Result<> evict(FunctionIndex function);
  /// Turns the runs that are over into idle containers; gives their number.
  std::size_t cleanup_finished();
  /// A new container when there is memory for it.
  std::optional<std::uint64_t> add_to_pool(FunctionIndex function);
  /// Errors: internal, for a container that runs or is not in the pool.
  Result<> remove_from_pool(std::uint64_t id);
  /// The memory in use is the sum over the pool, and within the server's. Errors: internal.
  [[nodiscard]] Result<> check_memory() const;

  [[nodiscard]] double mem_capacity() const { return capacity_mb_; }
  [[nodiscard]] double mem_used() const { return used_mb_; }
  /// All containers in order of insertion.
  [[nodiscard]] std::span<const Container> container_pool() const { return pool_; }
  /// The outcome until now, without the point, number of invocations and time taken.
  [[nodiscard]] SimulationOutcome outcome() const;

 private:
  using Place = std::vector<Container>::const_iterator;
  struct Running {
    double finish_ms;
    std::uint64_t container;
    /// Min-heap order for std::push_heap.
    bool operator<(const Running& other) const { return finish_ms > other.finish_ms; }
  };

  [[nodiscard]] Place place_of(std::uint64_t id) const;
  [[nodiscard]] Place find_container(FunctionIndex function) const;
  Container& at(Place place) { return pool_[static_cast<std::size_t>(place - pool_.cbegin())]; }
  void run(Container& container, double duration_ms);
  void note_memory(std::string_view reason, double size_mb, std::span<const EvictedContainer> victims = {}) {
    if (observer_ != nullptr) observer_->on_memory(now_ms_, reason, used_mb_, size_mb, victims);
  }

  std::span<const TraceFunction> functions_;
  VictimPicker& picker_;
  double capacity_mb_;
  SimulationObserver* observer_;

  double now_ms_ = 0;
  double used_mb_ = 0;
  double running_mb_ = 0;
  std::vector<Container> pool_;
  std::vector<std::uint32_t> idle_clones_;  ///< By function.
  std::vector<std::uint64_t> calls_;        ///< By function, dropped ones too.
  std::vector<Running> running_;            ///< Heap, earliest finish first.
  std::uint64_t created_ = 0;
  std::uint64_t starts_ = 0;
  IdleMemory idle_;
  SimulationOutcome counts_;
};

}  // namespace thaw::course
