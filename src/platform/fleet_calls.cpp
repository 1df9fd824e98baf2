// Calls on their way: to an instance, into a queue, or back with a reason.

#include <algorithm>
#include <array>
#include <charconv>

#include "net/grpc.h"
#include "platform/fleet.h"

namespace thaw {
namespace {

/// The end of a process is heard of within this time of the end of its connections, even from a busy machine.
constexpr Nanos time_to_end = std::chrono::milliseconds(20);

double milliseconds(Nanos time) { return static_cast<double>(time.count()) * 1e-6; }

void add_time(HttpHeaders& headers, std::string_view name, Nanos time) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(),
                                 milliseconds(std::max(time, Nanos::zero())), std::chars_format::fixed, 3);
  headers.add(name, {text.data(), static_cast<std::size_t>(end.ptr - text.data())});
}

}  // namespace

Call& Fleet::open_call() {
  if (free_calls_.empty()) {
    calls_.push_back(std::make_unique<Call>());
    free_calls_.push_back(calls_.back().get());
  }
  Call& call = *free_calls_.back();
  free_calls_.pop_back();
  return call;
}

void Fleet::recycle(Call& call) {
  call.reset();
  free_calls_.push_back(&call);
}

void Fleet::invoke(Call& call, Function& function) {
  const Instant time = now();
  call.function = &function;
  call.arrived = time;
  call.place = active_.size();
  active_.push_back(&call);
  if (is_draining_) return refuse(call, 503, "draining", "the platform ends and takes no new invocations");
  pool_->advance(time);
  pool_->announce(function.id, time);
  if (!function.queue.empty()) return wait_or_drop(call, Attempt::at_most_instances);
  if (const Attempt attempt = try_place(call); attempt != Attempt::placed) wait_or_drop(call, attempt);
}

Instance* Fleet::joinable(Function& function, Instant /*now*/) const {
  const std::uint32_t most = function.spec.concurrency;
  Instance* best = nullptr;
  for (Instance* const instance : function.instances) {
    if (instance->is_condemned || instance->calls() >= most) continue;
    // An instance without calls is the pool's to give, unless it is one of the least number.
    if (instance->calls() == 0 && !instance->is_pinned) continue;
    const auto is_ready = [](const Instance& one) { return one.state() == Instance::State::ready; };
    if (best == nullptr || (is_ready(*instance) && !is_ready(*best))) best = instance;
  }
  return best;
}

Fleet::Attempt Fleet::try_place(Call& call) {
  Function& function = *call.function;
  const Instant time = now();
  pool_->advance(time);
  if (function.spec.concurrency > 1 || function.pinned > 0) {
    if (Instance* const instance = joinable(function, time)) {
      assign(call, *instance, false, time);
      return Attempt::placed;
    }
  }
  const std::uint32_t most = function.spec.max_instances;
  if (most != 0 && function.instances.size() >= most && !pool_->has_idle(function.id, time)) {
    return Attempt::at_most_instances;
  }
  const Placement placement = pool_->try_place(function.id, time);
  if (placement.container == no_container) return Attempt::no_memory;
  assign(call, *instances_[placement.container], placement.outcome == Outcome::cold, time);
  return Attempt::placed;
}

void Fleet::assign(Call& call, Instance& instance, bool is_cold, Instant time) {
  // The instant of the decision: another thread may have begun to start the instance since.
  call.placed = time;
  call.number = instance.number();
  call.is_cold = is_cold;
  FunctionCounts& counts = call.function->counts;
  ++(is_cold ? counts.cold : counts.warm);
  log({.at = call.placed,
       .moment = ContainerMoment::start,
       .kind = is_cold ? StartKind::cold : StartKind::warm,
       .function = call.function->spec.name,
       .instance = instance.number(),
       .used_bytes = pool_->used().count()});
  check_after(call.placed, call.function->spec.timeout);
  instance.take(call);
}

void Fleet::wait_or_drop(Call& call, Attempt why) {
  Function& function = *call.function;
  const bool has_no_memory = why == Attempt::no_memory;
  const bool is_infeasible = function.spec.memory > options_.memory;
  if (has_no_memory && (!options_.waits_for_memory || is_infeasible)) {
    return drop(call, "no-memory",
                is_infeasible ? "an instance needs more than the whole budget"
                              : "the running instances leave no room for another one");
  }
  if (function.queue.size() >= options_.queue_limit) {
    return drop(call, "queue-full", "as many invocations of the function wait as may");
  }
  if (function.queue.empty()) with_waiting_.push_back(&function);
  function.queue.push_back(&call);
  ++waiting_;
  check_after(call.arrived, options_.queue_timeout);
}

void Fleet::serve_waiting(Function& freed) {
  if (waiting_ == 0) return;
  const auto serve = [this](Function& function) {
    while (!function.queue.empty()) {
      Call& call = *function.queue.front();
      function.queue.pop_front();
      --waiting_;
      if (try_place(call) == Attempt::placed) continue;
      function.queue.push_front(&call);
      ++waiting_;
      break;
    }
  };
  serve(freed);
  std::erase_if(with_waiting_, [](const Function* function) { return function->queue.empty(); });
  if (!options_.waits_for_memory) return;
  const std::vector<Function*> others = with_waiting_;
  for (Function* const function : others) serve(*function);
}

void Fleet::drop(Call& call, std::string_view reason, std::string_view message) {
  pool_->give_up(call.function->id);
  ++call.function->counts.dropped;
  log({.at = now(),
       .moment = ContainerMoment::drop,
       .function = call.function->spec.name,
       .used_bytes = pool_->used().count(),
       .reason = reason});
  refuse(call, 503, reason, message);
}

void Fleet::refuse(Call& call, int status, std::string_view reason, std::string_view message) {
  HttpResponse& response = call.response;
  response.clear();
  if (call.is_grpc()) {
    make_grpc_response(response, {grpc_code_of_http(status), fmt::format("{}: {}", reason, message)});
  } else {
    response.status = status;
    response.content_type = "application/json";
    response.body = nlohmann::ordered_json{{"error", reason}, {"message", message}}.dump() + "\n";
  }
  response.headers.add("X-Thaw-Error", reason);
  if (status == 503) response.headers.add("Retry-After", "1");
  if (call.done == Instant{}) call.done = now();
  answer(call);
}

void Fleet::answer(Call& call) {
  active_[call.place] = active_.back();
  active_[call.place]->place = call.place;
  active_.pop_back();
  if (call.caller != nullptr) {
    HttpHeaders& headers = call.response.headers;
    const bool was_placed = call.number != 0;
    headers.add("X-Thaw-Cold", call.is_cold ? "1" : "0");
    if (was_placed) {
      std::array<char, 20> number{};
      const auto end = std::to_chars(number.data(), number.data() + number.size(), call.number);
      headers.add("X-Thaw-Instance", {number.data(), static_cast<std::size_t>(end.ptr - number.data())});
    }
    // A warm call has no cold start: what it waits for its instance, even for one that another call has started, is
    // its queue's.
    const Instant taken = call.was_sent ? call.sent : call.done;
    const Instant queued_until = was_placed && call.is_cold ? call.placed : taken;
    add_time(headers, "X-Thaw-Queue-Ms", queued_until - call.arrived);
    add_time(headers, "X-Thaw-Cold-Start-Ms", taken - queued_until);
    add_time(headers, "X-Thaw-Execution-Ms", call.was_sent ? call.done - call.sent : Nanos{});
    call.caller->on_answer(call);
  }
  recycle(call);
}

void Fleet::abandon(Call& call) {
  call.caller = nullptr;
  if (call.instance != nullptr || call.function == nullptr) return;
  auto& queue = call.function->queue;
  const auto found = std::find(queue.begin(), queue.end(), &call);
  if (found == queue.end()) return;
  queue.erase(found);
  --waiting_;
  drop(call, "client-left", "the client closed the connection");
}

void Fleet::check_after(Instant since, Nanos limit) {
  constexpr Nanos finest = std::chrono::milliseconds(1);
  // Checks come ten times a second anyway, so a longer limit is as good as this one.
  const Instant due = since + std::min<Nanos>(limit, std::chrono::hours(1));
  next_check_ = std::min(next_check_, std::max(due, last_check_) + finest);
}

void Fleet::check_time_limits(Instant time) {
  // Backwards, for those that are given up leave the list and the last one takes their place.
  for (std::size_t i = active_.size(); i-- > 0;) {
    if (i < active_.size()) check_time_limit(*active_[i], time);
  }
  const std::vector<Instance*> probing = probing_;
  for (Instance* const instance : probing) {
    const Nanos limit = instance->function().spec.start_timeout;
    if (time - instance->created() <= limit) {
      check_after(instance->created(), limit);
      continue;
    }
    if (std::find(probing_.begin(), probing_.end(), instance) == probing_.end()) continue;
    lose(*instance, 504, "the instance did not listen on its port in time");
  }
}

void Fleet::check_time_limit(Call& call, Instant time) {
  const FunctionSpec& spec = call.function->spec;
  Instance* const instance = call.instance;
  if (instance == nullptr) {
    if (time - call.arrived <= options_.queue_timeout)
      return check_after(call.arrived, options_.queue_timeout);
    auto& queue = call.function->queue;
    queue.erase(std::find(queue.begin(), queue.end(), &call));
    --waiting_;
    return drop(call, "queue-timeout", "no instance was free in time");
  }
  if (call.done != Instant{}) return check_cut_call(call, time);
  if (call.was_sent) {
    if (time - call.sent <= spec.timeout) return check_after(call.sent, spec.timeout);
    instance->drop(call);
    return on_failed(*instance, call, late_answer,
                     fmt::format("the function did not answer within {}", format_duration(spec.timeout)));
  }
  // Probing ones are looked at by themselves; this is for those whose sandbox does not even start.
  if (time - call.placed <= spec.start_timeout + std::chrono::seconds(1)) return;
  lose(*instance, 504, "the instance did not start in time");
}

void Fleet::check_cut_call(Call& call, Instant time) {
  if (time - call.done <= time_to_end) return check_after(call.done, time_to_end);
  Instance& instance = *call.instance;
  const std::string why = instance.why_cut(call);
  instance.drop(call);
  on_failed(instance, call, bad_answer, why);
}

}  // namespace thaw
