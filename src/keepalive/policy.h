#pragma once
// What a keep-alive policy is asked and told. A policy decides how long a container stays once it is idle, which
// idle containers go when memory is short, and whether one is started ahead of time. It knows no clock, no trace and
// no process: the pool tells it the time, and the same object works in the simulator and in the local platform.

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/parameters.h"
#include "core/units.h"

namespace thaw {

class Pool;

/// Nanoseconds since the driver's own start.
using Instant = Nanos;
using FunctionId = std::uint32_t;
/// Slot of a container in its pool; used again after the container is gone.
using ContainerId = std::uint32_t;

inline constexpr FunctionId no_function = ~FunctionId{0};
inline constexpr ContainerId no_container = ~ContainerId{0};
inline constexpr Nanos forever = Nanos::max();
inline constexpr Instant unknown_end = Instant::max();

/// How long a container stays after the execution that begins now.
struct Retention {
  Nanos keep_alive = forever;  ///< From the end of the execution; it is still there at exactly that instant.
  /// Above zero: the container goes at the end of the execution, and another is started this long after it, which
  /// then stays for `keep_alive`.
  Nanos prewarm_after{};
};

/// A container to be started now, ahead of an invocation, and how long it stays unless it is used.
struct Prewarm {
  FunctionId function = no_function;
  Nanos keep_alive = forever;
};

enum class Removal : std::uint8_t {
  evicted,   ///< To make room.
  expired,   ///< Its keep-alive was over.
  unloaded,  ///< At the end of its execution, to be started again later.
  stopped,   ///< The driver ended it (crash, function deleted).
};

/// One policy over one pool. Equal calls give equal answers: chance comes from a seeded stream.
class KeepAlivePolicy {
 public:
  virtual ~KeepAlivePolicy() = default;

  /// Called once, before anything else. The pool outlives the policy.
  virtual void attach(Pool& pool) { pool_ = &pool; }

  /// An execution begins in a container. `is_cold`: the container is new. How long is it kept afterwards?
  virtual Retention on_start(ContainerId container, bool is_cold, Instant now) = 0;

  /// A container was started ahead of time and is idle.
  virtual void on_prewarmed(ContainerId container, Instant now) { on_start(container, false, now); }

  /// A container that the policy watches (Pool::watch) is idle.
  virtual void on_idle(ContainerId /*container*/, Instant /*now*/) {}

  /// A container is gone; its slot may be used again.
  virtual void on_removed(ContainerId container, Removal reason, Instant now) = 0;

  /// Appends idle containers whose memory is at least `to_free` together, in the order in which they go, no more than
  /// needed. When there are not enough, returns false and leaves everything as it was.
  ///
  /// REQUIRES: to_free > 0. `newcomer` is the function that needs the room.
  virtual bool choose_victims(Bytes to_free, FunctionId newcomer, Instant now,
                              std::vector<ContainerId>& victims) = 0;

  /// Whether on_arrival is to be called. Asked once.
  [[nodiscard]] virtual bool wants_arrivals() const { return false; }
  /// An invocation arrives; called before a container is looked for, also when it is dropped in the end.
  virtual void on_arrival(FunctionId /*function*/, Instant /*now*/) {}

  /// Whether waits_for_busy is to be asked. Asked once.
  [[nodiscard]] virtual bool may_wait() const { return false; }
  /// No container of the function is idle, some are busy: wait for the first of them rather than start another?
  virtual bool waits_for_busy(FunctionId /*function*/, Instant /*now*/) { return false; }

  /// When on_tick is wanted next; `forever` for never. Asked after on_arrival, after on_tick and whenever something else
  /// was due, so that a policy moves its tick in one of those.
  [[nodiscard]] virtual Instant next_tick() const { return forever; }
  /// Appends the containers that are to be started now, each if there is free memory.
  virtual void on_tick(Instant /*now*/, std::vector<Prewarm>& /*prewarm*/) {}

 protected:
  [[nodiscard]] Pool& pool() const { return *pool_; }

 private:
  Pool* pool_ = nullptr;
};

/// A row of the table of policies.
struct PolicyEntry {
  std::string_view name;
  std::string_view summary;
  std::string_view reference;  ///< Author, venue, year; empty when it needs none.
  std::string_view aliases;    ///< Other accepted names, separated by spaces.
  std::string_view unnamed;    ///< The parameter that a value without a name sets: "ttl:20m".
  std::span<const ParameterSpec> parameters;
  Result<std::unique_ptr<KeepAlivePolicy>> (*make)(const Parameters& parameters);
};

/// Every policy, in help order.
std::span<const PolicyEntry> all_policies();

/// The policy with this name or alias; case does not matter, '-' and '_' are alike. Errors: bad_usage, suggesting
/// the nearest name.
Result<const PolicyEntry*> find_policy(std::string_view name);

/// A form of policy that is given whole at run time: "expr:clock + freq*cost/size". What follows the colon is its own.
struct PolicyForm {
  std::string_view name;
  std::string_view summary;
  std::string_view usage;
  Result<std::unique_ptr<KeepAlivePolicy>> (*make)(std::string_view text, std::uint64_t seed);
};
/// Every form, in help order.
std::span<const PolicyForm> policy_forms();

/// A policy from text: "gd", "ttl:20m", "s3-fifo:small=0.2", "expr:clock + cost/size", "lib:./policy.so". Errors:
/// bad_usage for an unknown policy or parameter; those of the form (expression_policy.h, library_policy.h).
Result<std::unique_ptr<KeepAlivePolicy>> make_policy(std::string_view text, std::uint64_t seed);

}  // namespace thaw
