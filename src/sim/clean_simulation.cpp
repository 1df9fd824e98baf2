#include "sim/clean_simulation.h"

#include <algorithm>
#include <utility>

#include "sim/simulated_pool.h"

namespace thaw {
CleanSimulation::CleanSimulation(const SimulationPoint& point, std::unique_ptr<Pool> pool)
    : point_(point), pool_(std::move(pool)) {}

Result<CleanSimulation> CleanSimulation::create(const SimulationPoint& point,
                                                std::span<const TraceFunction> functions) {
  THAW_TRY(auto pool, make_simulated_pool(point, functions));
  return CleanSimulation(point, std::move(pool));
}

Result<std::unique_ptr<Simulation>> CleanSimulation::make(const SimulationPoint& point,
                                                          std::span<const TraceFunction> functions,
                                                          SimulationObserver* observer) {
  THAW_TRY(CleanSimulation simulation, create(point, functions));
  if (observer != nullptr) {
    simulation.observed_ = std::make_unique<ObservedMemory>();
    simulation.watched_ = std::make_unique<ObservedPool>(*simulation.pool_, *simulation.observed_, *observer);
  }
  return std::make_unique<CleanSimulation>(std::move(simulation));
}

Result<> CleanSimulation::take(const InvocationBlock& block) {
  if (block.size() == 0) return {};
  const bool has_durations = !block.duration_ms.empty();
  if (watched_) {
    has_durations ? run<true, true>(block) : run<false, true>(block);
  } else {
    has_durations ? run<true, false>(block) : run<false, false>(block);
  }
  invocations_ += block.size();
  return {};
}

template <bool has_durations, bool is_observed>
void CleanSimulation::run(const InvocationBlock& block) {
  // The next functions are known, and so is what they touch: the function first, its container once that is here.
  constexpr std::size_t function_ahead = 16;
  constexpr std::size_t container_ahead = 8;
  const std::size_t count = block.size();
  Pool& pool = *pool_;
  for (std::size_t i = 0; i < count; ++i) {
    if (i + function_ahead < count) pool.prefetch_function(block.function[i + function_ahead]);
    if (i + container_ahead < count) pool.prefetch_container(block.function[i + container_ahead]);
    const FunctionId id = block.function[i];
    const Instant now = nanos_of(block.time_ms[i]);
    pool.advance(now);
    const Placement placement = pool.place(id, now);
    if (placement.outcome == Outcome::dropped) {
      if constexpr (is_observed) watched_->on_placed(block.time_ms[i], id, placement);
      continue;
    }
    const PoolFunction& function = pool.function(id);
    const Nanos duration = has_durations ? nanos_of(block.duration_ms[i]) : function.warm;
    const Nanos init = placement.outcome == Outcome::cold ? function.init : Nanos::zero();
    pool.runs_until(placement.container, placement.starts_at + init + duration);
    if constexpr (is_observed) watched_->on_placed(block.time_ms[i], id, placement);
    if (has_durations || placement.outcome == Outcome::delayed) {
      delayed_.add(placement.starts_at - now + init, duration);
      waits_.add(placement.starts_at - now);
    }
  }
  now_ = nanos_of(block.time_ms[count - 1]);
}

SimulationOutcome CleanSimulation::finish() {
  pool_->close(now_);
  if (watched_) watched_->close();
  SimulationOutcome outcome;
  outcome.point = point_;
  outcome.invocations = invocations_;
  add_counts(outcome, *pool_);
  add_slowdowns(outcome);
  outcome.waits = waits_.outcome(outcome.cold + outcome.warm);
  return outcome;
}

void CleanSimulation::add_slowdowns(SimulationOutcome& outcome) const {
  SlowdownRecord slowdowns = delayed_;
  const std::uint64_t recorded = delayed_.count();
  if (recorded < outcome.cold + outcome.warm) {
    // Without own durations a warm start has slowdown 1 and a cold one the function's: no need to count each.
    slowdowns.add_undelayed(outcome.warm - std::min(recorded, outcome.warm));
    for (FunctionId id = 0; id < pool_->functions().size(); ++id) {
      const PoolFunction& function = pool_->function(id);
      slowdowns.add(function.init, function.warm, pool_->counts(id).cold);
    }
  }
  outcome.slowdown_p50 = slowdowns.quantile(0.5);
  outcome.slowdown_p99 = slowdowns.quantile(0.99);
}

}  // namespace thaw
