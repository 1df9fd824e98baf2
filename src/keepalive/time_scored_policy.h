#pragma once
// Policies whose figure of a container changes with time, so that no order can be kept: some idle containers are drawn
// for each victim, and the one with the lowest figure at that moment goes.

#include <vector>

#include "keepalive/pool.h"
#include "keepalive/sampled_order.h"

namespace thaw {

class TimeScoredPolicy : public KeepAlivePolicy {
 public:
  TimeScoredPolicy(std::size_t sample, const RandomStream& random) : order_(sample, random) {}

  void attach(Pool& pool) override {
    KeepAlivePolicy::attach(pool);
    order_.attach(pool);
  }
  Retention on_start(ContainerId id, bool is_cold, Instant now) override {
    if (is_cold) {
      enter(id, now);
    } else {
      order_.come_back(id);
    }
    return {};
  }
  void on_prewarmed(ContainerId id, Instant now) override { enter(id, now); }
  void on_idle(ContainerId id, Instant /*now*/) override { order_.come_back(id); }
  void on_removed(ContainerId id, Removal /*reason*/, Instant /*now*/) override { order_.remove(id); }

  bool choose_victims(Bytes to_free, FunctionId /*newcomer*/, Instant now,
                      std::vector<ContainerId>& victims) override {
    return order_.choose(
        to_free, now, [&](ContainerId id) { return score(id, now); }, victims);
  }

 protected:
  /// The figure of an idle container at `now`.
  [[nodiscard]] virtual double score(ContainerId id, Instant now) const = 0;
  /// How long the container is there.
  [[nodiscard]] Nanos age_of(ContainerId id, Instant now) const { return now - came_at_[id]; }

 private:
  void enter(ContainerId id, Instant now) {
    if (id >= came_at_.size()) came_at_.resize(pool().slots());
    came_at_[id] = now;
    order_.add(id);
  }

  SampledOrder order_;
  std::vector<Instant> came_at_;  ///< By container.
};

}  // namespace thaw
