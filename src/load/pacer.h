#pragma once
// The pacer: takes up each planned invocation at its intended instant, whatever the answers do (open loop), and those that
// follow from answers when they are due (closed loop, workflows). One thread; the protocol is the worker's matter.

#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <vector>

#include "core/clock.h"
#include "load/protocol_worker.h"
#include "load/wake_delay.h"

namespace thaw {

/// What is done with an invocation whose instant has passed.
enum class LatePolicy : std::uint8_t {
  catch_up,  ///< Sent at once.
  drop,      ///< Counted, not sent, beyond the limit.
  abort,     ///< Ends the run beyond the limit.
};
/// "catch-up", "drop" or "abort". Errors: bad_usage.
Result<LatePolicy> parse_late_policy(std::string_view name);

struct PacerOptions {
  LatePolicy late = LatePolicy::catch_up;
  Nanos late_limit = std::chrono::milliseconds(100);
  /// So long before an instant the thread stops sleeping and spins. It wakes up early in any case, by what a wake-up takes.
  Nanos spin{};
  /// So long after the last instant answers are waited for.
  Nanos drain = std::chrono::seconds(90);
};

/// The plan, one invocation after the other, by intended instant.
class InvocationPlan {
 public:
  virtual ~InvocationPlan() = default;
  /// The next one, or nullptr at the end. Valid until the next call. Errors: of the plan's source.
  virtual Result<const Invocation*> next() = 0;
};

/// What follows from an answer.
class Followers {
 public:
  virtual ~Followers() = default;
  /// Appends the invocations that follow the end of `ended`, with their intended instants.
  virtual void follow(const Invocation& ended, std::vector<Invocation>& next) = 0;
};

class Pacer final : public InvocationSink {
 public:
  /// All outlive the pacer. `followers` may be null.
  Pacer(ProtocolWorker& worker, const PacerOptions& options, Clock& clock, InvocationSink& sink,
        Followers* followers = nullptr);

  /// Sends the plan, whose instants count from `anchor`, and waits for the answers until all are there, or until the drain
  /// time has passed. What is in flight then is censored: handed to the sink without an end.
  /// `is_stopped` is asked now and then. Errors: the plan's; what was sent is in the sink then, too.
  Result<> run(InvocationPlan& plan, MonotonicTime anchor, const std::function<bool()>& is_stopped);

  /// Whether LatePolicy::abort ended the run.
  [[nodiscard]] bool was_aborted() const { return was_aborted_; }
  /// Whether `is_stopped` ended it.
  [[nodiscard]] bool was_stopped() const { return was_stopped_; }
  /// Time awake with nothing to do, because an instant was near, or with work that could wait.
  [[nodiscard]] Nanos spare() const { return Nanos(spare_ns_); }

  /// Called by the worker.
  void take(const Invocation& invocation) override;

 private:
  struct Later {
    bool operator()(const Invocation& a, const Invocation& b) const { return a.intended_ns > b.intended_ns; }
  };

  [[nodiscard]] std::int64_t now_ns() const { return (clock_.now() - anchor_).count(); }
  Result<> send_until_done(InvocationPlan& plan, const std::function<bool()>& is_stopped);
  Result<bool> release_due(InvocationPlan& plan, std::int64_t now);
  bool release(const Invocation& planned, std::int64_t now);
  void release_followers(std::int64_t now);
  [[nodiscard]] std::int64_t next_due() const;
  void wait(std::int64_t now);
  bool use_spare_time(std::int64_t now, std::int64_t due);
  void sleep(std::int64_t now, std::int64_t length, std::int64_t due);
  void stay_awake(std::int64_t now, std::int64_t due);

  ProtocolWorker& worker_;
  PacerOptions options_;
  Clock& clock_;
  InvocationSink& sink_;
  Followers* followers_;
  MonotonicTime anchor_;
  const Invocation* planned_ = nullptr;  ///< The next of the plan.
  std::vector<Invocation> new_followers_;
  std::priority_queue<Invocation, std::vector<Invocation>, Later> due_followers_;
  std::int64_t last_ns_ = 0;  ///< The last instant so far.
  WakeDelay wake_delay_;
  std::int64_t spare_ns_ = 0;
  bool was_aborted_ = false;
  bool was_stopped_ = false;
};

}  // namespace thaw
