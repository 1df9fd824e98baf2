#pragma once
// The clean model on many servers with so many cores each: an invocation goes to one server by a route and waits there,
// first come first served, until a core is unused; then it finds its container as on one server. With one server and
// unlimited cores it is the clean model, count by count. docs/simulation.md states every rule.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "keepalive/instant_queue.h"
#include "sim/cluster_options.h"
#include "sim/cluster_server.h"
#include "sim/observed_pool.h"
#include "sim/route.h"
#include "sim/simulation.h"
#include "sim/slowdown_record.h"
#include "sim/wait_record.h"

namespace thaw {

struct ClusterOutcome {
  /// Sums over the servers; `max_pool` is the sum of their maxima, wherever in time these are.
  SimulationOutcome whole;
  double end_ms = 0;  ///< The last arrival, or the last start of an invocation that waited.
};

/// One simulation that is fed block by block. An observer sees the memory of all servers together, and each invocation at
/// the instant at which it starts or is dropped.
class ClusterSimulation final : public Simulation {
 public:
  /// Errors: bad_usage for an unknown policy or route, no memory or no server; bad_input for a function that is out of
  /// range.
  static Result<ClusterSimulation> create(const SimulationPoint& point, const ClusterOptions& options,
                                          std::span<const TraceFunction> functions,
                                          SimulationObserver* observer = nullptr);

  /// Simulates the next invocations. REQUIRES: sorted, not earlier than those before; functions in range.
  Result<> take(const InvocationBlock& block) override;

  /// Lets those that wait have their turn, and ends when the last of them has begun. Call this or finish, once.
  ClusterOutcome finish_cluster();
  SimulationOutcome finish() override { return finish_cluster().whole; }

 private:
  ClusterSimulation(const SimulationPoint& point, const ClusterOptions& options,
                    std::unique_ptr<Route> route);
  void arrive(FunctionId function, Instant now, std::optional<Nanos> duration);
  void run_ends(Instant now);
  void start_waiting(ServerIndex index, Instant now);
  void drain();
  ServerOutcome outcome_of(ServerIndex index) const;
  void advance_pools(Instant now);

  SimulationPoint point_;
  ClusterOptions options_;
  std::unique_ptr<Route> route_;
  std::vector<ClusterServer> servers_;
  std::vector<const Pool*> pools_;     ///< By server, for the route.
  std::vector<std::uint32_t> loads_;   ///< By server, for the route.
  std::vector<std::uint32_t> unused_;  ///< By server, for the route.
  InstantQueue ends_;                  ///< By server, stamped with the container.
  bool needs_ends_ = false;            ///< Something depends on when executions end.
  std::uint64_t invocations_ = 0;
  std::uint64_t undelayed_ = 0;
  Instant first_{};
  Instant now_{};
  SlowdownRecord slowdowns_;  ///< Of those with a delay.
  WaitRecord waits_;
  std::unique_ptr<ObservedMemory> observed_;  ///< Of all servers; null when nobody observes.
};

/// Runs a whole source through one simulation. Errors: as create, and the source's.
Result<ClusterOutcome> simulate_cluster(const SimulationPoint& point, const ClusterOptions& options,
                                        std::span<const TraceFunction> functions, InvocationSource& source);

}  // namespace thaw
