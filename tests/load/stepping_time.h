#pragma once
// A clock that stands still until it is told, and a worker that takes note of what it is given.

#include <functional>
#include <vector>

#include "load/protocol_worker.h"

namespace thaw::tests {

class SteppingTime final : public Clock {
 public:
  MonotonicTime now() const override { return MonotonicTime(now_ += look); }
  WallTime wall() const override { return WallTime(now_); }
  void sleep_until(MonotonicTime when) override { now_ = when.time_since_epoch(); }
  void pass(Nanos time) { now_ += time; }

  Nanos look{0};  ///< That looking at the clock takes.

 private:
  mutable Nanos now_{0};
};

/// Answers each invocation `service` after it was taken up. Waiting for it makes the time pass.
class NotingWorker final : public ProtocolWorker {
 public:
  NotingWorker(SteppingTime& time, Nanos service) : time_(time), service_(service) {}

  void begin(MonotonicTime anchor, InvocationSink& sink) override {
    anchor_ = anchor;
    sink_ = &sink;
  }
  void submit(const Invocation& invocation) override {
    taken.push_back(invocation);
    pending_.push_back(invocation);
    time_.pass(sending);
  }
  std::size_t handle_ready(Nanos limit, std::int64_t) override {
    if (on_wait) on_wait();
    const std::int64_t until = now() + limit.count();
    while (answers && !pending_.empty() && pending_.front().dispatched_ns + service_.count() <= until) {
      Invocation done = pending_.front();
      pending_.erase(pending_.begin());
      const std::int64_t at = std::max(now(), done.dispatched_ns + service_.count());
      time_.pass(Nanos(at - now()));
      done.sent_ns = done.dispatched_ns;
      done.done_ns = at;
      sink_->take(done);
      return 1;
    }
    time_.pass(Nanos(std::max<std::int64_t>(until - now(), 0)));
    if (limit > Nanos::zero()) time_.pass(waking);
    return 0;
  }
  void expire(std::int64_t) override {}
  void censor_rest() override {
    for (const Invocation& invocation : pending_) sink_->take(invocation);
    pending_.clear();
  }
  [[nodiscard]] std::uint64_t in_flight() const override { return pending_.size(); }
  [[nodiscard]] SenderHealth health() const override { return health_; }

  std::vector<Invocation> taken;
  Nanos sending{};  ///< That taking up one takes.
  Nanos waking{};   ///< That a sleep takes beyond its end.
  bool answers = true;
  std::function<void()> on_wait;  ///< Called before each wait.

 private:
  [[nodiscard]] std::int64_t now() const { return (time_.now() - anchor_).count(); }

  SteppingTime& time_;
  Nanos service_;
  MonotonicTime anchor_;
  InvocationSink* sink_ = nullptr;
  std::vector<Invocation> pending_;
  SenderHealth health_;
};

}  // namespace thaw::tests
