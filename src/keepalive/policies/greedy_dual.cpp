// Greedy-Dual and its two relatives: clock + frequency · cost (Fuerst & Sharma, ASPLOS 2021, equation 1, after Cao & Irani,
// USITS 1997). The frequency counts the executions of the function since it last had no container; the clock is the
// figure of the last container evicted, so that what is not used any more ages.

#include "keepalive/ranked_policy.h"

namespace thaw::policies {
namespace {

struct Aged {
  double clock = 0;
  void aged(double victim_rank) { clock = victim_rank; }
};

struct GreedyDual : Aged {
  double rank(const Container&, const PoolFunction& function, Instant) const {
    return clock + function.uses * (init_ms(function) / memory_mb(function));
  }
};

struct Frequency : Aged {
  double rank(const Container&, const PoolFunction& function, Instant) const {
    return clock + function.uses * init_ms(function);
  }
};

struct Size : Aged {
  double rank(const Container&, const PoolFunction& function, Instant) const {
    return clock + function.uses / memory_mb(function);
  }
};

/// A credit of the cost at each use, from which everybody pays rent by memory: with the clock as the rent paid so far,
/// nobody's credit need be touched.
struct Landlord : Aged {
  double rank(const Container&, const PoolFunction& function, Instant) const {
    return clock + init_ms(function) / memory_mb(function);
  }
};

}  // namespace

std::span<const ParameterSpec> gd_parameters() { return {}; }
std::span<const ParameterSpec> freq_parameters() { return {}; }
std::span<const ParameterSpec> size_parameters() { return {}; }
std::span<const ParameterSpec> lnd_parameters() { return {}; }

Result<std::unique_ptr<KeepAlivePolicy>> make_gd(const Parameters&) {
  return std::make_unique<RankedPolicy<GreedyDual>>(GreedyDual{});
}
Result<std::unique_ptr<KeepAlivePolicy>> make_freq(const Parameters&) {
  return std::make_unique<RankedPolicy<Frequency>>(Frequency{});
}
Result<std::unique_ptr<KeepAlivePolicy>> make_size(const Parameters&) {
  return std::make_unique<RankedPolicy<Size>>(Size{});
}
Result<std::unique_ptr<KeepAlivePolicy>> make_lnd(const Parameters&) {
  return std::make_unique<RankedPolicy<Landlord>>(Landlord{});
}

}  // namespace thaw::policies
