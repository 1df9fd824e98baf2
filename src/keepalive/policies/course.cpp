// The rules of victim_pickers.h as keep-alive policies. A rule sees all idle containers at each eviction, so that a choice
// costs as much as the pool is long; they are here to be compared with, not to be fast.

#include <algorithm>

#include "keepalive/ranked_policy.h"
#include "keepalive/victim_pickers.h"

namespace thaw::policies {
namespace {

class PickerPolicy final : public KeepAlivePolicy {
 public:
  explicit PickerPolicy(std::unique_ptr<VictimPicker> picker) : picker_(std::move(picker)) {}

  [[nodiscard]] bool wants_arrivals() const override { return true; }
  void on_arrival(FunctionId function, Instant /*now*/) override {
    if (function >= calls_.size()) calls_.resize(pool().functions().size());
    ++calls_[function];
  }

  Retention on_start(ContainerId id, bool is_cold, Instant /*now*/) override {
    if (is_cold) members_.push_back(id);
    return {};
  }
  void on_prewarmed(ContainerId id, Instant /*now*/) override { members_.push_back(id); }
  void on_removed(ContainerId id, Removal /*reason*/, Instant /*now*/) override {
    members_.erase(std::find(members_.begin(), members_.end(), id));
  }

  bool choose_victims(Bytes to_free, FunctionId /*newcomer*/, Instant now,
                      std::vector<ContainerId>& victims) override {
    list_idle(now);
    const VictimRequest request{static_cast<double>(to_free.count()) * 1e-6, to_milliseconds(now),
                                static_cast<double>(pool().capacity().count()) * 1e-6};
    const std::size_t before = victims.size();
    for (const std::size_t place : picker_->pick(request, idle_)) {
      if (to_free <= Bytes{}) break;
      victims.push_back(ids_[place]);
      to_free -= pool().function(idle_[place].function).memory;
    }
    if (to_free <= Bytes{}) return true;
    victims.resize(before);
    return false;
  }

 private:
  static double to_milliseconds(Nanos duration) { return static_cast<double>(duration.count()) * 1e-6; }

  void list_idle(Instant now) {
    idle_.clear();
    ids_.clear();
    for (const ContainerId id : members_) {
      if (pool().is_busy(id, now)) continue;
      const Container& container = pool().container(id);
      const PoolFunction& function = pool().function(container.function);
      const double warm_ms = to_milliseconds(function.warm);
      ids_.push_back(id);
      idle_.push_back({.function = container.function,
                       .memory_mb = memory_mb(function),
                       .cold_ms = warm_ms + init_ms(function),
                       .warm_ms = warm_ms,
                       .uses = container.uses,
                       .last_start_ms = to_milliseconds(container.started_at),
                       .last_use = container.last_use,
                       .function_calls = calls_[container.function]});
    }
  }

  std::unique_ptr<VictimPicker> picker_;
  std::vector<ContainerId> members_;  ///< In the order in which they came.
  std::vector<std::uint64_t> calls_;  ///< By function.
  std::vector<IdleContainer> idle_;
  std::vector<ContainerId> ids_;  ///< Of idle_.
};

/// REQUIRES: there is a picker of this name.
Result<std::unique_ptr<KeepAlivePolicy>> make_picker_policy(std::string_view name, std::uint64_t seed) {
  THAW_TRY(const VictimPickerEntry* entry, find_victim_picker(name));
  return std::make_unique<PickerPolicy>(entry->make(seed));
}

}  // namespace

#define PICKER_POLICY(id, name)                                                      \
  std::span<const ParameterSpec> id##_parameters() { return {}; }                    \
  Result<std::unique_ptr<KeepAlivePolicy>> make_##id(const Parameters& parameters) { \
    return make_picker_policy(name, parameters.seed());                              \
  }
PICKER_POLICY(lfu_classic, "lfu-classic")
PICKER_POLICY(closest_size_largest_kick, "closest-size-largest-kick")
PICKER_POLICY(closest_size_smallest_kick, "closest-size-smallest-kick")
PICKER_POLICY(lfu_group_closest, "lfu-group-closest")
PICKER_POLICY(lfu_group_max_cold_time, "lfu-group-max-cold-time")
PICKER_POLICY(lfu_group_max_init_time, "lfu-group-max-init-time")
PICKER_POLICY(lfugroup_maxinitgroup_closest, "lfugroup-maxinitgroup-closest")
PICKER_POLICY(lfugroup_maxinitgroup_largest, "lfugroup-maxinitgroup-largest")
PICKER_POLICY(lfugroup_closestgroup_maxinit, "lfugroup-closestgroup-maxinit")
PICKER_POLICY(dual_greedy_priority, "dual-greedy-priority")
PICKER_POLICY(dynamic_ttl, "dynamic-ttl")
PICKER_POLICY(lfu_function, "lfu-function")
PICKER_POLICY(warm_cold_ratio, "warm-cold-ratio")
PICKER_POLICY(longest_cold, "longest-cold")
PICKER_POLICY(largest_memory, "largest-memory")
PICKER_POLICY(gd_duplicates, "gd-duplicates")
#undef PICKER_POLICY

}  // namespace thaw::policies
