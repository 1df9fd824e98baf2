#pragma once
// One live instance of a function: its sandbox, its connections, and the calls that it has or waits to take.

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "keepalive/policy.h"
#include "platform/call.h"
#include "platform/event_loop.h"
#include "platform/sandbox.h"
#include "platform/upstream.h"

namespace thaw {

/// Whoever keeps the instances and decides about them.
class InstanceKeeper {
 public:
  virtual ~InstanceKeeper() = default;
  /// It listens; calls that waited for it are on their way.
  virtual void on_ready(Instance& instance) = 0;
  virtual void on_done(Instance& instance, Call& call) = 0;
  /// The call got no proper answer, so the instance is not to be trusted any more.
  /// `reason` is the word of X-Thaw-Error, `why` a sentence.
  virtual void on_failed(Instance& instance, Call& call, std::string_view reason, std::string_view why) = 0;
  /// The call's connection was cut, and the end of the sandbox may be the cause: that is heard of as `on_ended` soon or
  /// never. The instance has the call until the keeper drops it.
  virtual void on_cut(Instance& instance, Call& call, std::string_view why) = 0;
  /// Its sandbox has ended by itself; `how` says how.
  virtual void on_ended(Instance& instance, std::string_view how) = 0;
  /// It is paused, and a call waits for it.
  virtual void on_wanted(Instance& instance) = 0;
  /// The time, for what happens inside an event.
  [[nodiscard]] virtual Instant now() const = 0;
};

class Instance final : public EventSource, private UpstreamOwner {
 public:
  enum class State : std::uint8_t {
    starting,  ///< Its sandbox is being made.
    probing,   ///< The sandbox runs; its program does not listen yet.
    ready,
    pausing,
    paused,
    resuming,
  };
  struct Surroundings {
    EventLoop& loop;
    InstanceKeeper& keeper;
    std::size_t answer_bytes;
  };

  Instance(const Surroundings& surroundings, Function& function, ContainerId container, std::uint64_t number,
           Instant created)
      : with_(surroundings), function_(function), container_(container), number_(number), created_(created) {}
  ~Instance() override;

  [[nodiscard]] Function& function() const { return function_; }
  [[nodiscard]] ContainerId container() const { return container_; }
  [[nodiscard]] std::uint64_t number() const { return number_; }
  [[nodiscard]] State state() const { return state_; }
  void set_state(State state) { state_ = state; }
  [[nodiscard]] Instant created() const { return created_; }
  /// Calls that it has or that wait for it.
  [[nodiscard]] std::uint32_t calls() const { return calls_; }
  /// When it had its last call.
  [[nodiscard]] Instant idle_since() const { return idle_since_; }
  [[nodiscard]] const std::shared_ptr<Sandbox>& sandbox() const { return sandbox_; }

  /// The sandbox runs. Its end is heard of from now on.
  void started(std::unique_ptr<Sandbox> sandbox);
  /// Tries to connect to its program if that is due. REQUIRES: probing.
  void probe(Instant now);
  [[nodiscard]] Instant next_probe() const { return next_probe_; }
  /// The sandbox works again.
  void resumed();
  /// Gives it a call: sent now or as soon as it is ready.
  void take(Call& call);
  /// The call is not waited for any more; the connection that carries it ends.
  void drop(Call& call);
  /// Why the call's connection was cut; empty when it was not.
  [[nodiscard]] std::string why_cut(const Call& call) const;
  /// All calls that it has: running, waiting, or cut off.
  [[nodiscard]] std::vector<Call*> all_calls() const;
  /// Gives the sandbox away, to be stopped elsewhere; all connections end. No call is told.
  std::shared_ptr<Sandbox> give_up();

  void on_events(std::uint32_t events) override;

  bool is_pinned = false;     ///< One of its function's least number.
  bool is_condemned = false;  ///< Gets no more calls, and ends after the last one.
  bool is_broken = false;     ///< It misbehaved.

 private:
  void on_connected(Upstream& upstream) override;
  void on_answered(Upstream& upstream) override;
  void on_broken(Upstream& upstream, std::string_view reason, std::string_view why) override;
  Result<std::unique_ptr<Upstream>> connect(bool is_http2);
  [[nodiscard]] bool needs_http2(const Call& call) const;
  /// Sends the call over an idle connection, or connects.
  void dispatch(Call& call);
  void send_waiting();
  bool is_retry_safe(const Upstream& upstream, const Call& call) const;
  std::unique_ptr<Upstream> take_out(Upstream& upstream);
  void discard(Upstream& upstream);
  void lost_connection(Call& call, std::string_view why);
  void finish(Call& call);

  Surroundings with_;
  Function& function_;
  ContainerId container_;
  std::uint64_t number_;
  Instant created_;
  State state_ = State::starting;
  std::shared_ptr<Sandbox> sandbox_;
  std::vector<std::unique_ptr<Upstream>> connections_;
  std::vector<Upstream*> idle_;  ///< Connected and without a call.
  std::deque<Call*> waiting_;    ///< For the instance to be ready, or for a connection.
  struct CutCall {
    Call* call;
    std::string why;
  };
  std::vector<CutCall> cut_;  ///< Whose connection was cut, until it is known whether the sandbox has ended.
  std::uint32_t calls_ = 0;
  Upstream* probe_ = nullptr;
  Instant probe_begun_{}, probing_since_{}, next_probe_{};
  Instant idle_since_{};
};

}  // namespace thaw
