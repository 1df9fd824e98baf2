// CIDRE, concurrency-informed orchestration (Liu, Cheng, Shen, Wang & Balaji, ASPLOS 2025). Two decisions:
//
// - Who goes: the lowest clock + frequency·cost / (memory·clones), where clones are the containers of the function. A
//   function with many clones can spare one; greedy-dual values each as if it were the only one.
// - Wait or start: when all clones are busy, an invocation waits for the first of them if that is estimated to be
//   sooner than a cold start would be ready.
//
// The estimate here is |begin of its execution + the usual duration - now|: what remains of it, or, when it is overdue
// already, that it stays so for as long again. The paper's orchestrator learns both times from recent executions; here
// they are the function's. The clock is the figure of the last victim, as in greedy-dual.

#include <algorithm>
#include <chrono>

#include "keepalive/ranked_policy.h"

namespace thaw::policies {
namespace {

class Cidre final : public KeepAlivePolicy {
 public:
  explicit Cidre(double patience) : patience_(patience) {}

  void attach(Pool& pool) override {
    KeepAlivePolicy::attach(pool);
    order_.attach(pool);
  }

  Retention on_start(ContainerId id, bool is_cold, Instant /*now*/) override {
    enter(id, is_cold);
    return {};
  }
  void on_prewarmed(ContainerId id, Instant /*now*/) override { enter(id, true); }
  void on_idle(ContainerId id, Instant /*now*/) override { order_.idle(id); }
  void on_removed(ContainerId id, Removal /*reason*/, Instant /*now*/) override {
    order_.remove(id);
    const FunctionId function = pool().container(id).function;
    std::vector<ContainerId>& clones = clones_[function];
    clones.erase(std::find(clones.begin(), clones.end(), id));
    rank_all(function);
  }

  bool choose_victims(Bytes to_free, FunctionId /*newcomer*/, Instant now,
                      std::vector<ContainerId>& victims) override {
    if (!order_.choose(to_free, now, victims)) return false;
    clock_ = pool().container(victims.back()).priority;
    return true;
  }

  [[nodiscard]] bool may_wait() const override { return patience_ > 0; }
  bool waits_for_busy(FunctionId id, Instant now) override {
    const PoolFunction& function = pool().function(id);
    const Container& first = pool().container(function.running.first());
    const bool began_cold = first.uses == 1 && !first.is_prewarmed;
    const Nanos usual = function.warm + (began_cold ? function.init : Nanos::zero());
    const Nanos remaining = std::chrono::abs(first.started_at + usual - now);
    return static_cast<double>(remaining.count()) < patience_ * static_cast<double>(function.init.count());
  }

 private:
  void enter(ContainerId id, bool is_new) {
    const FunctionId function = pool().container(id).function;
    if (function >= clones_.size()) clones_.resize(pool().functions().size());
    if (id >= clocks_.size()) clocks_.resize(pool().slots());
    clocks_[id] = clock_;
    if (!is_new) {
      rank(id);
      return;
    }
    clones_[function].push_back(id);
    rank_all(function);
  }

  void rank(ContainerId id) {
    Container& container = pool().container(id);
    const PoolFunction& function = pool().function(container.function);
    const auto clones = static_cast<double>(clones_[container.function].size());
    container.priority = clocks_[id] + function.uses * (init_ms(function) / memory_mb(function)) / clones;
    order_.use(id);
  }

  /// The number of clones has changed.
  void rank_all(FunctionId function) {
    for (const ContainerId id : clones_[function]) rank(id);
  }

  double patience_;
  double clock_ = 0;
  PriorityOrder order_;
  std::vector<double> clocks_;                    ///< By container: the clock at its last use.
  std::vector<std::vector<ContainerId>> clones_;  ///< By function.
};

}  // namespace

std::span<const ParameterSpec> cidre_parameters() {
  static constexpr ParameterSpec specs[] = {
      {"patience", "1", "waits for up to this many times the cold start; 0: never", ""}};
  return specs;
}

Result<std::unique_ptr<KeepAlivePolicy>> make_cidre(const Parameters& parameters) {
  THAW_TRY(const double patience, parameters.number("patience", 0, 1000));
  return std::make_unique<Cidre>(patience);
}

}  // namespace thaw::policies
