#pragma once
// What one simulation gives: counts and costs of a policy at a memory size, whole and per function. The same
// whatever the model, so that sweeps, files and figures need to know no model.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "trace/trace.h"

namespace thaw {

/// Whose rules an invocation follows; docs/simulation.md states each.
enum class Model {
  clean,      ///< Evicts the deficit, expires eagerly, counts keep-alive from the finish.
  faascache,  ///< The research simulator of FaasCache (Fuerst & Sharma, ASPLOS 2021), quirks included.
  course,     ///< The course variant: cold runs last 3000 + 1.2·cold ms, pool in order of insertion.
};

/// One point of an experiment.
struct SimulationPoint {
  std::string policy;  ///< As the registry spells it, or "expr:…", "lib:…".
  Model model = Model::clean;
  double memory_mb = 0;
  std::uint64_t seed = 1;
};

/// Counts of one function.
struct FunctionOutcome {
  std::uint64_t cold = 0;
  std::uint64_t warm = 0;
  std::uint64_t dropped = 0;
  std::uint64_t evictions = 0;  ///< Containers removed under pressure or by expiry, as the model counts them.
};

/// What invocations waited for a core, for memory or for a busy container. Only with limited cores or memory to wait
/// for, or by a policy's wish.
struct WaitOutcome {
  std::uint64_t waited = 0;     ///< Served, but not at once.
  std::uint64_t abandoned = 0;  ///< Of the dropped: the queue was full or the wait too long.
  double mean_ms = 0;  ///< Over the served, those that did not wait included; NaN when none was served.
  double p50_ms = 0;   ///< Quantiles over the same.
  double p99_ms = 0;
};

/// What happened on one server of several.
struct ServerOutcome {
  std::uint64_t invocations = 0;
  std::uint64_t cold = 0;
  std::uint64_t warm = 0;
  std::uint64_t dropped = 0;
  std::uint64_t abandoned = 0;  ///< Of the dropped: the queue was full or the wait too long.
  std::uint64_t waited = 0;     ///< Served, but not at once.
  std::uint64_t evictions = 0;
  std::uint64_t expirations = 0;
  std::uint64_t longest_queue = 0;
  std::uint64_t max_pool = 0;
  double mean_wait_ms = 0;  ///< Over the served, the ones that did not wait included; NaN when there is none.
  double mean_running = 0;  ///< Executions at once, from the first arrival to the end; NaN for no time.
  double utilisation = 0;   ///< mean_running over the cores; NaN when they are unlimited.
};

/// Result of one point. cold + warm + dropped = invocations.
struct SimulationOutcome {
  SimulationPoint point;
  std::uint64_t invocations = 0;
  std::uint64_t cold = 0;
  std::uint64_t warm = 0;
  std::uint64_t dropped = 0;  ///< Found no room for a container.
  std::uint64_t evictions =
      0;  ///< Containers removed to make room (models of the predecessors: expired ones too).
  std::uint64_t expirations = 0;  ///< Containers removed because their time was over.
  std::uint64_t prewarms = 0;     ///< Containers started ahead of an invocation.
  std::uint64_t end_pool = 0;     ///< Containers after the last invocation.
  double end_used_mb = 0;
  std::uint64_t max_pool = 0;  ///< Most containers at once.
  double idle_gb_s = 0;        ///< Integral of the memory of idle containers, GB·s (10^9 bytes).
  double wall_s = 0;           ///< Measured; the only field that differs between runs.
  /// By Trace::functions.
  std::vector<FunctionOutcome> functions;
  /// Response time over warm execution time, quantiles over the served invocations; NaN when none was served.
  double slowdown_p50 = 0;
  double slowdown_p99 = 0;
  WaitOutcome waits;
  std::vector<ServerOutcome> servers;  ///< Empty for the one server of the models.
};

/// Costs that follow from the counts and the functions' durations.
struct SimulationCosts {
  double cold_ms_total = 0;      ///< Σ cold·init.
  double exec_increase_pct = 0;  ///< 100·Σ cold·init / Σ served·warm; NaN when nothing was served.
  /// As the predecessor's plots compute it, which take the warm time for the initialisation: access-weighted mean of
  /// cold·warm / (served·(cold time - warm time)), 0 where both times are equal.
  double exec_increase_pct_legacy = 0;
  double hit_ratio = 0;  ///< warm / invocations; NaN for an empty trace.
};
SimulationCosts costs_of(const SimulationOutcome& outcome, std::span<const TraceFunction> functions);

}  // namespace thaw
