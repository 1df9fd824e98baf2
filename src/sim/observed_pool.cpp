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

void ObservedPool::on_created(ContainerId container, bool /*is_prewarm*/, Instant now) {
  const std::int64_t memory = memory_of(container);
  memory_.add(memory);
  observer_.on_memory(ms_of(now), "Add", megabytes(memory_.used()), megabytes(memory), {});
}

void ObservedPool::on_removed(ContainerId container, Removal reason, Instant now) {
  const std::int64_t memory = memory_of(container);
  memory_.add(-memory);
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
  if (outcome == Outcome::dropped) return;
  // Who waits for a busy container executes from that one's end on.
  memory_.runs(memory_of(placement.container), placement.starts_at,
               pool_.container(placement.container).busy_until);
  const std::int64_t running = memory_.running_at(nanos_of(time_ms));
  observer_.on_served(time_ms, megabytes(memory_.used()), megabytes(running));
}

}  // namespace thaw
