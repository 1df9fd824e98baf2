// A keep-alive for each function from its own recent idle times: the q-quantile of the last `window` of them (type 1,
// the inverse of the empirical distribution), times 1 + margin, within bounds. An idle time runs from the end of the
// function's last execution to its next invocation. Until `enough` are known, `start` is used. Under pressure it is
// as lru.

#include <algorithm>
#include <cmath>

#include "keepalive/idle_time_policy.h"

namespace thaw::policies {
namespace {

struct AdaptiveRule {
  double quantile = 0;
  double margin = 0;
  std::uint64_t window = 0;
  std::uint64_t enough = 0;
  Nanos least{};
  Nanos most{};
  Nanos start{};
};

class AdaptiveTtl final : public IdleTimePolicy {
 public:
  explicit AdaptiveTtl(const AdaptiveRule& rule) : rule_(rule) {}

 protected:
  void meet(FunctionId function) override {
    if (function < functions_.size()) return;
    functions_.resize(pool().functions().size(), Past{.keep_alive = rule_.start});
    recent_.resize(functions_.size() * rule_.window);
    sorted_.resize(recent_.size());
  }
  void learn(FunctionId function, Nanos idle) override {
    Past& past = functions_[function];
    const auto begin = static_cast<std::ptrdiff_t>(function * rule_.window);
    Nanos& replaced = recent_[static_cast<std::size_t>(begin) + past.known % rule_.window];
    const auto first = sorted_.begin() + begin;
    auto last = first + static_cast<std::ptrdiff_t>(std::min(past.known, rule_.window));
    if (past.known >= rule_.window) {
      const auto gone = std::lower_bound(first, last, replaced);
      std::move(gone + 1, last--, gone);
    }
    const auto place = std::upper_bound(first, last, idle);
    std::move_backward(place, last, last + 1);
    *place = idle;
    replaced = idle;
    if (++past.known < rule_.enough) return;
    const auto count = static_cast<double>(last + 1 - first);
    const double rank = std::max(1.0, std::ceil(rule_.quantile * count));
    const double kept =
        static_cast<double>(first[static_cast<std::ptrdiff_t>(rank) - 1].count()) * (1 + rule_.margin);
    const auto most = static_cast<double>(rule_.most.count());
    past.keep_alive = std::max(rule_.least, Nanos{static_cast<std::int64_t>(std::min(kept, most))});
  }
  Retention decide(FunctionId function) override { return {.keep_alive = functions_[function].keep_alive}; }

 private:
  struct Past {
    Nanos keep_alive{};
    std::uint64_t known = 0;
  };

  AdaptiveRule rule_;
  std::vector<Past> functions_;
  std::vector<Nanos> recent_;  ///< `window` idle times of each function, used round and round.
  std::vector<Nanos> sorted_;  ///< The same ones of each function by length.
};

}  // namespace

std::span<const ParameterSpec> adaptive_ttl_parameters() {
  static constexpr ParameterSpec specs[] = {
      {"quantile", "0.95", "share of idle times that the keep-alive is to cover", "q"},
      {"margin", "0.1", "by which it is longer", ""},
      {"window", "20", "idle times remembered per function", ""},
      {"enough", "3", "idle times that must be known", ""},
      {"min", "1m", "shortest keep-alive", ""},
      {"max", "2h", "longest keep-alive", ""},
      {"start", "10m", "keep-alive as long as too little is known", ""}};
  return specs;
}

Result<std::unique_ptr<KeepAlivePolicy>> make_adaptive_ttl(const Parameters& parameters) {
  AdaptiveRule rule;
  THAW_TRY(rule.quantile, parameters.number("quantile", 0, 1));
  THAW_TRY(rule.margin, parameters.number("margin", 0, 100));
  THAW_TRY(rule.window, parameters.integer("window", 1));
  THAW_TRY(rule.enough, parameters.integer("enough", 1));
  THAW_TRY(rule.least, parameters.duration("min"));
  THAW_TRY(rule.most, parameters.duration("max"));
  THAW_TRY(rule.start, parameters.duration("start"));
  constexpr std::uint64_t longest_window = 1000;
  if (rule.window > longest_window) {
    return fail(ErrorKind::bad_usage, "window of policy adaptive-ttl must be at most {}, got {}",
                longest_window, rule.window);
  }
  if (rule.least > rule.most) {
    return fail(ErrorKind::bad_usage, "min of policy adaptive-ttl must not be above max, got {} and {}",
                format_duration(rule.least), format_duration(rule.most));
  }
  return std::make_unique<AdaptiveTtl>(rule);
}

}  // namespace thaw::policies
