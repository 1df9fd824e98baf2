#pragma once
// What policies share that learn a function's keep-alive from its idle times: they hear of each idle time that ends, and
// decide at each start. Under memory pressure they are as lru.

#include "keepalive/idle_times.h"
#include "keepalive/recency_policy.h"

namespace thaw {

class IdleTimePolicy : public RecencyPolicy {
 public:
  IdleTimePolicy() : RecencyPolicy(forever) {}

  void attach(Pool& pool) override {
    RecencyPolicy::attach(pool);
    idle_times_.attach(pool);
  }
  [[nodiscard]] bool wants_arrivals() const override { return true; }
  void on_arrival(FunctionId function, Instant now) override {
    meet(function);
    if (const auto idle = idle_times_.arrived(function, now)) learn(function, *idle);
  }
  Retention on_start(ContainerId id, bool is_cold, Instant now) override {
    RecencyPolicy::on_start(id, is_cold, now);
    idle_times_.started(id);
    return decide(pool().container(id).function);
  }
  void on_prewarmed(ContainerId id, Instant /*now*/) override { order().use(id); }
  void on_removed(ContainerId id, Removal reason, Instant now) override {
    idle_times_.removed(id);
    RecencyPolicy::on_removed(id, reason, now);
  }

 protected:
  /// The function is about to be learnt of; it may be new.
  virtual void meet(FunctionId function) = 0;
  /// An idle time of the function has ended.
  virtual void learn(FunctionId function, Nanos idle) = 0;
  /// How long a container of the function is to be kept.
  virtual Retention decide(FunctionId function) = 0;

 private:
  IdleTimes idle_times_;
};

}  // namespace thaw
