// ARC, the adaptive replacement cache (Megiddo & Modha, FAST 2003, figure 4): containers that were used once (T1) and
// those that were used again (T2), each by last use; functions lately evicted from either (B1, B2); and a target for
// the memory of T1 that grows when a function of B1 comes back and shrinks when one of B2 does.
//
// Everything is measured by memory. B1 and B2 hold functions, as a container does not outlive its eviction; another
// clone of a function that has containers is new. Running containers are skipped.

#include <algorithm>

#include "keepalive/container_queues.h"
#include "keepalive/function_ghosts.h"

namespace thaw::policies {
namespace {

constexpr ContainerQueues::Queue once = 0;   // T1
constexpr ContainerQueues::Queue again = 1;  // T2

class Arc final : public KeepAlivePolicy {
 public:
  void attach(Pool& pool) override {
    KeepAlivePolicy::attach(pool);
    queues_.attach(pool);
    for (FunctionGhosts& ghosts : ghosts_) ghosts.attach(pool);
  }

  Retention on_start(ContainerId id, bool is_cold, Instant /*now*/) override {
    if (is_cold) {
      enter(id);
    } else {
      queues_.renew(again, id);
    }
    return {};
  }
  void on_prewarmed(ContainerId id, Instant /*now*/) override { enter(id); }
  void on_idle(ContainerId id, Instant /*now*/) override { queues_.come_back(id); }
  void on_removed(ContainerId id, Removal /*reason*/, Instant /*now*/) override { queues_.take_out(id); }

  bool choose_victims(Bytes to_free, FunctionId newcomer, Instant now,
                      std::vector<ContainerId>& victims) override {
    if (!queues_.may_free(to_free)) return false;
    const std::size_t before = victims.size();
    const double target = adapted_target(newcomer);
    const bool is_again = ghosts_[again].contains(newcomer);
    from_.clear();
    queues_.begin_choice();
    while (to_free > Bytes{}) {
      const ContainerId id = next_victim(target, is_again, now);
      if (id == no_container) {
        queues_.take_back_choice();
        victims.resize(before);
        return false;
      }
      victims.push_back(id);
      to_free -= pool().function(pool().container(id).function).memory;
    }
    queues_.keep_choice();
    target_ = target;
    adapted_for_ = newcomer;
    for (std::size_t i = before; i < victims.size(); ++i) {
      const FunctionId function = pool().container(victims[i]).function;
      ghosts_[1 - from_[i - before]].remove(function);
      ghosts_[from_[i - before]].add(function);
    }
    return true;
  }

 private:
  [[nodiscard]] double capacity() const { return static_cast<double>(pool().capacity().count()); }

  /// The target for T1 once this function has come back (cases II and III).
  [[nodiscard]] double adapted_target(FunctionId function) const {
    const auto memory = static_cast<double>(pool().function(function).memory.count());
    const auto in_once = static_cast<double>(ghosts_[once].bytes().count());
    const auto in_again = static_cast<double>(ghosts_[again].bytes().count());
    if (ghosts_[once].contains(function)) {
      return std::min(capacity(), target_ + memory * std::max(1.0, in_again / in_once));
    }
    if (ghosts_[again].contains(function)) {
      return std::max(0.0, target_ - memory * std::max(1.0, in_once / in_again));
    }
    return target_;
  }

  /// REPLACE: from T1 while it is above its target, else from T2.
  ContainerId next_victim(double target, bool is_again, Instant now) {
    const ContainerId in_once = queues_.oldest_idle(once, now);
    const ContainerId in_again = queues_.oldest_idle(again, now);
    if (in_once == no_container && in_again == no_container) return no_container;
    const auto held = static_cast<double>(queues_.bytes(once).count());
    const bool takes_once = in_again == no_container ||
                            (in_once != no_container && (held > target || (is_again && held == target)));
    const ContainerId id = takes_once ? in_once : in_again;
    from_.push_back(takes_once ? once : again);
    queues_.take_out(id);
    return id;
  }

  void enter(ContainerId id) {
    const FunctionId function = pool().container(id).function;
    // A choice of victims has adapted the target already.
    if (adapted_for_ != function) target_ = adapted_target(function);
    adapted_for_ = no_function;
    const bool comes_back = ghosts_[once].contains(function) || ghosts_[again].contains(function);
    for (FunctionGhosts& ghosts : ghosts_) ghosts.remove(function);
    queues_.push_newest(comes_back ? again : once, id);
    forget_old_ghosts();
  }

  /// T1 and B1 together hold no more than the capacity, B2 no more than the capacity, everything no more than
  /// twice that.
  void forget_old_ghosts() {
    const Bytes whole = pool().capacity();
    ghosts_[once].shrink_to(std::max(Bytes{}, whole - queues_.bytes(once)));
    // 2·capacity itself may be beyond what an integer holds.
    const Bytes rest = whole - queues_.bytes(once) - queues_.bytes(again) - ghosts_[once].bytes();
    ghosts_[again].shrink_to(rest < Bytes{} ? whole + rest : whole);
  }

  ContainerQueues queues_;
  FunctionGhosts ghosts_[2];  ///< B1 and B2, by the queue that they left.
  double target_ = 0;         ///< p, in bytes.
  FunctionId adapted_for_ = no_function;
  std::vector<ContainerQueues::Queue> from_;
};

}  // namespace

std::span<const ParameterSpec> arc_parameters() { return {}; }

Result<std::unique_ptr<KeepAlivePolicy>> make_arc(const Parameters&) { return std::make_unique<Arc>(); }

}  // namespace thaw::policies
