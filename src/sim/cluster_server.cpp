#include "sim/cluster_server.h"

#include <algorithm>
#include <utility>

#include "sim/simulated_pool.h"

namespace thaw {

ClusterServer::ClusterServer(const ServerRules& rules, std::unique_ptr<Pool> pool)
    : rules_(rules), pool_(std::move(pool)) {}

void ClusterServer::arrive(const ServerTask& task) {
  ++counts_.invocations;
  pool_->advance(task.arrived);
  pool_->announce(task.function, task.arrived);
  waiting_.push_back(task);
}

std::optional<StartedTask> ClusterServer::next(Instant now) {
  while (!waiting_.empty()) {
    const ServerTask task = waiting_.front();
    if (now - task.arrived > rules_.longest_wait) {
      abandon(task.function, now);
      waiting_.pop_front();
      continue;
    }
    if (unused_cores() == 0) return std::nullopt;
    pool_->advance(now);
    const Placement placement = pool_->try_place(task.function, now);
    const bool is_placed = placement.outcome != Outcome::dropped;
    const bool fits = pool_->function(task.function).memory <= pool_->capacity();
    if (!is_placed && rules_.waits_for_memory && fits) return std::nullopt;
    waiting_.pop_front();
    if (is_placed) return begin(task, placement, now);
    drop(task.function, now);
  }
  return std::nullopt;
}

StartedTask ClusterServer::begin(const ServerTask& task, const Placement& placement, Instant now) {
  StartedTask started{
      .task = task, .wait = placement.starts_at - task.arrived, .container = placement.container};
  if (placement.outcome == Outcome::cold) started.init = pool_->function(task.function).init;
  started.end = placement.starts_at + started.init + task.duration;
  pool_->runs_until(placement.container, started.end);
  if (observed_) observed_->on_placed(ms_of(now), task.function, placement);
  ++running_;
  if (placement.outcome == Outcome::delayed) {
    if (behind_.size() <= placement.container) behind_.resize(pool_->slots());
    ++behind_[placement.container];
  } else {
    ++used_cores_;
  }
  counts_.waited += started.wait > Nanos::zero() ? 1 : 0;
  counts_.wait_s += to_seconds(started.wait);
  counts_.busy_s += to_seconds(started.init + task.duration);
  return started;
}

void ClusterServer::ended(ContainerId container) {
  --running_;
  if (container < behind_.size() && behind_[container] > 0) {
    --behind_[container];
  } else {
    --used_cores_;
  }
}

void ClusterServer::limit_queue(Instant now) {
  if (waiting_.size() > rules_.longest_queue) {
    abandon(waiting_.back().function, now);
    waiting_.pop_back();
  }
  counts_.longest_queue = std::max<std::uint64_t>(counts_.longest_queue, waiting_.size());
}

void ClusterServer::abandon_all(Instant now) {
  for (const ServerTask& task : waiting_) abandon(task.function, now);
  waiting_.clear();
}

void ClusterServer::observe(ObservedMemory& memory, SimulationObserver& observer) {
  observed_ = std::make_unique<ObservedPool>(*pool_, memory, observer);
}

void ClusterServer::drop(FunctionId function, Instant now) {
  pool_->give_up(function);
  if (observed_) observed_->on_placed(ms_of(now), function, {});
}

void ClusterServer::abandon(FunctionId function, Instant now) {
  drop(function, now);
  ++counts_.abandoned;
}

}  // namespace thaw
