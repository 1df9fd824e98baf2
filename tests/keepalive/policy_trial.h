#pragma once
// A small server whose policy is on trial: functions by name, times in seconds, and what the policy did.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "keepalive/pool.h"

namespace thaw::testing {

inline Nanos seconds(double value) { return from_seconds(value); }
inline Bytes megabytes(double value) { return Bytes{static_cast<std::int64_t>(value * 1e6)}; }

/// The policy of a text; fails the test when there is none.
inline std::unique_ptr<KeepAlivePolicy> policy_of(const std::string& text, std::uint64_t seed = 1) {
  auto policy = make_policy(text, seed);
  if (!policy) ADD_FAILURE() << render(policy.error());
  return policy ? *std::move(policy) : *make_policy("lru", 1);
}

struct Figures {
  double memory_mb = 100;
  double init_s = 1;
  double warm_s = 1;
};

class PolicyTrial : public PoolObserver {
 public:
  PolicyTrial(const std::string& policy, double capacity_mb, std::uint64_t seed = 1)
      : pool_(megabytes(capacity_mb), policy_of(policy, seed)) {
    pool_.observe(this);
  }

  void add(const std::string& name, const Figures& figures = {}) {
    ids_[name] =
        pool_.add_function(megabytes(figures.memory_mb), seconds(figures.init_s), seconds(figures.warm_s));
    names_.push_back(name);
  }

  /// An invocation that takes a millisecond. Unknown names are functions with the usual figures.
  Outcome invoke(const std::string& name, double at_s) { return run(name, at_s, 1e-3); }

  Outcome run(const std::string& name, double at_s, double duration_s) {
    if (ids_.find(name) == ids_.end()) add(name);
    advance(at_s);
    const Placement placement = pool_.place(ids_[name], seconds(at_s));
    if (placement.outcome != Outcome::dropped) {
      pool_.runs_until(placement.container, placement.starts_at + seconds(duration_s));
    }
    return placement.outcome;
  }

  void advance(double to_s) { pool_.advance(seconds(to_s)); }

  /// Names of the functions whose containers went for a reason, in order.
  [[nodiscard]] std::vector<std::string> evicted() const { return evicted_; }
  [[nodiscard]] std::uint32_t containers(const std::string& name) {
    return pool_.function(ids_.at(name)).containers;
  }
  [[nodiscard]] Pool& pool() { return pool_; }

  void on_created(ContainerId /*container*/, bool /*is_prewarm*/, Instant /*now*/) override {}
  void on_removed(ContainerId container, Removal reason, Instant /*now*/) override {
    if (reason == Removal::evicted) evicted_.push_back(names_[pool_.container(container).function]);
  }

 private:
  Pool pool_;
  std::map<std::string, FunctionId> ids_;
  std::vector<std::string> names_;
  std::vector<std::string> evicted_;
};

}  // namespace thaw::testing
