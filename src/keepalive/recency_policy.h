#pragma once
// Policies that remove the longest unused container first.

#include <vector>

#include "keepalive/pool.h"
#include "keepalive/victim_order.h"

namespace thaw {

/// Least recently used, with a keep-alive that is the same for all (`forever`: pressure alone removes).
class RecencyPolicy : public KeepAlivePolicy {
 public:
  explicit RecencyPolicy(Nanos keep_alive) : keep_alive_(keep_alive) {}

  void attach(Pool& pool) override {
    KeepAlivePolicy::attach(pool);
    order_.attach(pool);
  }
  Retention on_start(ContainerId id, bool /*is_cold*/, Instant /*now*/) override {
    order_.use(id);
    return {.keep_alive = keep_alive_};
  }
  void on_idle(ContainerId id, Instant /*now*/) override { order_.idle(id); }
  void on_removed(ContainerId id, Removal /*reason*/, Instant /*now*/) override { order_.remove(id); }
  bool choose_victims(Bytes to_free, FunctionId /*newcomer*/, Instant now,
                      std::vector<ContainerId>& victims) override {
    return order_.choose(to_free, now, victims);
  }

 protected:
  RecencyOrder& order() { return order_; }

 private:
  Nanos keep_alive_;
  RecencyOrder order_;
};

}  // namespace thaw
