#include "sim/clean_simulation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace thaw {
namespace {

/// Fine enough for slowdowns of a thousandth, from 1 to a billion.
constexpr HistogramRange slowdown_range{.lowest = 1, .highest = 1'000'000'000'000, .significant_digits = 3};
constexpr double slowdown_scale = 1000;

/// Times beyond this many ms (a year) are not a trace's.
constexpr double longest_ms = 366.0 * 86400e3;

/// The nearest nanosecond; without the call that std::llround is. REQUIRES: ms >= 0.
Nanos nanos(double ms) { return Nanos{static_cast<std::int64_t>(ms * 1e6 + 0.5)}; }

/// One byte at least. `inf` is more than anything needs.
Result<Bytes> server_memory(double mb) {
  constexpr double largest_mb = 1e12;
  if (!(mb >= 1e-6)) return fail(ErrorKind::bad_usage, "{} MB is no memory to simulate", mb);
  return Bytes{std::llround(std::min(mb, largest_mb) * 1e6)};
}

Result<> check(const TraceFunction& function) {
  const bool is_sane = function.memory_mb >= 1e-6 && function.memory_mb < 1e9 && function.cold_ms >= 0 &&
                       function.cold_ms <= longest_ms && function.warm_ms >= 0 &&
                       function.warm_ms <= longest_ms;
  if (is_sane) return {};
  return fail(ErrorKind::bad_input,
              "function \"{}\" has a memory of {} MB and durations of {} ms cold, {} ms warm", function.name,
              function.memory_mb, function.cold_ms, function.warm_ms);
}

}  // namespace

CleanSimulation::CleanSimulation(const SimulationPoint& point, std::unique_ptr<Pool> pool)
    : point_(point), pool_(std::move(pool)), delayed_(*Histogram::create(slowdown_range)) {}

Result<CleanSimulation> CleanSimulation::create(const SimulationPoint& point,
                                                std::span<const TraceFunction> functions) {
  THAW_TRY(auto policy, make_policy(point.policy, point.seed));
  THAW_TRY(const Bytes capacity, server_memory(point.memory_mb));
  auto pool = std::make_unique<Pool>(capacity, std::move(policy));
  for (const TraceFunction& function : functions) {
    THAW_CHECK(check(function));
    pool->add_function(Bytes{std::llround(function.memory_mb * 1e6)}, nanos(function.init_ms()),
                       nanos(function.warm_ms));
  }
  return CleanSimulation(point, std::move(pool));
}

Result<std::unique_ptr<Simulation>> CleanSimulation::make(const SimulationPoint& point,
                                                          std::span<const TraceFunction> functions,
                                                          SimulationObserver* observer) {
  THAW_TRY(CleanSimulation simulation, create(point, functions));
  simulation.observer_ = observer;
  return std::make_unique<CleanSimulation>(std::move(simulation));
}

Result<> CleanSimulation::take(const InvocationBlock& block) {
  if (block.size() == 0) return {};
  const bool has_durations = !block.duration_ms.empty();
  if (observer_ != nullptr) {
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
    const Instant now = nanos(block.time_ms[i]);
    pool.advance(now);
    const Placement placement = pool.place(id, now);
    if constexpr (is_observed) report(block.time_ms[i], id, placement.outcome);
    if (placement.outcome == Outcome::dropped) continue;
    const PoolFunction& function = pool.function(id);
    const Nanos duration = has_durations ? nanos(block.duration_ms[i]) : function.warm;
    const Nanos init = placement.outcome == Outcome::cold ? function.init : Nanos::zero();
    pool.runs_until(placement.container, placement.starts_at + init + duration);
    if (has_durations || placement.outcome == Outcome::delayed) {
      record_delay(placement.starts_at - now + init, duration);
    }
  }
  now_ = nanos(block.time_ms[count - 1]);
}

void CleanSimulation::report(double time_ms, FunctionId function, Outcome outcome) {
  const bool is_warm = outcome == Outcome::warm || outcome == Outcome::delayed;
  observer_->on_invocation(time_ms, function,
                           is_warm                       ? Served::warm
                           : outcome == Outcome::dropped ? Served::dropped
                                                         : Served::cold);
}

void CleanSimulation::record_delay(Nanos wait, Nanos duration) {
  const auto served = static_cast<double>(std::max(duration.count(), std::int64_t{1}));
  const double slowdown = 1 + static_cast<double>(wait.count()) / served;
  delayed_.record(std::llround(std::min(slowdown * slowdown_scale, 9e17)));
}

SimulationOutcome CleanSimulation::finish() {
  pool_->close(now_);
  SimulationOutcome outcome;
  outcome.point = point_;
  outcome.invocations = invocations_;
  for (FunctionId id = 0; id < pool_->functions().size(); ++id) {
    const PoolFunction& function = pool_->function(id);
    outcome.functions.push_back({function.cold, function.hits, function.dropped, pool_->evictions_of(id)});
    outcome.cold += function.cold;
    outcome.warm += function.hits;
    outcome.dropped += function.dropped;
  }
  const PoolTotals& totals = pool_->totals();
  outcome.evictions = totals.evictions;
  outcome.expirations = totals.expirations;
  outcome.prewarms = totals.prewarms;
  outcome.end_pool = pool_->size();
  outcome.end_used_mb = static_cast<double>(pool_->used().count()) * 1e-6;
  outcome.max_pool = totals.most_containers;
  outcome.idle_gb_s = totals.idle_byte_seconds * 1e-9;
  add_slowdowns(outcome);
  return outcome;
}

void CleanSimulation::add_slowdowns(SimulationOutcome& outcome) const {
  outcome.slowdown_p50 = outcome.slowdown_p99 = std::numeric_limits<double>::quiet_NaN();
  if (outcome.cold + outcome.warm == 0) return;
  Histogram slowdowns = delayed_;
  const std::uint64_t recorded = delayed_.count();
  if (recorded < outcome.cold + outcome.warm) {
    // Without own durations a warm start has slowdown 1 and a cold one the function's: no need to count each.
    std::uint64_t warm = outcome.warm - std::min(recorded, outcome.warm);
    slowdowns.record_n(static_cast<std::int64_t>(slowdown_scale), warm);
    for (FunctionId id = 0; id < pool_->functions().size(); ++id) {
      const PoolFunction& function = pool_->function(id);
      if (function.cold == 0) continue;
      const double served = static_cast<double>(std::max(function.warm.count(), std::int64_t{1}));
      const double slowdown = 1 + static_cast<double>(function.init.count()) / served;
      slowdowns.record_n(std::llround(std::min(slowdown * slowdown_scale, 9e17)), function.cold);
    }
  }
  outcome.slowdown_p50 = static_cast<double>(*slowdowns.quantile(0.5)) / slowdown_scale;
  outcome.slowdown_p99 = static_cast<double>(*slowdowns.quantile(0.99)) / slowdown_scale;
}

}  // namespace thaw
