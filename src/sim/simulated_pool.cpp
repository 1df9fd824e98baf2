#include "sim/simulated_pool.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace thaw {
namespace {

/// Times beyond this many ms (a year) are not a trace's.
constexpr double longest_ms = 366.0 * 86400e3;

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

Result<std::unique_ptr<Pool>> make_simulated_pool(const SimulationPoint& point,
                                                  std::span<const TraceFunction> functions) {
  THAW_TRY(auto policy, make_policy(point.policy, point.seed));
  THAW_TRY(const Bytes capacity, server_memory(point.memory_mb));
  auto pool = std::make_unique<Pool>(capacity, std::move(policy));
  for (const TraceFunction& function : functions) {
    THAW_CHECK(check(function));
    pool->add_function(Bytes{std::llround(function.memory_mb * 1e6)}, nanos_of(function.init_ms()),
                       nanos_of(function.warm_ms));
  }
  return pool;
}

void add_counts(SimulationOutcome& outcome, const Pool& pool) {
  outcome.functions.resize(std::max(outcome.functions.size(), pool.functions().size()));
  for (FunctionId id = 0; id < pool.functions().size(); ++id) {
    const PoolFunction& function = pool.function(id);
    FunctionOutcome& counts = outcome.functions[id];
    const PoolFunctionCounts& rare = pool.counts(id);
    counts.cold += rare.cold;
    counts.warm += function.hits;
    counts.dropped += rare.dropped;
    counts.evictions += rare.evictions;
    outcome.cold += rare.cold;
    outcome.warm += function.hits;
    outcome.dropped += rare.dropped;
  }
  const PoolTotals& totals = pool.totals();
  outcome.evictions += totals.evictions;
  outcome.expirations += totals.expirations;
  outcome.prewarms += totals.prewarms;
  outcome.end_pool += pool.size();
  outcome.end_used_mb += static_cast<double>(pool.used().count()) * 1e-6;
  outcome.max_pool += totals.most_containers;
  outcome.idle_gb_s += totals.idle_byte_seconds * 1e-9;
}

}  // namespace thaw
