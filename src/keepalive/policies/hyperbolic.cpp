// Hyperbolic caching (Blankstein, Sen & Freedman, ATC 2017): a container is worth its starts per second since it came,
// times the cost of a cold start, per megabyte. Worth falls with time, each at its own pace, so that no order can be
// kept: some idle containers are drawn, and the least worth of them goes.

#include "keepalive/ranked_policy.h"
#include "keepalive/sampled_order.h"

namespace thaw::policies {
namespace {

class Hyperbolic final : public KeepAlivePolicy {
 public:
  Hyperbolic(std::size_t sample, std::uint64_t seed)
      : order_(sample, RandomStream(seed, "keepalive/hyperbolic")) {}

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
        to_free, now, [&](ContainerId id) { return worth(id, now); }, victims);
  }

 private:
  void enter(ContainerId id, Instant now) {
    if (id >= came_at_.size()) came_at_.resize(pool().slots());
    came_at_[id] = now;
    order_.add(id);
  }

  [[nodiscard]] double worth(ContainerId id, Instant now) const {
    const Container& container = pool().container(id);
    const PoolFunction& function = pool().function(container.function);
    const double age_s = std::max(to_seconds(now - came_at_[id]), 1e-9);
    return container.uses * init_ms(function) / (memory_mb(function) * age_s);
  }

  SampledOrder order_;
  std::vector<Instant> came_at_;
};

}  // namespace

std::span<const ParameterSpec> hyperbolic_parameters() {
  static constexpr ParameterSpec specs[] = {{"sample", "64", "idle containers drawn for each victim", ""}};
  return specs;
}

Result<std::unique_ptr<KeepAlivePolicy>> make_hyperbolic(const Parameters& parameters) {
  THAW_TRY(const std::uint64_t sample, parameters.integer("sample", 1));
  return std::make_unique<Hyperbolic>(sample, parameters.seed());
}

}  // namespace thaw::policies
