#pragma once
// Policies that give a container a figure whenever it is used, and remove the lowest first.

#include <utility>
#include <vector>

#include "keepalive/pool.h"
#include "keepalive/victim_order.h"

namespace thaw {

/// `Rank` has `double rank(const Container&, const PoolFunction&, Instant now)`, the figure of a container that was just
/// used, and `void aged(double victim_rank)`, called with the figure of the last container of each eviction.
template <class Rank>
class RankedPolicy final : public KeepAlivePolicy {
 public:
  explicit RankedPolicy(Rank rank, Nanos keep_alive = forever)
      : rank_(std::move(rank)), keep_alive_(keep_alive) {}

  void attach(Pool& pool) override {
    KeepAlivePolicy::attach(pool);
    order_.attach(pool);
  }

  Retention on_start(ContainerId id, bool /*is_cold*/, Instant now) override {
    Container& container = pool().container(id);
    container.priority = rank_.rank(container, pool().function(container.function), now);
    order_.use(id);
    return {.keep_alive = keep_alive_};
  }
  void on_idle(ContainerId id, Instant /*now*/) override { order_.idle(id); }
  void on_removed(ContainerId id, Removal /*reason*/, Instant /*now*/) override { order_.remove(id); }

  bool choose_victims(Bytes to_free, FunctionId /*newcomer*/, Instant now,
                      std::vector<ContainerId>& victims) override {
    if (!order_.choose(to_free, now, victims)) return false;
    rank_.aged(pool().container(victims.back()).priority);
    return true;
  }

 private:
  Rank rank_;
  Nanos keep_alive_;
  PriorityOrder order_;
};

/// A function's memory in MB (10^6 bytes), the unit of the published formulas.
inline double memory_mb(const PoolFunction& function) {
  return static_cast<double>(function.memory.count()) * 1e-6;
}
/// What a cold start costs, in ms.
inline double init_ms(const PoolFunction& function) {
  return static_cast<double>(function.init.count()) * 1e-6;
}

}  // namespace thaw
