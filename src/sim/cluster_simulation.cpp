#include "sim/cluster_simulation.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/random.h"
#include "sim/replay.h"
#include "sim/simulated_pool.h"

namespace thaw {
namespace {

constexpr std::uint32_t most_servers = 100'000;
constexpr double missing = std::numeric_limits<double>::quiet_NaN();

ServerRules rules_of(const ClusterOptions& options) {
  return {.cores = options.cores == 0 ? ServerRules::unlimited : options.cores,
          .longest_queue = options.queue.value_or(ServerRules::unlimited),
          .longest_wait = options.longest_wait.value_or(forever),
          .waits_for_memory = options.waits_for_memory};
}

/// Servers draw apart; the first one as a single server would.
std::uint64_t seed_of(std::uint64_t seed, ServerIndex server) {
  return server == 0 ? seed : RandomStream(seed, "sim.cluster.server", server)();
}

double ratio(double numerator, double denominator) {
  return denominator > 0 ? numerator / denominator : missing;
}

/// What of the executions in a pool lies beyond `end`.
double overhang_s(const Pool& pool, Instant end) {
  double sum = 0;
  for (ContainerId id = 0; id < pool.slots(); ++id) {
    const Container& container = pool.container(id);
    if (container.exists && container.busy_until > end) sum += to_seconds(container.busy_until - end);
  }
  return sum;
}

}  // namespace

ClusterSimulation::ClusterSimulation(const SimulationPoint& point, const ClusterOptions& options,
                                     std::unique_ptr<Route> route)
    : point_(point), options_(options), route_(std::move(route)) {
  needs_ends_ = options.cores > 0 || options.waits_for_memory || route_->sight() != RouteSight::nothing;
}

Result<ClusterSimulation> ClusterSimulation::create(const SimulationPoint& point,
                                                    const ClusterOptions& options,
                                                    std::span<const TraceFunction> functions,
                                                    SimulationObserver* observer) {
  if (options.servers < 1 || options.servers > most_servers) {
    return fail(ErrorKind::bad_usage, "{} servers: there must be 1 to {}", options.servers, most_servers);
  }
  THAW_TRY(const RouteEntry* route, find_route(options.route));
  ClusterSimulation simulation(
      point, options, route->make({.functions = functions, .servers = options.servers, .seed = point.seed}));
  const ServerRules rules = rules_of(options);
  if (observer != nullptr) simulation.observed_ = std::make_unique<ObservedMemory>();
  for (ServerIndex server = 0; server < options.servers; ++server) {
    SimulationPoint own = point;
    own.seed = seed_of(point.seed, server);
    THAW_TRY(auto pool, make_simulated_pool(own, functions));
    simulation.pools_.push_back(pool.get());
    simulation.servers_.emplace_back(rules, std::move(pool));
    if (observer != nullptr) simulation.servers_.back().observe(*simulation.observed_, *observer);
  }
  simulation.loads_.assign(options.servers, 0);
  simulation.unused_.assign(options.servers, rules.cores);
  return simulation;
}

Result<> ClusterSimulation::take(const InvocationBlock& block) {
  const bool has_durations = !block.duration_ms.empty();
  if (invocations_ == 0 && block.size() > 0) first_ = nanos_of(block.time_ms.front());
  for (std::size_t i = 0; i < block.size(); ++i) {
    std::optional<Nanos> duration;
    if (has_durations) duration = nanos_of(block.duration_ms[i]);
    arrive(block.function[i], nanos_of(block.time_ms[i]), duration);
  }
  invocations_ += block.size();
  return {};
}

void ClusterSimulation::arrive(FunctionId function, Instant now, std::optional<Nanos> duration) {
  now_ = now;
  run_ends(now);  // what ends at that instant comes first
  if (observed_) advance_pools(now);
  if (route_->sight() == RouteSight::containers) {
    for (ClusterServer& server : servers_) server.pool().advance(now);
  }
  const ServerIndex index =
      route_->choose(function, {.loads = loads_, .pools = pools_, .unused = unused_, .now = now});
  ClusterServer& server = servers_[index];
  const Nanos service = duration.value_or(server.pool().function(function).warm);
  server.arrive({.arrived = now, .duration = service, .function = function});
  start_waiting(index, now);
}

void ClusterSimulation::run_ends(Instant now) {
  while (ends_.first() <= now) {
    const auto end = ends_.pop(now);
    if (!end) return;
    if (observed_) advance_pools(end->at);
    servers_[end->id].ended(end->stamp);
    start_waiting(end->id, end->at);
  }
}

void ClusterSimulation::start_waiting(ServerIndex index, Instant now) {
  ClusterServer& server = servers_[index];
  while (const auto started = server.next(now)) {
    if (needs_ends_) {
      ends_.push(started->end, index, started->container);
    } else {
      server.ended(started->container);
    }
    const Nanos delay = started->wait + started->init;
    if (delay > Nanos::zero()) {
      slowdowns_.add(delay, started->task.duration);
    } else {
      ++undelayed_;
    }
    waits_.add(started->wait);
  }
  server.limit_queue(now);
  loads_[index] = server.load();
  unused_[index] = server.unused_cores();
}

/// What is due on any server happens in the order of time, for whoever observes it.
void ClusterSimulation::advance_pools(Instant now) {
  const auto due_first = [](const ClusterServer& a, const ClusterServer& b) {
    return a.pool().next_due() < b.pool().next_due();
  };
  for (;;) {
    Pool& pool = std::min_element(servers_.begin(), servers_.end(), due_first)->pool();
    if (pool.next_due() > now) return;
    pool.advance(pool.next_due());
  }
}

void ClusterSimulation::drain() {
  const auto is_waiting = [](const ClusterServer& server) { return server.is_waiting(); };
  while (std::any_of(servers_.begin(), servers_.end(), is_waiting)) {
    const Instant next = ends_.first();
    if (next == forever) break;
    run_ends(next);
    now_ = std::max(now_, next);
  }
  for (ClusterServer& server : servers_) server.abandon_all(now_);
}

ServerOutcome ClusterSimulation::outcome_of(ServerIndex index) const {
  const ClusterServer& server = servers_[index];
  SimulationOutcome sums;
  add_counts(sums, server.pool());
  const ServerCounts& counts = server.counts();
  ServerOutcome outcome{.invocations = counts.invocations,
                        .cold = sums.cold,
                        .warm = sums.warm,
                        .dropped = sums.dropped,
                        .abandoned = counts.abandoned,
                        .waited = counts.waited,
                        .evictions = sums.evictions,
                        .expirations = sums.expirations,
                        .longest_queue = counts.longest_queue,
                        .max_pool = sums.max_pool};
  outcome.mean_wait_ms = ratio(counts.wait_s * 1e3, static_cast<double>(sums.cold + sums.warm));
  outcome.mean_running = ratio(counts.busy_s - overhang_s(server.pool(), now_), to_seconds(now_ - first_));
  outcome.utilisation = ratio(outcome.mean_running, options_.cores);
  return outcome;
}

ClusterOutcome ClusterSimulation::finish_cluster() {
  drain();
  ClusterOutcome outcome;
  outcome.whole.point = point_;
  outcome.whole.invocations = invocations_;
  if (observed_) advance_pools(now_);
  for (ServerIndex index = 0; index < servers_.size(); ++index) {
    Pool& pool = servers_[index].pool();
    pool.advance(now_);
    pool.close(now_);
    add_counts(outcome.whole, pool);
    outcome.whole.servers.push_back(outcome_of(index));
  }
  slowdowns_.add_undelayed(std::exchange(undelayed_, 0));
  outcome.whole.slowdown_p50 = slowdowns_.quantile(0.5);
  outcome.whole.slowdown_p99 = slowdowns_.quantile(0.99);
  outcome.end_ms = to_seconds(now_) * 1e3;
  outcome.whole.waits = waits_.outcome(outcome.whole.cold + outcome.whole.warm);
  for (const ServerOutcome& server : outcome.whole.servers) outcome.whole.waits.abandoned += server.abandoned;
  return outcome;
}

Result<ClusterOutcome> simulate_cluster(const SimulationPoint& point, const ClusterOptions& options,
                                        std::span<const TraceFunction> functions, InvocationSource& source) {
  THAW_TRY(ClusterSimulation simulation, ClusterSimulation::create(point, options, functions));
  THAW_CHECK(feed(source, simulation));
  return simulation.finish_cluster();
}

}  // namespace thaw
