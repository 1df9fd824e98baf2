#include "sim/observed_pool.h"

#include <span>

#include "sim/simulated_pool.h"

namespace thaw {
namespace {

double megabytes(std::int64_t bytes) { return static_cast<double>(bytes) * 1e-6; }

std::string_view word_for(Removal reason) {
  switch (reason) {
    case Removal::evicted:
      return "Post-eviction";
    case Removal::expired:
      return "TTL-purge";
    case Removal::unloaded:
      return "HIST-prewarm";
    case Removal::stopped:
      break;
  }
  return "Stopped";
}

ContainerMoment moment_of(Removal reason) {
  switch (reason) {
    case Removal::evicted:
      return ContainerMoment::evict;
    case Removal::expired:
      return ContainerMoment::expire;
    case Removal::unloaded:
      return ContainerMoment::unload;
    case Removal::stopped:
      break;
  }
  return ContainerMoment::stop;
}

}  // namespace

void ObservedMemory::runs(std::int64_t bytes, Instant from, Instant to) {
  changes_.push({from, bytes});
  changes_.push({to, -bytes});
}

std::int64_t ObservedMemory::running_at(Instant now) {
  for (; !changes_.empty() && changes_.top().at <= now; changes_.pop()) running_ += changes_.top().bytes;
  return running_;
}

ObservedPool::ObservedPool(Pool& pool, ObservedMemory& memory, SimulationObserver& observer)
    : pool_(pool), memory_(memory), observer_(observer) {
  pool.observe(this);
}

std::int64_t ObservedPool::memory_of(ContainerId container) const {
  return pool_.function(pool_.container(container).function).memory.count();
}

void ObservedPool::tell(FunctionId function, const ContainerEvent& event) {
  observer_.on_container(function, event);
}

void ObservedPool::plan(Instant at, ContainerMoment moment, ContainerId container) {
  pending_.push({at, ++planned_, moment, pool_.container(container).function, numbers_[container]});
}

void ObservedPool::tell_pending(Instant until) {
  for (; !pending_.empty() && pending_.top().at <= until; pending_.pop()) {
    const Pending& next = pending_.top();
    tell(next.function, {.at = next.at,
                         .moment = next.moment,
                         .kind = StartKind::warm,
                         .instance = next.instance,
                         .used_bytes = memory_.used()});
  }
}

void ObservedPool::close() { tell_pending(Instant::max()); }

void ObservedPool::tell_of(FunctionId function, const Placement& placement, Instant now) {
  tell_pending(now);
  if (placement.outcome == Outcome::dropped) {
    tell(function,
         {.at = now, .moment = ContainerMoment::drop, .used_bytes = memory_.used(), .reason = "no-memory"});
    return;
  }
  if (placement.outcome == Outcome::delayed) {
    plan(placement.starts_at, ContainerMoment::start, placement.container);
  } else {
    tell(function, {.at = now,
                    .moment = ContainerMoment::start,
                    .kind = placement.outcome == Outcome::cold ? StartKind::cold : StartKind::warm,
                    .instance = numbers_[placement.container],
                    .used_bytes = memory_.used()});
  }
  plan(pool_.container(placement.container).busy_until, ContainerMoment::finish, placement.container);
}

void ObservedPool::on_created(ContainerId container, bool is_prewarm, Instant now) {
  tell_pending(now);
  const std::int64_t memory = memory_of(container);
  memory_.add(memory);
  if (numbers_.size() <= container) numbers_.resize(container + 1);
  numbers_[container] = ++made_;
  if (is_prewarm) {
    tell(pool_.container(container).function, {.at = now,
                                               .moment = ContainerMoment::start,
                                               .kind = StartKind::prewarm,
                                               .instance = made_,
                                               .used_bytes = memory_.used()});
  }
  observer_.on_memory(ms_of(now), "Add", megabytes(memory_.used()), megabytes(memory), {});
}

void ObservedPool::on_removed(ContainerId container, Removal reason, Instant now) {
  tell_pending(now);
  const std::int64_t memory = memory_of(container);
  memory_.add(-memory);
  tell(pool_.container(container).function, {.at = now,
                                             .moment = moment_of(reason),
                                             .instance = numbers_[container],
                                             .used_bytes = memory_.used()});
  const EvictedContainer victim{pool_.container(container).function, pool_.container(container).priority};
  const std::span victims(&victim, reason == Removal::evicted ? 1 : 0);
  observer_.on_memory(ms_of(now), word_for(reason), megabytes(memory_.used()), megabytes(memory), victims);
}

void ObservedPool::on_placed(double time_ms, FunctionId function, const Placement& placement) {
  const Outcome outcome = placement.outcome;
  observer_.on_invocation(time_ms, function,
                          outcome == Outcome::dropped ? Served::dropped
                          : outcome == Outcome::cold  ? Served::cold
                                                      : Served::warm);
  tell_of(function, placement, nanos_of(time_ms));
  if (outcome == Outcome::dropped) return;
  // Who waits for a busy container executes from that one's end on.
  memory_.runs(memory_of(placement.container), placement.starts_at,
               pool_.container(placement.container).busy_until);
  const std::int64_t running = memory_.running_at(nanos_of(time_ms));
  observer_.on_served(time_ms, megabytes(memory_.used()), megabytes(running));
}

}  // namespace thaw
