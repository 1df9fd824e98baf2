// Instances that come and go: as the pool decides, and as they please.

#include <algorithm>

#include "platform/fleet.h"

namespace thaw {
namespace {

ContainerMoment moment_of(Removal reason, bool is_crash) {
  switch (reason) {
    case Removal::evicted:
      return ContainerMoment::evict;
    case Removal::expired:
      return ContainerMoment::expire;
    case Removal::unloaded:
      return ContainerMoment::unload;
    case Removal::stopped:
      break;
  }
  return is_crash ? ContainerMoment::crash : ContainerMoment::stop;
}

}  // namespace

// --- what the pool decides --------------------------------------------------------------------------------------------

void Fleet::on_created(ContainerId container, bool is_prewarm, Instant time) {
  if (instances_.size() <= container) instances_.resize(container + 1);
  Function& function = *functions_[pool_->container(container).function];
  // A pre-warm may have been due before this moment; its start is given time from here.
  instances_[container] =
      std::make_unique<Instance>(Instance::Surroundings{loop_, *this, options_.answer_bytes}, function,
                                 container, ++instances_made_, now());
  Instance& instance = *instances_[container];
  function.instances.push_back(&instance);
  start_sandbox(instance);
  if (!is_prewarm) return;
  if (function.spec.ttl) pool_->container(container).keep_alive = *function.spec.ttl;
  ++function.counts.prewarmed;
  log({.at = time,
       .moment = ContainerMoment::start,
       .kind = StartKind::prewarm,
       .function = function.spec.name,
       .instance = instance.number(),
       .used_bytes = pool_->used().count()});
}

void Fleet::on_removed(ContainerId container, Removal reason, Instant time) {
  std::unique_ptr<Instance> gone = std::move(instances_[container]);
  Function& function = gone->function();
  FunctionCounts& counts = function.counts;
  const ContainerMoment moment = moment_of(reason, is_crash_);
  if (moment == ContainerMoment::evict) ++counts.evicted;
  if (moment == ContainerMoment::expire || moment == ContainerMoment::unload) ++counts.expired;
  if (moment == ContainerMoment::crash) ++counts.crashed;
  log({.at = time,
       .moment = moment,
       .function = function.spec.name,
       .instance = gone->number(),
       .used_bytes = (pool_->used() - function.spec.memory).count(),
       .reason = reason == Removal::stopped ? std::string_view(removal_reason_) : std::string_view()});
  std::erase(function.instances, gone.get());
  std::erase(probing_, gone.get());
  if (gone->is_pinned) --function.pinned;
  by_number_.erase(gone->number());
  stop_sandbox(gone->give_up());
  loop_.bury(std::move(gone));
}

void Fleet::start_sandbox(Instance& instance) {
  by_number_[instance.number()] = &instance;
  starters_.ask([this, number = instance.number(), &function = instance.function()] {
    auto started =
        std::make_shared<Result<std::unique_ptr<Sandbox>>>(function.kind->start(function.spec, number));
    if (left_behind_ && *started && (**started)->process() > 0) left_behind_->add((**started)->process());
    loop_.post([this, number, started] { sandbox_started(number, std::move(*started)); });
  });
}

void Fleet::stop_sandbox(std::shared_ptr<Sandbox> sandbox) {
  if (!sandbox) return;
  stoppers_.ask([this, shared = std::move(sandbox), grace = options_.stop_grace] {
    const pid_t process = shared->process();
    shared->stop(grace);
    if (left_behind_ && process > 0) left_behind_->remove(process);
  });
}

void Fleet::sandbox_started(std::uint64_t number, Result<std::unique_ptr<Sandbox>> sandbox) {
  const auto found = by_number_.find(number);
  if (found == by_number_.end()) {
    if (sandbox) stop_sandbox(std::move(*sandbox));
    return;
  }
  Instance& instance = *found->second;
  by_number_.erase(found);
  if (!sandbox) {
    return lose(instance, 502, fmt::format("the instance could not be started: {}", sandbox.error().what));
  }
  instance.started(std::move(*sandbox));
  probing_.push_back(&instance);
  check_after(instance.created(), instance.function().spec.start_timeout);
  instance.probe(now());
}

// --- what instances tell ----------------------------------------------------------------------------------------------

void Fleet::on_ready(Instance& instance) { std::erase(probing_, &instance); }

void Fleet::on_done(Instance& instance, Call& call) {
  const Instant time = now();
  call.done = time;
  Function& function = *call.function;
  function.counts.execution_seconds += to_seconds(time - call.sent);
  if (call.is_cold) function.counts.cold_start_seconds += to_seconds(call.sent - call.placed);
  log({.at = time,
       .moment = ContainerMoment::finish,
       .function = function.spec.name,
       .instance = instance.number(),
       .used_bytes = pool_->used().count()});
  went_idle(instance, time);
  answer(call);
  serve_waiting(function);
}

void Fleet::went_idle(Instance& instance, Instant time) {
  if (instance.calls() > 0) return;
  if (instance.is_condemned) return condemn(instance, "");
  if (instance.is_pinned) return;
  const ContainerId container = instance.container();
  pool_->advance(time - Nanos{1});
  if (const auto& ttl = instance.function().spec.ttl) pool_->container(container).keep_alive = *ttl;
  pool_->finished(container, time);
  pool_->advance(time);
}

void Fleet::on_failed(Instance& instance, Call& call, std::string_view reason, std::string_view why) {
  Function& function = *call.function;
  ++function.counts.failed;
  if (call.done == Instant{}) call.done = now();
  condemn(instance, why);
  refuse(call, reason == late_answer ? 504 : 502, reason, why);
  serve_waiting(function);
}

void Fleet::on_cut(Instance& instance, Call& call, std::string_view why) {
  condemn(instance, why);
  check_cut_call(call, call.done);
}

void Fleet::on_ended(Instance& instance, std::string_view how) {
  lose(instance, 502, fmt::format("the instance ended: {}", how));
}

void Fleet::lose(Instance& instance, int status, std::string_view why) {
  Function& function = instance.function();
  const std::vector<Call*> calls = instance.all_calls();
  for (Call* const call : calls) instance.drop(*call);
  const std::string message(why);
  condemn(instance, message);
  for (Call* const call : calls) {
    ++function.counts.failed;
    refuse(*call, status, status == 504 ? "timeout" : "crash", message);
  }
  serve_waiting(function);
}

/// Ends an instance now or after its last call. Without a reason nothing is wrong with it.
void Fleet::condemn(Instance& instance, std::string_view why) {
  instance.is_condemned = true;
  if (!why.empty() && !has_ended_) instance.is_broken = true;
  if (instance.calls() > 0) return;
  is_crash_ = instance.is_broken;
  removal_reason_ = why;
  pool_->stop(instance.container(), now());
  is_crash_ = false;
  removal_reason_.clear();
}

// --- the least number, and the middle tier ----------------------------------------------------------------------------

void Fleet::pin_missing(Function& function, Instant time) {
  const FunctionSpec& spec = function.spec;
  if (function.is_removed || is_draining_ || time < function.next_pin) return;
  while (function.pinned < spec.min_instances) {
    // One that does not start is not tried again at once.
    function.next_pin = time + std::chrono::seconds(1);
    pool_->advance(time);
    const Placement placement = pool_->try_place(function.id, time);
    if (placement.container == no_container) return;
    // To the pool it executes for ever: it is neither evicted nor expires.
    Instance& instance = *instances_[placement.container];
    instance.is_pinned = true;
    ++function.pinned;
    if (placement.outcome != Outcome::cold) continue;
    ++function.counts.prewarmed;
    log({.at = time,
         .moment = ContainerMoment::start,
         .kind = StartKind::prewarm,
         .function = spec.name,
         .instance = instance.number(),
         .used_bytes = pool_->used().count()});
  }
}

void Fleet::pause_unused(Instant time) {
  for (const auto& instance : instances_) {
    if (!instance || instance->state() != Instance::State::ready || instance->calls() > 0) continue;
    if (!instance->function().kind->can_pause()) continue;
    if (time - std::max(instance->idle_since(), instance->created()) < options_.pause_after) continue;
    change_tier(*instance, true);
  }
}

void Fleet::on_wanted(Instance& instance) { change_tier(instance, false); }

void Fleet::change_tier(Instance& instance, bool pauses) {
  instance.set_state(pauses ? Instance::State::pausing : Instance::State::resuming);
  by_number_[instance.number()] = &instance;
  starters_.ask([this, number = instance.number(), sandbox = instance.sandbox(), pauses] {
    auto changed = std::make_shared<Result<>>(pauses ? sandbox->pause() : sandbox->resume());
    loop_.post([this, number, changed, pauses] {
      const auto found = by_number_.find(number);
      if (found == by_number_.end()) return;
      Instance& changing = *found->second;
      by_number_.erase(found);
      if (!*changed) return lose(changing, 502, changed->error().what);
      if (!pauses) return changing.resumed();
      changing.set_state(Instance::State::paused);
      if (changing.calls() > 0) change_tier(changing, false);
    });
  });
}

}  // namespace thaw
