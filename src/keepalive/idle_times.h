#pragma once
// How long a function was idle before each of its invocations: from the end of its last execution to the arrival.
// Zero while any of its containers is known to run.

#include <algorithm>
#include <optional>
#include <vector>

#include "keepalive/pool.h"

namespace thaw {

class IdleTimes {
 public:
  void attach(const Pool& pool) { pool_ = &pool; }

  /// An invocation arrives: the idle time that it ends; nullopt for the first one of its function, and while the end of
  /// the last execution is not known.
  std::optional<Nanos> arrived(FunctionId function, Instant now) {
    if (function >= functions_.size()) functions_.resize(pool_->functions().size());
    Past& past = functions_[function];
    fold(past);
    const Instant last_end = past.last_end;
    const bool is_first = !past.was_invoked;
    past.was_invoked = true;
    if (last_end == unknown_end) {
      past.last_end = now;
      return std::nullopt;
    }
    // A dropped invocation ends an idle time as well.
    past.last_end = std::max(last_end, now);
    if (is_first) return std::nullopt;
    return std::max(Nanos::zero(), now - last_end);
  }

  /// An execution begins in the container.
  void started(ContainerId id) {
    const FunctionId function = pool_->container(id).function;
    if (function < functions_.size()) functions_[function].container = id;
  }

  void removed(ContainerId id) {
    const FunctionId function = pool_->container(id).function;
    if (function >= functions_.size() || functions_[function].container != id) return;
    fold(functions_[function]);
  }

 private:
  struct Past {
    Instant last_end{};
    ContainerId container = no_container;  ///< Started last; its end is not in last_end yet.
    bool was_invoked = false;
  };

  void fold(Past& past) const {
    if (past.container == no_container) return;
    past.last_end = std::max(past.last_end, pool_->container(past.container).busy_until);
    past.container = no_container;
  }

  const Pool* pool_ = nullptr;
  std::vector<Past> functions_;
};

}  // namespace thaw
