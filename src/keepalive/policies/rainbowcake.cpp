// The expiry rule of RainbowCake (Yu et al., ASPLOS 2024), for whole containers. There, a container is three layers
// (bare, language, user), each of which has its own time to live, is worn down to the one below when that is over, and
// may be shared from there on. The time of a layer is the smaller of
//
// - the q-quantile of the time to the next invocation if these came as a Poisson process, -ln(1 - q)/λ, and
// - the time at which keeping it has cost as much as starting it: α·t / ((1 - α)·m).
//
// Of that, this policy has the user layer: the time to live of a function's whole containers, with λ from its last
// invocations, t what a cold start adds (in seconds) and m the memory of a container (in GB). Lower layers and
// sharing are not modelled: a pool has whole containers only. Under pressure it is as lru.

#include <algorithm>
#include <cmath>

#include "keepalive/recency_policy.h"

namespace thaw::policies {
namespace {

class RainbowCakeUser final : public RecencyPolicy {
 public:
  RainbowCakeUser(double quantile, double alpha, std::size_t window)
      : RecencyPolicy(forever),
        factor_(-std::log1p(-quantile)),
        weight_(alpha / (1 - alpha)),
        window_(window) {}

  [[nodiscard]] bool wants_arrivals() const override { return true; }
  void on_arrival(FunctionId function, Instant now) override {
    if (function >= known_.size()) {
      known_.resize(pool().functions().size());
      mean_gap_s_.resize(known_.size());
      arrivals_.resize(known_.size() * (window_ + 1));
    }
    // `window` times between invocations need one instant more.
    const std::size_t first = function * (window_ + 1);
    const std::uint64_t known = known_[function]++;
    const std::uint64_t gaps = std::min<std::uint64_t>(known, window_);
    arrivals_[first + known % (window_ + 1)] = now;
    if (gaps == 0) return;
    const Instant oldest = arrivals_[first + (known - gaps) % (window_ + 1)];
    mean_gap_s_[function] = to_seconds(now - oldest) / static_cast<double>(gaps);
  }

  Retention on_start(ContainerId id, bool is_cold, Instant now) override {
    RecencyPolicy::on_start(id, is_cold, now);
    const FunctionId function = pool().container(id).function;
    const PoolFunction& row = pool().function(function);
    const double break_even_s =
        weight_ * to_seconds(row.init) / (static_cast<double>(row.memory.count()) * 1e-9);
    double keep_s = break_even_s;
    if (known_[function] > 1) keep_s = std::min(keep_s, factor_ * mean_gap_s_[function]);
    constexpr double longest_s = 366.0 * 86400;
    return {.keep_alive = from_seconds(std::min(keep_s, longest_s))};
  }
  void on_prewarmed(ContainerId id, Instant /*now*/) override { order().use(id); }

 private:
  double factor_;  ///< -ln(1 - q).
  double weight_;  ///< α / (1 - α).
  std::size_t window_;
  std::vector<std::uint64_t> known_;  ///< By function: invocations.
  std::vector<double> mean_gap_s_;    ///< 1/λ.
  std::vector<Instant> arrivals_;
};

}  // namespace

std::span<const ParameterSpec> rainbowcake_user_parameters() {
  static constexpr ParameterSpec specs[] = {
      {"quantile", "0.8", "share of next invocations that the keep-alive is to cover", "q"},
      {"alpha", "0.996", "weight of a second of start against 1 - alpha of a GB·s of memory", ""},
      {"window", "6", "times between invocations that the rate is taken from", ""}};
  return specs;
}

Result<std::unique_ptr<KeepAlivePolicy>> make_rainbowcake_user(const Parameters& parameters) {
  THAW_TRY(const double quantile, parameters.number("quantile", 0, 0.999999));
  THAW_TRY(const double alpha, parameters.number("alpha", 0, 0.999999));
  THAW_TRY(const double window, parameters.number("window", 1, 1000));
  return std::make_unique<RainbowCakeUser>(quantile, alpha, static_cast<std::size_t>(window));
}

}  // namespace thaw::policies
