#include <algorithm>

#include "load/planned_load.h"
#include "trace/plan_train.h"

namespace thaw {

/// A workflow between its first call and its last answer.
struct Workflows::Running {
  const CallGraph* graph = nullptr;
  std::vector<Execution> executions;
  std::vector<std::uint32_t> missing;  ///< Predecessors without an answer.
  std::uint32_t in_flight = 0;
  std::uint32_t unsent = 0;
  bool may_retry = true;
  bool is_abandoned = false;
};

struct Workflows::FunctionDraws {
  ExecutionLaw law;
  StreamDraws draws;
};

Workflows::Workflows(std::unique_ptr<PlanSource> plan, std::vector<CallGraph> graphs,
                     const PlanTiming& timing, const Shard& shard)
    : arrivals_(std::move(plan), timing, Shard{}), graphs_(std::move(graphs)), shard_(shard) {}

Workflows::~Workflows() = default;

Result<std::unique_ptr<Workflows>> Workflows::create(std::unique_ptr<PlanSource> plan,
                                                     const std::vector<TraceFunction>& functions,
                                                     std::vector<CallGraph> graphs, const PlanTiming& timing,
                                                     const Shard& shard, std::uint64_t seed) {
  std::unique_ptr<Workflows> workflows(new Workflows(std::move(plan), std::move(graphs), timing, shard));
  workflows->graph_of_.assign(functions.size(), no_workflow);
  for (std::size_t i = 0; i < workflows->graphs_.size(); ++i)
    workflows->graph_of_[workflows->graphs_[i].nodes.front().function] = static_cast<std::uint32_t>(i);
  for (const TraceFunction& function : functions) {
    THAW_TRY(const ExecutionLaw law, ExecutionLaw::of(function));
    workflows->draws_.push_back({law, execution_draws(seed, function)});
  }
  return workflows;
}

Result<const Invocation*> Workflows::next() {
  for (;;) {
    THAW_TRY(const Invocation* arrival, arrivals_.next());
    if (arrival == nullptr) return nullptr;
    const std::uint32_t index = graph_of_[arrival->function];
    if (index == no_workflow) continue;
    invocation_ = *arrival;
    invocation_.graph = index;
    invocation_.workflow = start(index);
    const Execution& execution = running_[invocation_.workflow]->executions.front();
    invocation_.runtime_ms = execution.runtime_ms;
    invocation_.memory_mib = execution.memory_mib;
    // Drawn in any case, so that a shard's executions are those of the whole plan.
    if (shard_.has(place_++)) return &invocation_;
    free_.push_back(invocation_.workflow);
  }
}

std::uint32_t Workflows::start(std::uint32_t index) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(running_.size()));
    running_.push_back(std::make_unique<Running>());
  }
  const std::uint32_t place = free_.back();
  free_.pop_back();
  Running& running = *running_[place];
  running = Running{};
  running.graph = &graphs_[index];
  running.in_flight = 1;
  for (const CallNode& node : running.graph->nodes) {
    FunctionDraws& function = draws_[node.function];
    running.executions.push_back(function.law.draw(function.draws));
    running.missing.push_back(node.predecessors);
  }
  running.unsent = static_cast<std::uint32_t>(running.graph->nodes.size()) - 1;
  return place;
}

void Workflows::follow(const Invocation& ended, std::vector<Invocation>& next) {
  if (ended.workflow == no_workflow) return;
  Running& running = *running_[ended.workflow];
  --running.in_flight;
  const bool was_dropped = ended.cause == Cause::dropped;
  if (ended.cause != Cause::none && running.may_retry && !running.is_abandoned && !was_dropped) {
    running.may_retry = false;
    send(ended, ended.node, next);
    next.back().attempt = static_cast<std::uint16_t>(ended.attempt + 1);
  } else if (ended.cause != Cause::none) {
    running.is_abandoned = true;
  } else if (!running.is_abandoned) {
    for (const std::uint32_t node : running.graph->nodes[ended.node].successors) {
      if (--running.missing[node] > 0) continue;
      --running.unsent;
      send(ended, node, next);
    }
  }
  if (running.in_flight > 0) return;
  abandoned_ += running.unsent;
  free_.push_back(ended.workflow);
}

void Workflows::send(const Invocation& after, std::uint32_t node, std::vector<Invocation>& next) {
  Running& running = *running_[after.workflow];
  Invocation invocation;
  invocation.graph = after.graph;
  invocation.workflow = after.workflow;
  invocation.node = node;
  invocation.function = running.graph->nodes[node].function;
  invocation.column = after.column;
  invocation.number = after.number;
  invocation.phase = after.phase;
  invocation.runtime_ms = running.executions[node].runtime_ms;
  invocation.memory_mib = running.executions[node].memory_mib;
  invocation.intended_ns = after.done_ns;
  ++running.in_flight;
  next.push_back(invocation);
}

}  // namespace thaw
