// Hyperbolic caching (Blankstein, Sen & Freedman, ATC 2017): a container is worth its starts per second since it came,
// times the cost of a cold start, per megabyte. Worth falls with time, each at its own pace, so that no order can be
// kept: some idle containers are drawn, and the least worth of them goes.

#include "keepalive/ranked_policy.h"
#include "keepalive/time_scored_policy.h"

namespace thaw::policies {
namespace {

class Hyperbolic final : public TimeScoredPolicy {
 public:
  Hyperbolic(std::size_t sample, std::uint64_t seed)
      : TimeScoredPolicy(sample, RandomStream(seed, "keepalive/hyperbolic")) {}

 protected:
  [[nodiscard]] double score(ContainerId id, Instant now) const override {
    const Container& container = pool().container(id);
    const PoolFunction& function = pool().function(container.function);
    const double age_s = std::max(to_seconds(age_of(id, now)), 1e-9);
    return container.uses * init_ms(function) / (memory_mb(function) * age_s);
  }
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
