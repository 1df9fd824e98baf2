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

}  // namespace

ObservedPool::ObservedPool(Pool& pool, SimulationObserver& observer) : pool_(pool), observer_(observer) {
  pool.observe(this);
}

std::int64_t ObservedPool::memory_of(ContainerId container) const {
  return pool_.function(pool_.container(container).function).memory.count();
}

void ObservedPool::on_created(ContainerId container, bool /*is_prewarm*/, Instant now) {
  const std::int64_t memory = memory_of(container);
  used_ += memory;
  observer_.on_memory(milliseconds(now), "Add", megabytes(used_), megabytes(memory), {});
}

void ObservedPool::on_removed(ContainerId container, Removal reason, Instant now) {
  const std::int64_t memory = memory_of(container);
  used_ -= memory;
  const EvictedContainer victim{pool_.container(container).function, pool_.container(container).priority};
  const std::span victims(&victim, reason == Removal::evicted ? 1 : 0);
  observer_.on_memory(milliseconds(now), word_for(reason), megabytes(used_), megabytes(memory), victims);
}

void ObservedPool::on_served(double time_ms, const Placement& placement) {
  const Instant now = nanos_of(time_ms);
  const std::int64_t memory = memory_of(placement.container);
  // Who waits for a busy container executes from that one's end on.
  changes_.push({placement.starts_at, memory});
  changes_.push({pool_.container(placement.container).busy_until, -memory});
  for (; !changes_.empty() && changes_.top().at <= now; changes_.pop()) running_ += changes_.top().memory;
  observer_.on_served(time_ms, megabytes(used_), megabytes(running_));
}

}  // namespace thaw
