// Greedy-Dual-Size-Frequency (Cherkasova, HPL-98-69, 1998) with a frequency that forgets: instead of counting all starts of
// a function, each start weighs half as much when `half-life` has passed since it. What was popular yesterday does not
// outlive what is popular now, even when it never left the pool.

#include <cmath>

#include "keepalive/ranked_policy.h"

namespace thaw::policies {
namespace {

class ForgetfulRank {
 public:
  explicit ForgetfulRank(Nanos half_life)
      : per_ns_(-std::log(2.0) / static_cast<double>(half_life.count())) {}

  double rank(const Container& container, const PoolFunction& function, Instant now) {
    if (container.function >= starts_.size()) starts_.resize(container.function + std::size_t{1});
    Starts& starts = starts_[container.function];
    starts.weight = 1 + starts.weight * std::exp(per_ns_ * static_cast<double>((now - starts.last).count()));
    starts.last = now;
    return clock_ + starts.weight * (init_ms(function) / memory_mb(function));
  }
  void aged(double victim_rank) { clock_ = victim_rank; }

 private:
  struct Starts {
    double weight = 0;
    Instant last{};
  };
  double per_ns_;
  double clock_ = 0;
  std::vector<Starts> starts_;
};

}  // namespace

std::span<const ParameterSpec> gdsf_ewma_parameters() {
  static constexpr ParameterSpec specs[] = {
      {"half-life", "1h", "after which a start weighs half as much", ""}};
  return specs;
}

Result<std::unique_ptr<KeepAlivePolicy>> make_gdsf_ewma(const Parameters& parameters) {
  THAW_TRY(const Nanos half_life, parameters.duration("half-life"));
  return std::make_unique<RankedPolicy<ForgetfulRank>>(ForgetfulRank(half_life));
}

}  // namespace thaw::policies
