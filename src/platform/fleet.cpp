#include "platform/fleet.h"

#include <algorithm>

namespace thaw {
namespace {

constexpr Nanos between_checks = std::chrono::milliseconds(100);

}  // namespace

Fleet::Fleet(const GatewayOptions& options, EventLoop& loop, Clock& clock)
    : options_(options), loop_(loop), clock_(clock), begin_(clock.now()) {}

Result<std::unique_ptr<Fleet>> Fleet::create(const GatewayOptions& options, EventLoop& loop, Clock& clock) {
  THAW_TRY(auto policy, make_policy(options.policy, options.seed));
  auto fleet = std::unique_ptr<Fleet>(new Fleet(options, loop, clock));
  fleet->pool_ = std::make_unique<Pool>(options.memory, std::move(policy));
  fleet->pool_->observe(fleet.get());
  if (!options.state.empty()) {
    std::size_t ended = 0;
    THAW_TRY(fleet->left_behind_, LeftBehind::open(options.state, fleet->id_, ended));
    if (ended > 0) options.warn(fmt::format("ended {} processes that a killed gateway had left", ended));
  }
  if (!options.events.empty()) {
    const ContainerLogHeader header{.source = "serve",
                                    .policy = options.policy,
                                    .memory_mb = static_cast<double>(options.memory.count()) * 1e-6,
                                    .begin = format_utc(clock.wall())};
    THAW_TRY(ContainerLog log, ContainerLog::create(options.events, header));
    fleet->begin_ = clock.now();
    fleet->events_.emplace(std::move(log));
  }
  return fleet;
}

Fleet::~Fleet() { end(); }

Result<SandboxKind*> Fleet::kind_of(const FunctionSpec& spec) {
  THAW_TRY(const SandboxEntry* const entry, find_sandbox_kind(spec.sandbox));
  auto& kind = kinds_[spec.sandbox];
  if (!kind) {
    auto made = entry->make({.gateway_id = id_,
                             .logs = options_.logs,
                             .docker_socket = options_.docker_socket,
                             .clock = &clock_,
                             .warn = options_.warn});
    THAW_CHECK(made->remove_left_behind(is_gateway_alive));
    kind = std::move(made);
  }
  THAW_CHECK(kind->check(spec));
  return kind.get();
}

Result<> Fleet::put(const FunctionSpec& spec) {
  THAW_TRY(SandboxKind* const kind, kind_of(spec));
  if (const Function* const known = find(spec.name)) {
    if (known->spec == spec) return {};
    remove(spec.name);
  }
  // As in a simulation it is there, and never gets an instance.
  if (spec.memory > options_.memory) {
    options_.warn(fmt::format("function {} needs {}, the whole budget is {}: its invocations will be dropped",
                              spec.name, format_bytes(spec.memory), format_bytes(options_.memory)));
  }
  auto function = std::make_unique<Function>();
  function->spec = spec;
  function->kind = kind;
  function->id = pool_->add_function(spec.memory, spec.init, spec.execution);
  by_name_[spec.name] = function.get();
  functions_.push_back(std::move(function));
  pin_missing(*functions_.back(), now());
  return {};
}

bool Fleet::remove(std::string_view name) {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return false;
  Function& function = *found->second;
  by_name_.erase(found);
  function.is_removed = true;
  while (!function.queue.empty()) {
    Call& call = *function.queue.front();
    function.queue.pop_front();
    --waiting_;
    refuse(call, 404, "no-function", "the function was removed");
  }
  const std::vector<Instance*> instances = function.instances;
  for (Instance* const instance : instances) condemn(*instance, "");
  return true;
}

Function* Fleet::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

void Fleet::run_due() {
  const Instant time = now();
  pool_->advance(time);
  for (std::size_t i = 0; i < probing_.size();) {
    Instance& instance = *probing_[i];
    if (instance.next_probe() <= time) instance.probe(time);
    // It may have become ready, and left the list.
    if (i < probing_.size() && probing_[i] == &instance) ++i;
  }
  if (time >= next_check_) {
    last_check_ = time;
    next_check_ = time + between_checks;
    check_time_limits(time);  // It may want the next one before that.
    for (const auto& function : functions_) pin_missing(*function, time);
    if (options_.pauses) pause_unused(time);
  }
  // At every turn, so that a killed gateway takes no event with it; one write for all that the turn has brought.
  flush_events();
}

Nanos Fleet::idle_for() const {
  const Instant time = now();
  Instant due = pool_->next_due();
  if (!active_.empty() || !probing_.empty() || options_.pauses) due = std::min(due, next_check_);
  for (const Instance* const instance : probing_) due = std::min(due, instance->next_probe());
  return due <= time ? Nanos::zero() : due - time;
}

void Fleet::end() {
  if (has_ended_) return;
  has_ended_ = true;
  is_draining_ = true;
  const std::vector<Call*> left = active_;
  for (Call* const call : left) {
    if (call->instance != nullptr) call->instance->drop(*call);
    refuse(*call, 503, "ending", "the platform ends");
  }
  waiting_ = 0;
  for (const auto& instance : instances_) {
    if (instance) condemn(*instance, "the platform ends");
  }
  // What was being started when it was given up is ended as soon as it has started.
  starters_.finish();
  loop_.run_once(Nanos::zero());
  stoppers_.finish();
  flush_events();
}

void Fleet::flush_events() {
  if (!events_) return;
  if (const Result<> written = events_->flush(); !written) {
    options_.warn(fmt::format("{}; events from now on are lost", written.error().what));
    events_.reset();
  }
}

void Fleet::log(const ContainerEvent& event) {
  if (events_) events_->add(event);
}

}  // namespace thaw
