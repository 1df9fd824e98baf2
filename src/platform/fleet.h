#pragma once
// The functions and their live instances. The room keepalive decides (which container takes an invocation, which ones go,
// which are started ahead of time) with the very objects that the simulator drives; the fleet tells it the real time and
// carries its decisions out with real sandboxes. Everything here runs on the gateway's one thread.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/clock.h"
#include "keepalive/pool.h"
#include "platform/blocking_work.h"
#include "platform/function.h"
#include "platform/gateway_options.h"
#include "platform/instance.h"
#include "platform/left_behind.h"
#include "record/container_event.h"

namespace thaw {

class Fleet final : private PoolObserver, private InstanceKeeper {
 public:
  /// `options` and the others outlive it. Errors: bad_usage (the policy), environment (state, event log).
  static Result<std::unique_ptr<Fleet>> create(const GatewayOptions& options, EventLoop& loop, Clock& clock);
  ~Fleet() override;

  /// Adds a function, or replaces the one of that name: its instances end with their last call.
  /// Errors: bad_usage (the sandbox), environment (no daemon).
  Result<> put(const FunctionSpec& spec);
  /// Whether there was one.
  bool remove(std::string_view name);
  /// Null when there is none.
  [[nodiscard]] Function* find(std::string_view name) const;
  /// All that were ever added; those with is_removed are history.
  [[nodiscard]] const std::vector<std::unique_ptr<Function>>& functions() const { return functions_; }
  [[nodiscard]] const Pool& pool() const { return *pool_; }

  /// A call to fill in and invoke.
  Call& open_call();
  /// Finds it an instance, now or later; its caller gets the answer, perhaps before this returns.
  void invoke(Call& call, Function& function);
  /// The call is not invoked after all.
  void recycle(Call& call);
  /// The caller has left. REQUIRES: on_answer was not called.
  void abandon(Call& call);
  /// Calls that have no answer yet.
  [[nodiscard]] std::size_t active_calls() const { return active_.size(); }
  [[nodiscard]] std::size_t waiting_calls() const { return waiting_; }

  /// Does what is due.
  void run_due();
  /// How long nothing will be due.
  [[nodiscard]] Nanos idle_for() const;
  /// New calls are refused from now on.
  void drain() { is_draining_ = true; }
  [[nodiscard]] bool is_draining() const { return is_draining_; }
  /// Ends everything; the calls that are left are answered with an error. Returns once no sandbox is left.
  void end();

  /// From the begin of the event log.
  [[nodiscard]] Instant now() const override { return clock_.now() - begin_; }

 private:
  Fleet(const GatewayOptions& options, EventLoop& loop, Clock& clock);

  // What the pool decides.
  void on_created(ContainerId container, bool is_prewarm, Instant now) override;
  void on_removed(ContainerId container, Removal reason, Instant now) override;
  // What instances tell.
  void on_ready(Instance& instance) override;
  void on_done(Instance& instance, Call& call) override;
  void on_failed(Instance& instance, Call& call, std::string_view reason, std::string_view why) override;
  void on_cut(Instance& instance, Call& call, std::string_view why) override;
  void on_ended(Instance& instance, std::string_view how) override;
  void on_wanted(Instance& instance) override;

  // fleet_calls.cpp: calls on their way.
  enum class Attempt { placed, at_most_instances, no_memory };
  Attempt try_place(Call& call);
  Instance* joinable(Function& function, Instant now) const;
  void assign(Call& call, Instance& instance, bool is_cold, Instant now);
  void wait_or_drop(Call& call, Attempt why);
  void serve_waiting(Function& freed);
  void drop(Call& call, std::string_view reason, std::string_view message);
  void refuse(Call& call, int status, std::string_view reason, std::string_view message);
  void answer(Call& call);
  void check_time_limits(Instant now);
  void check_time_limit(Call& call, Instant now);
  void check_cut_call(Call& call, Instant now);
  /// Time limits are looked at again once this one is over, if not before.
  void check_after(Instant since, Nanos limit);

  // fleet_instances.cpp: instances that come and go.
  void start_sandbox(Instance& instance);
  void sandbox_started(std::uint64_t number, Result<std::unique_ptr<Sandbox>> sandbox);
  void stop_sandbox(std::shared_ptr<Sandbox> sandbox);
  void went_idle(Instance& instance, Instant now);
  void lose(Instance& instance, int status, std::string_view why);
  void condemn(Instance& instance, std::string_view why);
  void pin_missing(Function& function, Instant now);
  void pause_unused(Instant now);
  void change_tier(Instance& instance, bool pauses);
  Result<SandboxKind*> kind_of(const FunctionSpec& spec);
  void log(const ContainerEvent& event);
  void flush_events();

  const GatewayOptions& options_;
  EventLoop& loop_;
  Clock& clock_;
  MonotonicTime begin_;
  std::string id_ = new_gateway_id();
  std::unique_ptr<Pool> pool_;
  std::optional<ContainerLog> events_;
  std::unique_ptr<LeftBehind> left_behind_;
  std::unordered_map<std::string, std::unique_ptr<SandboxKind>> kinds_;
  std::vector<std::unique_ptr<Function>> functions_;  ///< By FunctionId.
  struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::unordered_map<std::string, Function*, TextHash, std::equal_to<>> by_name_;
  std::vector<std::unique_ptr<Instance>> instances_;        ///< By ContainerId.
  std::unordered_map<std::uint64_t, Instance*> by_number_;  ///< Whose sandbox is worked on elsewhere.
  std::vector<Instance*> probing_;
  std::uint64_t instances_made_ = 0;
  std::string removal_reason_;  ///< Of the pool.stop that is under way.
  bool is_crash_ = false;

  std::vector<std::unique_ptr<Call>> calls_;
  std::vector<Call*> free_calls_;
  std::vector<Call*> active_;
  std::vector<Function*> with_waiting_;
  std::size_t waiting_ = 0;
  Instant last_check_{};
  Instant next_check_{};
  bool is_draining_ = false;
  bool has_ended_ = false;

  BlockingWork starters_{16};
  BlockingWork stoppers_{16};
};

}  // namespace thaw
