#include "sim/observed_pool.h"

#include <span>

#include "sim/simulated_pool.h"

namespace thaw {
namespace {

double milliseconds(Instant time) { return static_cast<double>(time.count()) * 1e-6; }
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

ObservedPool::ObservedPool(Pool& pool, SimulationObserver& observer) : pool_(pool), observer_(observer) {
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
                         .used_bytes = used_});
  }
}

void ObservedPool::close() { tell_pending(Instant::max()); }

void ObservedPool::on_dropped(double time_ms, FunctionId function) {
  const Instant now = nanos_of(time_ms);
  tell_pending(now);
  tell(function, {.at = now, .moment = ContainerMoment::drop, .used_bytes = used_, .reason = "no-memory"});
}

void ObservedPool::on_created(ContainerId container, bool is_prewarm, Instant now) {
  tell_pending(now);
  const std::int64_t memory = memory_of(container);
  used_ += memory;
  if (numbers_.size() <= container) numbers_.resize(container + 1);
  numbers_[container] = ++made_;
  if (is_prewarm) {
    tell(pool_.container(container).function, {.at = now,
                                               .moment = ContainerMoment::start,
                                               .kind = StartKind::prewarm,
                                               .instance = made_,
                                               .used_bytes = used_});
  }
  observer_.on_memory(milliseconds(now), "Add", megabytes(used_), megabytes(memory), {});
}

void ObservedPool::on_removed(ContainerId container, Removal reason, Instant now) {
  tell_pending(now);
  const std::int64_t memory = memory_of(container);
  used_ -= memory;
  tell(pool_.container(container).function,
       {.at = now, .moment = moment_of(reason), .instance = numbers_[container], .used_bytes = used_});
  const EvictedContainer victim{pool_.container(container).function, pool_.container(container).priority};
  const std::span victims(&victim, reason == Removal::evicted ? 1 : 0);
  observer_.on_memory(milliseconds(now), word_for(reason), megabytes(used_), megabytes(memory), victims);
}

void ObservedPool::on_served(double time_ms, const Placement& placement) {
  const Instant now = nanos_of(time_ms);
  const std::int64_t memory = memory_of(placement.container);
  tell_pending(now);
  const Container& taken = pool_.container(placement.container);
  if (placement.outcome == Outcome::delayed) {
    plan(placement.starts_at, ContainerMoment::start, placement.container);
  } else {
    tell(taken.function, {.at = now,
                          .moment = ContainerMoment::start,
                          .kind = placement.outcome == Outcome::cold ? StartKind::cold : StartKind::warm,
                          .instance = numbers_[placement.container],
                          .used_bytes = used_});
  }
  plan(taken.busy_until, ContainerMoment::finish, placement.container);
  // Who waits for a busy container executes from that one's end on.
  changes_.push({placement.starts_at, memory});
  changes_.push({pool_.container(placement.container).busy_until, -memory});
  for (; !changes_.empty() && changes_.top().at <= now; changes_.pop()) running_ += changes_.top().memory;
  observer_.on_served(time_ms, megabytes(used_), megabytes(running_));
}

}  // namespace thaw
