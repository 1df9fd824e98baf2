#include "sim/faascache/simulator.h"

#include <algorithm>
#include <limits>

#include "sim/replay.h"
#include "sim/slowdown.h"

namespace thaw::faascache {

Simulator::Simulator(std::span<const TraceFunction> functions, const PolicyChoice& policy, double memory_mb,
                     std::uint64_t seed, SimulationObserver* observer)
    : trace_functions_(functions),
      policy_(policy.policy),
      capacity_mb_(memory_mb),
      observer_(observer),
      random_(RandomStream{seed, "sim.faascache.rand"}),
      pool_(policy.ties),
      prewarming_(policy_ == Policy::histogram ? functions.size() : 0) {
  functions_.reserve(functions.size());
  for (const TraceFunction& function : functions) {
    const double init = function.cold_ms - function.warm_ms;
    functions_.push_back({.memory_mb = function.memory_mb,
                          .warm_ms = function.warm_ms,
                          .cold_ms = function.cold_ms,
                          .init_ms = init,
                          .init_ms_per_mb = init / function.memory_mb});
  }
  counts_.functions.resize(functions.size());
  if (policy_ == Policy::histogram) {
    histories_.resize(functions.size());
    seen_rank_.resize(functions.size());
  }
}

Result<> Simulator::invoke(double now_ms, FunctionIndex function) {
  now_ms_ = now_ms;
  idle_.advance(now_ms, used_mb_);
  cleanup_finished();
  if (policy_ == Policy::histogram) {
    prewarm_containers();
    track_activation(function);
  }
  FunctionOutcome& counts = counts_.functions[function];
  Id container = find_container(function);
  const bool is_warm = container != no_container;
  if (!is_warm) container = cache_miss(function);
  counts_.max_pool = std::max<std::uint64_t>(counts_.max_pool, pool_.size());
  if (container == no_container) {
    ++counts.dropped;
    if (observer_ != nullptr) observer_->on_invocation(now_ms, function, Served::dropped);
    return {};
  }
  ++(is_warm ? counts.warm : counts.cold);
  run(container, is_warm ? functions_[function].warm_ms : functions_[function].cold_ms);
  if (observer_ != nullptr) {
    observer_->on_invocation(now_ms, function, is_warm ? Served::warm : Served::cold);
  }
  update_priorities(container);
  // Sums of memories with fractions may be off by their rounding.
  if (used_mb_ - running_mb_ < -1e-9 * capacity_mb_) {
    return fail(ErrorKind::internal, "{} MB run at {} ms but {} MB are in use", running_mb_, now_ms,
                used_mb_);
  }
  if (observer_ != nullptr) observer_->on_served(now_ms, used_mb_, running_mb_);
  pool_.heapify();
  return {};
}

void Simulator::run(Id id, double duration_ms) {
  Container& container = containers_[id];
  FunctionState& function = functions_[container.function];
  ++container.frequency;
  ++function.frequency;
  container.is_running = true;
  --function.idle;
  running_.push(now_ms_ + duration_ms, id);
  if (policy_ == Policy::histogram) last_starts_[id] = starts_++;
  running_mb_ += function.memory_mb;
  idle_.runs(function.memory_mb, duration_ms);
}

void Simulator::update_priorities(Id id) {
  Container& container = containers_[id];
  container.last_access_ms = now_ms_;
  const double priority = priority_of(container);
  for (Id clone = functions_[container.function].first; clone != no_container;
       clone = containers_[clone].next) {
    pool_.set_priority(clone, priority);
  }
}

double Simulator::priority_of(const Container& container) {
  const FunctionState& function = functions_[container.function];
  const auto frequency = static_cast<double>(function.frequency);
  switch (policy_) {
    case Policy::greedy_dual:
      return clock_ + frequency * function.init_ms_per_mb;
    case Policy::frequency:
      return clock_ + frequency * function.init_ms;
    case Policy::size:
      return clock_ + frequency / function.memory_mb;
    case Policy::landlord:
      return function.warm_ms;
    case Policy::random:
      return static_cast<double>(random_.below(10));
    case Policy::ttl:
    case Policy::long_ttl:
    case Policy::lru:
    case Policy::histogram:
      break;
  }
  return container.last_access_ms;
}

void Simulator::cleanup_finished() {
  finished_.clear();
  while (running_.next_finish_ms() <= now_ms_) {
    const Id id = running_.pop();
    Container& container = containers_[id];
    container.is_running = false;
    ++functions_[container.function].idle;
    running_mb_ -= memories_mb_[id];
    if (policy_ == Policy::histogram) finished_.push_back(id);
  }
  if (policy_ == Policy::histogram) unload_finished();
  pool_.heapify();
}

void Simulator::unload_finished() {
  std::sort(finished_.begin(), finished_.end(),
            [this](Id a, Id b) { return last_starts_[a] < last_starts_[b]; });
  for (const Id id : finished_) {
    if (histories_[containers_[id].function].prewarm_ms() == 0) continue;
    remove_from_pool(id, "HIST-prewarm");
    ++counts_.expirations;
  }
}

// Inverted as in the original: it acts until the moment of the pre-warming, not from it on, and again at
// every call.
void Simulator::prewarm_containers() {
  const auto has_room = [this](double memory_mb) { return fits(memory_mb); };
  // Whoever does not fit may stay though the time is over: that shows when there is room.
  for (std::size_t rank = prewarming_.first_from(0, has_room); rank != FirstFit::none;
       rank = prewarming_.first_from(rank + 1, has_room)) {
    const FunctionIndex function = seen_[rank];
    const ActivationHistory& history = histories_[function];
    if (history.prewarm_ms() + history.last_seen_ms() < now_ms_) {
      prewarming_.take_out(rank);
    } else if (add_to_pool(function) != no_container) {
      ++counts_.prewarms;
    }
  }
}

void Simulator::track_activation(FunctionIndex function) {
  if (seen_rank_[function] == 0) {
    seen_.push_back(function);
    seen_rank_[function] = static_cast<std::uint32_t>(seen_.size());
  }
  ActivationHistory& history = histories_[function];
  history.record(now_ms_);
  const std::size_t rank = seen_rank_[function] - 1;
  const bool prewarms = history.prewarm_ms() != 0;
  if (prewarms == prewarming_.has(rank)) return;
  if (prewarms) {
    prewarming_.put(rank, functions_[function].memory_mb);
  } else {
    prewarming_.take_out(rank);
  }
}

std::optional<double> Simulator::ttl_of(FunctionIndex function) const {
  switch (policy_) {
    case Policy::ttl:
      return 10 * 60 * 1000;
    case Policy::long_ttl:
      return 2 * 60 * 60 * 1000;
    case Policy::histogram:
      return histories_[function].ttl_ms();
    default:
      return std::nullopt;
  }
}

Simulator::Id Simulator::find_container(FunctionIndex function) {
  const std::uint32_t idle = functions_[function].idle;
  if (idle == 0) return no_container;
  Id found = no_container;
  bool any_expired = false;
  const std::optional<double> ttl = ttl_of(function);
  for (Id id = functions_[function].first; id != no_container; id = containers_[id].next) {
    const Container& container = containers_[id];
    if (container.is_running) continue;
    if (ttl) any_expired |= container.last_access_ms + *ttl < now_ms_;
    if (idle == 1) {
      found = id;
      break;
    }
    if (found == no_container || pool_.position_of(id) < pool_.position_of(found)) found = id;
  }
  const bool looked_at_any = found != no_container;
  if (any_expired) found = purge_expired(function, *ttl);
  if (looked_at_any && (policy_ == Policy::ttl || policy_ == Policy::long_ttl)) pool_.heapify();
  return found;
}

// The survivor is the first in the order of the array before the purge, which moves everything.
Simulator::Id Simulator::purge_expired(FunctionIndex function, double ttl_ms) {
  chosen_.clear();
  for (Id id = functions_[function].first; id != no_container; id = containers_[id].next) {
    if (!containers_[id].is_running) chosen_.push_back(id);
  }
  std::sort(chosen_.begin(), chosen_.end(),
            [this](Id a, Id b) { return pool_.position_of(a) < pool_.position_of(b); });
  const std::string_view reason = policy_ == Policy::histogram ? "HIST-TTL-purge" : "TTL-purge";
  Id survivor = no_container;
  for (const Id id : chosen_) {
    if (containers_[id].last_access_ms + ttl_ms < now_ms_) {
      remove_from_pool(id, reason);
      ++counts_.functions[function].evictions;
      ++counts_.expirations;
    } else if (survivor == no_container) {
      survivor = id;
    }
  }
  return survivor;
}

Simulator::Id Simulator::cache_miss(FunctionIndex function) {
  if (!fits(functions_[function].memory_mb)) evict(functions_[function].memory_mb);
  const Id container = add_to_pool(function);
  if (container != no_container) pool_.heapify();
  return container;
}

void Simulator::evict(double to_free_mb) {
  constexpr std::size_t containers_per_pop = 256;
  note_memory("Pre-eviction", to_free_mb);
  victims_.clear();
  saved_.clear();
  if (running_.size() != pool_.size()) {
    if (policy_ == Policy::landlord) charge_rent();
    // To turn all ties over takes as long as to look at those of one pop in so many containers.
    const bool is_settled = pool_.size() <= containers_per_pop * (1 + pops_of_last_eviction_);
    if (is_settled) pool_.settle();
    double missing_mb = to_free_mb;
    while (missing_mb > 0 && !pool_.empty()) {
      const HeapqArray::Element lowest = is_settled ? pool_.pop_settled() : pool_.pop();
      const Container& container = containers_[lowest.id];
      if (container.is_running) {
        saved_.push_back(lowest);
        continue;
      }
      missing_mb -= functions_[container.function].memory_mb;
      victims_.push_back({container.function, lowest.priority()});
      ++counts_.functions[container.function].evictions;
      forget(lowest.id);
    }
    pops_of_last_eviction_ = saved_.size() + victims_.size();
    for (const HeapqArray::Element& element : saved_) {
      is_settled ? pool_.push_settled(element) : pool_.push_back_in(element);
    }
    for (const EvictedContainer& victim : victims_) used_mb_ -= functions_[victim.function].memory_mb;
    if (!victims_.empty()) clock_ = victims_.back().priority;
  }
  note_memory("Post-eviction", to_free_mb, victims_);
}

// Landlord (Young 2002): the rent per MB is what makes the poorest, by size, lose all of its credit.
void Simulator::charge_rent() {
  // Somebody who runs and has nothing left: the rent is nothing, and only the heapify remains.
  if (pool_.priority_at(0) == 0) {
    pool_.heapify();
    return;
  }
  double rent = std::numeric_limits<double>::infinity();
  pool_.settle();
  for (std::size_t i = 0; i < pool_.size(); ++i) {
    const double credit = pool_.priority_at(i);
    const double memory = memories_mb_[pool_.id_at(i)];
    // A multiplication rules out most credits that are too high for the slower division.
    if (credit <= 0 || credit <= rent * memory * (1 + 1e-12)) rent = std::min(rent, credit / memory);
  }
  pool_.revise_all([&](Id id, double credit) { return credit - rent * memories_mb_[id]; });
  pool_.heapify();
}

Simulator::Id Simulator::add_to_pool(FunctionIndex function) {
  FunctionState& state = functions_[function];
  if (!fits(state.memory_mb)) return no_container;
  used_mb_ += state.memory_mb;
  note_memory("Add", state.memory_mb);
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<Id>(containers_.size()));
    containers_.emplace_back();
    memories_mb_.push_back(0);
    last_starts_.push_back(0);
  }
  const Id id = free_slots_.back();
  free_slots_.pop_back();
  memories_mb_[id] = state.memory_mb;
  containers_[id] = {
      .last_access_ms = now_ms_, .function = function, .next = state.first, .previous = no_container};
  // The sum of frequencies is the same whether the newcomer, never used yet, is among them or not.
  pool_.push(id, priority_of(containers_[id]));
  ++state.idle;
  if (state.first != no_container) containers_[state.first].previous = id;
  state.first = id;
  return id;
}

void Simulator::remove_from_pool(Id id, std::string_view reason) {
  const double memory = functions_[containers_[id].function].memory_mb;
  pool_.erase(pool_.position_of(id));
  forget(id);
  used_mb_ -= memory;
  note_memory(reason, memory);
  pool_.heapify();
}

void Simulator::forget(Id id) {
  const Container& container = containers_[id];
  FunctionState& function = functions_[container.function];
  function.frequency -= container.frequency;
  --function.idle;
  (container.previous != no_container ? containers_[container.previous].next : function.first) =
      container.next;
  if (container.next != no_container) containers_[container.next].previous = container.previous;
  free_slots_.push_back(id);
}

SimulationOutcome Simulator::outcome() const {
  SimulationOutcome outcome = counts_;
  add_up_functions(outcome);
  outcome.end_pool = pool_.size();
  outcome.end_used_mb = used_mb_;
  IdleMemory idle = idle_;
  for (const FinishQueue::Entry& running : running_.entries()) {
    idle.still_runs(functions_[containers_[running.container].function].memory_mb, running.finish_ms());
  }
  outcome.idle_gb_s = idle.gb_s();
  fill_slowdown(outcome, trace_functions_, [](const TraceFunction& function) { return function.cold_ms; });
  return outcome;
}

}  // namespace thaw::faascache
