#include "sim/course/simulator.h"

#include <algorithm>
#include <cmath>

#include "sim/replay.h"
#include "sim/slowdown.h"

namespace thaw::course {

Simulator::Simulator(std::span<const TraceFunction> functions, VictimPicker& picker, double memory_mb,
                     SimulationObserver* observer)
    : functions_(functions),
      picker_(picker),
      capacity_mb_(memory_mb),
      observer_(observer),
      idle_clones_(functions.size()),
      calls_(functions.size()) {
  counts_.functions.resize(functions.size());
}

Result<> Simulator::run_invocation(double now_ms, FunctionIndex function) {
  now_ms_ = now_ms;
  idle_.advance(now_ms, used_mb_);
  cleanup_finished();
  ++calls_[function];

  FunctionOutcome& counts = counts_.functions[function];
  Place container = find_container(function);
  const bool is_warm = container != pool_.end();
  if (!is_warm) {
    THAW_TRY(const std::optional<std::uint64_t> created, cache_miss(function));
    counts_.max_pool = std::max<std::uint64_t>(counts_.max_pool, pool_.size());
    if (!created) {
      ++counts.dropped;
      if (observer_ != nullptr) observer_->on_invocation(now_ms, function, Served::dropped);
      return {};
    }
    container = pool_.end() - 1;
  }
  ++(is_warm ? counts.warm : counts.cold);
  run(at(container), is_warm ? functions_[function].warm_ms : cold_run_ms(functions_[function]));
  if (observer_ != nullptr) {
    observer_->on_invocation(now_ms, function, is_warm ? Served::warm : Served::cold);
    observer_->on_served(now_ms, used_mb_, running_mb_);
  }
  return check_memory();
}

void Simulator::run(Container& container, double duration_ms) {
  const double memory = functions_[container.function].memory_mb;
  container.is_running = true;
  ++container.uses;
  container.last_start_ms = now_ms_;
  container.last_use = starts_++;
  --idle_clones_[container.function];
  running_mb_ += memory;
  running_.push_back({now_ms_ + duration_ms, container.id});
  std::push_heap(running_.begin(), running_.end());
  idle_.runs(memory, duration_ms);
}

// Containers are only ever appended, so the pool is sorted by their ids.
Simulator::Place Simulator::place_of(std::uint64_t id) const {
  const Place place = std::lower_bound(
      pool_.begin(), pool_.end(), id, [](const Container& c, std::uint64_t wanted) { return c.id < wanted; });
  return place != pool_.end() && place->id == id ? place : pool_.end();
}

Simulator::Place Simulator::find_container(FunctionIndex function) const {
  if (idle_clones_[function] == 0) return pool_.end();
  return std::find_if(pool_.begin(), pool_.end(),
                      [&](const Container& c) { return c.function == function && !c.is_running; });
}

std::size_t Simulator::cleanup_finished() {
  std::size_t finished = 0;
  while (!running_.empty() && running_.front().finish_ms <= now_ms_) {
    std::pop_heap(running_.begin(), running_.end());
    Container& container = at(place_of(running_.back().container));
    running_.pop_back();
    container.is_running = false;
    ++idle_clones_[container.function];
    running_mb_ -= functions_[container.function].memory_mb;
    ++finished;
  }
  return finished;
}

Result<std::optional<std::uint64_t>> Simulator::cache_miss(FunctionIndex function) {
  if (functions_[function].memory_mb + used_mb_ > capacity_mb_) THAW_CHECK(evict(function));
  return add_to_pool(function);
}

Result<> Simulator::evict(FunctionIndex function) {
  const double wanted = functions_[function].memory_mb;
  note_memory("Pre-eviction", wanted);
  std::vector<EvictedContainer> gone;
  if (running_.size() != pool_.size()) {
    std::vector<IdleContainer> idle;
    std::vector<std::uint64_t> ids;
    for (const Container& c : pool_) {
      if (c.is_running) continue;
      const TraceFunction& f = functions_[c.function];
      idle.push_back({c.function, f.memory_mb, f.cold_ms, f.warm_ms, c.uses, c.last_start_ms, c.last_use,
                      calls_[c.function]});
      ids.push_back(c.id);
    }
    for (const std::size_t victim : picker_.pick({wanted, now_ms_, capacity_mb_}, idle)) {
      if (victim >= idle.size()) {
        return fail(ErrorKind::internal, "the eviction chose container {} of {} idle ones", victim,
                    idle.size());
      }
      THAW_CHECK(remove_from_pool(ids[victim]));
      ++counts_.functions[idle[victim].function].evictions;
      gone.push_back({idle[victim].function, 0});
    }
  }
  note_memory("Post-eviction", wanted, gone);
  return {};
}

std::optional<std::uint64_t> Simulator::add_to_pool(FunctionIndex function) {
  const double memory = functions_[function].memory_mb;
  if (memory + used_mb_ > capacity_mb_) return std::nullopt;
  used_mb_ += memory;
  ++idle_clones_[function];
  pool_.push_back({.id = created_++, .function = function});
  note_memory("Add", memory);
  return pool_.back().id;
}

Result<> Simulator::remove_from_pool(std::uint64_t id) {
  const Place place = place_of(id);
  if (place == pool_.end()) return fail(ErrorKind::internal, "container {} is not in the pool", id);
  const TraceFunction& function = functions_[place->function];
  if (place->is_running) {
    return fail(ErrorKind::internal, "container {} of {} runs and cannot be removed", id, function.name);
  }
  --idle_clones_[place->function];
  used_mb_ -= function.memory_mb;
  pool_.erase(place);
  return {};
}

Result<> Simulator::check_memory() const {
  double sum = 0;
  for (const Container& c : pool_) sum += functions_[c.function].memory_mb;
  // Whole numbers of MB add up exactly; sums of fractions may differ by their rounding.
  const double rounding = 1e-9 * capacity_mb_;
  if (std::abs(sum - used_mb_) > rounding) {
    return fail(ErrorKind::internal, "the pool holds {} MB but {} MB are counted as used", sum, used_mb_);
  }
  if (sum > capacity_mb_ + rounding) {
    return fail(ErrorKind::internal, "the pool holds {} MB of {} MB", sum, capacity_mb_);
  }
  return {};
}

SimulationOutcome Simulator::outcome() const {
  SimulationOutcome outcome = counts_;
  add_up_functions(outcome);
  outcome.end_pool = pool_.size();
  outcome.end_used_mb = used_mb_;
  IdleMemory idle = idle_;
  for (const Running& running : running_) {
    idle.still_runs(functions_[place_of(running.container)->function].memory_mb, running.finish_ms);
  }
  outcome.idle_gb_s = idle.gb_s();
  fill_slowdown(outcome, functions_, cold_run_ms);
  return outcome;
}

}  // namespace thaw::course
