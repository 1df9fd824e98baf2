#include "load/pacer.h"

#include <algorithm>
#include <limits>

#include "core/text.h"
#include "load/thread_rank.h"

namespace thaw {
namespace {

/// Far enough, and differences to it are numbers, too.
constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max() / 2;
/// Answers wait while a backlog is sent: look at them after so many.
constexpr int most_released_at_once = 64;
/// The longest sleep, so that limits and interrupts are looked at.
constexpr std::int64_t longest_wait_ns = 50'000'000;
/// How often the pacer asks whether it is to stop.
constexpr std::int64_t look_step_ns = 10'000'000;
/// While spinning, sockets are looked at until so long before the instant; a look takes less.
constexpr std::int64_t last_look_ns = 3'000;

/// So long the processor is left to the thread that has to go on before deferred work can be done, whatever comes meanwhile:
/// between two instants or answers it would get nothing done.
constexpr std::int64_t pause_ns = 30'000;

}  // namespace

Result<LatePolicy> parse_late_policy(std::string_view name) {
  if (name == "catch-up") return LatePolicy::catch_up;
  if (name == "drop") return LatePolicy::drop;
  if (name == "abort") return LatePolicy::abort;
  const std::vector<std::string> names = {"catch-up", "drop", "abort"};
  return fail_at(ErrorKind::bad_usage, fmt::format("unknown late policy \"{}\"", name), "--late",
                 suggest(name, names));
}

Pacer::Pacer(ProtocolWorker& worker, const PacerOptions& options, Clock& clock, InvocationSink& sink,
             Followers* followers)
    : worker_(worker), options_(options), clock_(clock), sink_(sink), followers_(followers) {}

void Pacer::take(const Invocation& invocation) {
  if (followers_ != nullptr) followers_->follow(invocation, new_followers_);
  sink_.take(invocation);
}

Result<> Pacer::run(InvocationPlan& plan, MonotonicTime anchor, const std::function<bool()>& is_stopped) {
  go_first();
  anchor_ = anchor;
  worker_.begin(anchor, *this);
  const Result<> sent = send_until_done(plan, is_stopped);
  followers_ = nullptr;  // What is censored is followed by nothing.
  worker_.censor_rest();
  return sent;
}

Result<> Pacer::send_until_done(InvocationPlan& plan, const std::function<bool()>& is_stopped) {
  THAW_TRY(planned_, plan.next());
  std::int64_t next_look = 0;
  for (;;) {
    THAW_TRY(const bool goes_on, release_due(plan, now_ns()));
    if (!goes_on) return {};
    const std::int64_t now = now_ns();
    release_followers(now);
    worker_.expire(now);
    const bool has_ended = planned_ == nullptr && due_followers_.empty() && new_followers_.empty();
    if (has_ended && (worker_.in_flight() == 0 || now > last_ns_ + options_.drain.count())) return {};
    if (now >= next_look) {
      next_look = now + look_step_ns;
      was_stopped_ = is_stopped();
      if (was_stopped_) return {};
    }
    wait(now_ns());
  }
}

bool Pacer::release(const Invocation& planned, std::int64_t now) {
  last_ns_ = std::max(last_ns_, planned.intended_ns);
  Invocation invocation = planned;
  const std::int64_t late = now - planned.intended_ns;
  if (options_.late == LatePolicy::catch_up || late <= options_.late_limit.count()) {
    invocation.dispatched_ns = now;
    worker_.submit(invocation);
    return true;
  }
  invocation.cause = Cause::dropped;
  take(invocation);
  if (options_.late == LatePolicy::drop) return true;
  was_aborted_ = true;
  return false;
}

Result<bool> Pacer::release_due(InvocationPlan& plan, std::int64_t now) {
  for (int released = 0; planned_ != nullptr && planned_->intended_ns <= now; now = now_ns()) {
    if (released++ == most_released_at_once) break;
    if (!release(*planned_, now)) return false;
    THAW_TRY(planned_, plan.next());
  }
  return true;
}

void Pacer::release_followers(std::int64_t now) {
  // Sending may fail at once and be followed again: those wait for the next round.
  for (const Invocation& follower : new_followers_) due_followers_.push(follower);
  new_followers_.clear();
  while (!due_followers_.empty() && due_followers_.top().intended_ns <= now) {
    Invocation invocation = due_followers_.top();
    due_followers_.pop();
    last_ns_ = std::max(last_ns_, invocation.intended_ns);
    invocation.dispatched_ns = std::max(now_ns(), invocation.intended_ns);
    worker_.submit(invocation);
  }
}

std::int64_t Pacer::next_due() const {
  if (!new_followers_.empty()) return 0;
  std::int64_t due = planned_ != nullptr ? planned_->intended_ns : never;
  if (!due_followers_.empty()) due = std::min(due, due_followers_.top().intended_ns);
  return due;
}

void Pacer::wait(std::int64_t now) {
  const std::int64_t due = next_due();
  const std::int64_t left = due - now;
  if (left <= 0) {
    worker_.handle_ready(Nanos::zero(), due);
    return;
  }
  if (left > last_look_ns && sink_.has_deferred_work()) {
    if (use_spare_time(now, due)) return;
    if (left < pause_ns) return clock_.sleep_until(anchor_ + Nanos(now + pause_ns));
    return sleep(now, std::min(left, longest_wait_ns), due);
  }
  if (left > longest_wait_ns) return sleep(now, longest_wait_ns, due);
  // A sleep that ends when the instant has come ends too late.
  const std::int64_t early = std::max(options_.spin.count(), wake_delay_.typical_ns());
  if (left > early) return sleep(now, left - early, due);
  stay_awake(now, due);
}

/// False when nothing can be done now.
bool Pacer::use_spare_time(std::int64_t now, std::int64_t due) {
  // Answers first: they are measured by when they are read.
  if (worker_.handle_ready(Nanos::zero(), due) > 0) return true;
  if (!sink_.do_deferred_work()) return false;
  spare_ns_ += now_ns() - now;
  return true;
}

void Pacer::sleep(std::int64_t now, std::int64_t length, std::int64_t due) {
  if (worker_.handle_ready(Nanos(length), due) == 0) wake_delay_.add(now_ns() - now - length);
}

void Pacer::stay_awake(std::int64_t now, std::int64_t due) {
  std::int64_t at = now;
  const std::int64_t end = std::min(due, now + longest_wait_ns);
  for (; at < end; at = now_ns()) {
    // Too near to the instant there is no time for another look at the sockets.
    if (due - at > last_look_ns && worker_.handle_ready(Nanos::zero(), due) > 0) break;
  }
  spare_ns_ += at - now;
}

}  // namespace thaw
