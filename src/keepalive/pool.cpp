#include "keepalive/pool.h"

#include <algorithm>
#include <utility>

namespace thaw {
namespace {

/// a + b, `forever` when either is or the sum is beyond it. REQUIRES: a >= 0, b >= -1 ns.
Instant add(Instant a, Nanos b) { return b >= forever - a ? forever : a + b; }

/// When a container goes unless it is used again: it is still there at exactly the end of its keep-alive.
Instant deadline_of(const Container& container) {
  return add(container.busy_until, add(Nanos{1}, container.keep_alive));
}

}  // namespace

Pool::Pool(Bytes capacity, std::unique_ptr<KeepAlivePolicy> policy)
    : capacity_(capacity), policy_(std::move(policy)) {
  policy_->attach(*this);
  wants_arrivals_ = policy_->wants_arrivals();
  may_wait_ = policy_->may_wait();
  update_next_due();
}

FunctionId Pool::add_function(Bytes memory, Nanos init, Nanos warm) {
  PoolFunction function;
  function.memory = memory;
  function.init = init;
  function.warm = warm;
  functions_.push_back(function);
  pending_.emplace_back();
  counts_.emplace_back();
  return static_cast<FunctionId>(functions_.size() - 1);
}

// --- the books of one function: a stack of idle containers, and the running ones ---------------------------------------

void Pool::push_idle(PoolFunction& function, ContainerId id) {
  Container& added = containers_[id];
  added.next = function.idle;
  added.other = no_container;
  added.is_stacked = true;
  if (function.idle != no_container) containers_[function.idle].other = id;
  function.idle = id;
}

void Pool::unlink_idle(PoolFunction& function, ContainerId id) {
  Container& gone = containers_[id];
  if (gone.next != no_container) containers_[gone.next].other = gone.other;
  if (gone.other != no_container) {
    containers_[gone.other].next = gone.next;
  } else {
    function.idle = gone.next;
  }
  gone.is_stacked = false;
}

void Pool::unlink_running(PoolFunction& function, ContainerId id) {
  // From anywhere in their order, which only a crash asks for: no need to be fast.
  std::vector<ContainerId> others;
  while (!function.running.empty()) {
    if (const ContainerId first = function.running.pop(containers_); first != id) others.push_back(first);
  }
  for (const ContainerId other : others) function.running.push(containers_, other);
}

ContainerId Pool::take_idle(PoolFunction& function, Instant now) {
  ContainerId found = no_container;
  while (!function.running.empty() && !is_busy(function.running.first(), now)) {
    if (found != no_container) push_idle(function, found);
    found = function.running.pop(containers_);
  }
  // What has just left the heap finished after everything on the stack.
  if (found != no_container) return found;
  found = function.idle;
  if (found != no_container) unlink_idle(function, found);
  return found;
}

void Pool::settle(PoolFunction& function, Instant now) {
  while (!function.running.empty() && !is_busy(function.running.first(), now)) {
    push_idle(function, function.running.pop(containers_));
  }
}

// --- what a driver tells ----------------------------------------------------------------------------------------------

void Pool::announce(FunctionId id, Instant now) {
  if (!wants_arrivals_) return;
  policy_->on_arrival(id, now);
  next_due_ = std::min(next_due_, policy_->next_tick());
}

Placement Pool::place(FunctionId id, Instant now) {
  announce(id, now);
  const Placement placement = try_place(id, now);
  if (placement.outcome == Outcome::dropped) give_up(id);
  return placement;
}

Placement Pool::try_place(FunctionId id, Instant now) {
  PoolFunction& function = functions_[id];
  if (const ContainerId idle = take_idle(function, now); idle != no_container) {
    ++function.hits;
    const Container& container = containers_[idle];
    totals_.idle_byte_seconds +=
        static_cast<double>(function.memory.count()) * to_seconds(now - container.busy_until);
    start(idle, false, now, now);
    return {idle, Outcome::warm, now};
  }
  if (may_wait_ && !function.running.empty() && policy_->waits_for_busy(id, now)) {
    const ContainerId busy = function.running.pop(containers_);
    const Instant starts_at = containers_[busy].busy_until;
    ++function.hits;
    start(busy, false, starts_at, now);
    return {busy, Outcome::delayed, starts_at};
  }
  if (!make_room(id, now)) return {};
  ++counts_[id].cold;
  const ContainerId created = create(id, now);
  if (observer_ != nullptr) observer_->on_created(created, false, now);
  start(created, true, now, now);
  return {created, Outcome::cold, now};
}

void Pool::start(ContainerId id, bool is_cold, Instant starts_at, Instant now) {
  Container& container = containers_[id];
  PoolFunction& function = functions_[container.function];
  container.started_at = starts_at;
  container.busy_until = unknown_end;
  container.last_use = ++serial_;
  container.is_watched = false;
  container.is_prewarmed = false;
  ++container.uses;
  ++function.uses;
  const Retention retention = policy_->on_start(id, is_cold, now);
  container.keep_alive = retention.keep_alive;
  if (retention.prewarm_after > Nanos::zero()) [[unlikely]] {
    container.keep_alive = Nanos{-1};  // gone by the end of the execution, that instant included
    PendingPrewarm& pending = pending_[container.function];
    pending = {retention.prewarm_after, retention.keep_alive, pending.serial + 1, id};
    has_pending_ = true;
  } else if (has_pending_) {
    PendingPrewarm& pending = pending_[container.function];
    pending = {Nanos::zero(), Nanos::zero(), pending.serial + 1, no_container};
  }
}

void Pool::runs_until(ContainerId id, Instant end) {
  Container& container = containers_[id];
  container.busy_until = end;
  functions_[container.function].running.push(containers_, id);
  if (container.keep_alive != forever) schedule_end(id);
}

void Pool::finished(ContainerId id, Instant now) {
  Container& container = containers_[id];
  container.busy_until = now;
  push_idle(functions_[container.function], id);
  if (container.keep_alive != forever) schedule_end(id);
  if (container.is_watched) watched_.push(now, id, container.generation);
}

void Pool::stop(ContainerId id, Instant now) {
  Container& container = containers_[id];
  if (!container.exists) return;
  PoolFunction& function = functions_[container.function];
  settle(function, now);
  if (container.is_stacked) {
    remove(id, Removal::stopped, now);
    return;
  }
  // Busy with an unknown end, it is on no list.
  if (container.busy_until != unknown_end) unlink_running(function, id);
  free_slot(id, Removal::stopped, now);
}

void Pool::schedule_end(ContainerId id) {
  const Container& container = containers_[id];
  const Instant at = deadline_of(container);
  if (at < queued_deadline_[id]) {
    queued_deadline_[id] = at;
    deadlines_.push(at, id, container.generation);
    update_next_due();
  }
  if (!has_pending_) return;
  const PendingPrewarm& pending = pending_[container.function];
  if (pending.after > Nanos::zero() && pending.decided == id) {
    prewarms_.push(add(container.busy_until, pending.after), container.function, pending.serial);
    update_next_due();
  }
}

void Pool::close(Instant now) {
  for (const Container& container : containers_) {
    if (!container.exists || container.busy_until >= now) continue;
    totals_.idle_byte_seconds += static_cast<double>(functions_[container.function].memory.count()) *
                                 to_seconds(now - container.busy_until);
  }
}

// --- room -------------------------------------------------------------------------------------------------------------

bool Pool::make_room(FunctionId id, Instant now) {
  const Bytes needed = functions_[id].memory;
  if (used_ + needed <= capacity_) return true;
  if (needed > capacity_) return false;
  report_idle(now);
  victims_.clear();
  if (!policy_->choose_victims(used_ + needed - capacity_, id, now, victims_)) return false;
  for (const ContainerId victim : victims_) {
    THAW_ASSERT(containers_[victim].exists && !is_busy(victim, now),
                "a policy chose a container that is not idle");
    PoolFunction& owner = functions_[containers_[victim].function];
    settle(owner, now);
    ++totals_.evictions;
    ++counts_[containers_[victim].function].evictions;
    remove(victim, Removal::evicted, now);
  }
  return true;
}

ContainerId Pool::create(FunctionId id, Instant now) {
  ContainerId slot = static_cast<ContainerId>(containers_.size());
  if (free_slots_.empty()) {
    containers_.emplace_back();
    queued_deadline_.push_back(forever);
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  Container& container = containers_[slot];
  const std::uint32_t generation = container.generation;
  container = Container{};
  container.generation = generation;
  container.function = id;
  container.exists = true;
  container.started_at = now;
  PoolFunction& function = functions_[id];
  if (function.containers++ == 0) function.uses = 0;
  used_ += function.memory;
  totals_.most_containers = std::max(totals_.most_containers, ++count_);
  return slot;
}

void Pool::remove(ContainerId id, Removal reason, Instant now) {
  Container& container = containers_[id];
  PoolFunction& function = functions_[container.function];
  unlink_idle(function, id);
  totals_.idle_byte_seconds +=
      static_cast<double>(function.memory.count()) * to_seconds(now - container.busy_until);
  free_slot(id, reason, now);
}

void Pool::free_slot(ContainerId id, Removal reason, Instant now) {
  policy_->on_removed(id, reason, now);
  if (observer_ != nullptr) observer_->on_removed(id, reason, now);
  Container& container = containers_[id];
  PoolFunction& function = functions_[container.function];
  --function.containers;
  used_ -= function.memory;
  --count_;
  container.exists = false;
  ++container.generation;
  queued_deadline_[id] = forever;
  free_slots_.push_back(id);
}

// --- what comes due ---------------------------------------------------------------------------------------------------

void Pool::watch(ContainerId id) {
  Container& container = containers_[id];
  if (container.is_watched) return;
  container.is_watched = true;
  if (container.busy_until != unknown_end) watched_.push(container.busy_until, id, container.generation);
}

void Pool::report_idle(Instant now) {
  while (watched_.first() <= now) {
    const auto popped = watched_.pop(now);
    if (!popped) return;
    const InstantQueue::Entry entry = *popped;
    Container& container = containers_[entry.id];
    const bool is_valid = container.exists && container.generation == entry.stamp && container.is_watched &&
                          container.busy_until == entry.at;
    if (!is_valid) continue;
    container.is_watched = false;
    policy_->on_idle(entry.id, now);
  }
}

void Pool::update_next_due() {
  next_due_ = std::min({deadlines_.first(), prewarms_.first(), policy_->next_tick()});
}

void Pool::run_due(Instant now) {
  // Expiries before pre-warms before ticks of the same instant: what goes makes room for what comes.
  while (next_due_ <= now) {
    if (deadlines_.first() == next_due_) {
      // An entry that is put off must not take along what comes after the next pre-warm or tick.
      expire_next(std::min({now, prewarms_.first(), policy_->next_tick()}));
    } else if (prewarms_.first() == next_due_) {
      run_prewarm(*prewarms_.pop(now));
    } else {
      run_tick(next_due_);
    }
    update_next_due();
  }
}

bool Pool::refresh_deadline(InstantQueue::Entry& entry) {
  const Container& container = containers_[entry.id];
  if (container.generation != entry.stamp || queued_deadline_[entry.id] != entry.at) return false;
  const bool has_none = container.keep_alive == forever || container.busy_until == unknown_end;
  // Used again since, it is due later: one entry per container follows it from deadline to deadline.
  entry.at = has_none ? forever : std::max(entry.at, deadline_of(container));
  queued_deadline_[entry.id] = entry.at;
  return entry.at != forever;
}

void Pool::expire_next(Instant limit) {
  auto entry = deadlines_.pop(limit, [this](InstantQueue::Entry& moved) { return refresh_deadline(moved); });
  if (!entry) return;
  const Instant due = entry->at;
  if (!refresh_deadline(*entry)) return;
  if (entry->at > due) {
    deadlines_.push(entry->at, entry->id, entry->stamp);
    return;
  }
  queued_deadline_[entry->id] = forever;
  const Container& container = containers_[entry->id];
  const Removal reason = container.keep_alive < Nanos::zero() ? Removal::unloaded : Removal::expired;
  settle(functions_[container.function], due);
  ++totals_.expirations;
  remove(entry->id, reason, std::max(due - Nanos{1}, container.busy_until));
}

void Pool::run_prewarm(const InstantQueue::Entry& entry) {
  PendingPrewarm& pending = pending_[entry.id];
  if (pending.after <= Nanos::zero() || pending.serial != entry.stamp) return;
  pending.after = Nanos::zero();
  if (functions_[entry.id].containers == 0) prewarm(entry.id, pending.keep_alive, entry.at);
}

void Pool::run_tick(Instant now) {
  wanted_.clear();
  policy_->on_tick(now, wanted_);
  for (const Prewarm& wanted : wanted_) prewarm(wanted.function, wanted.keep_alive, now);
  THAW_ASSERT(policy_->next_tick() > now, "a policy's next tick must be later than the one at {} ns",
              now.count());
}

void Pool::prewarm(FunctionId id, Nanos keep_alive, Instant now) {
  PoolFunction& function = functions_[id];
  if (used_ + function.memory > capacity_) return;
  settle(function, now);
  const ContainerId created = create(id, now);
  Container& container = containers_[created];
  container.busy_until = now;
  container.keep_alive = keep_alive;
  container.last_use = ++serial_;
  container.is_prewarmed = true;
  push_idle(function, created);
  ++totals_.prewarms;
  if (observer_ != nullptr) observer_->on_created(created, true, now);
  policy_->on_prewarmed(created, now);
  if (keep_alive != forever) schedule_end(created);
}

}  // namespace thaw
