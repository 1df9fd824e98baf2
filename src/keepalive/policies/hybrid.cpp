// The hybrid histogram policy (Shahrad et al., ATC 2020, section 4.2). Idle times, from the end of an execution to the
// next invocation, are counted in minutes up to four hours. After an execution:
//
// - most idle times were longer than that: an ARIMA model predicts the next one, and the container is unloaded and
//   comes back 15 % before it, to stay until 15 % after it;
// - the counts vary enough between bins (coefficient of variation at least 2) to tell something: it is unloaded and
//   comes back at 0.9 times the 5 % quantile, to stay until 1.1 times the 99 % quantile; it is not unloaded when
//   the former is 0;
// - else, or as long as too few idle times are known: it stays for four hours.
//
// The paper keeps whole applications alive; a pool knows functions only, so it is by function here. It leaves open how
// many idle times are too few (`enough`). Under memory pressure, of which the paper has none, it is as lru.

#include <algorithm>
#include <cmath>

#include "keepalive/arima.h"
#include "keepalive/idle_histogram.h"
#include "keepalive/idle_time_policy.h"

namespace thaw::policies {
namespace {

struct HybridRule {
  double head = 0;
  double tail = 0;
  double margin = 0;
  double variation = 0;
  double beyond = 0;
  std::uint64_t enough = 0;
  double forecast_margin = 0;
};

Nanos scaled(Nanos duration, double factor) {
  return Nanos{std::llround(static_cast<double>(duration.count()) * factor)};
}

class Hybrid final : public IdleTimePolicy {
 public:
  explicit Hybrid(const HybridRule& rule) : rule_(rule) {}

 protected:
  void meet(FunctionId function) override {
    if (function >= functions_.size()) functions_.resize(pool().functions().size(), Past(rule_));
  }
  void learn(FunctionId function, Nanos idle) override {
    Past& past = functions_[function];
    const bool is_within = past.histogram.add(idle);
    if (is_within && past.long_times.empty()) return;
    // From the first long one on, the order matters, and so do the short ones between.
    constexpr std::size_t most_remembered = 64;
    if (past.long_times.size() == most_remembered) past.long_times.erase(past.long_times.begin());
    past.long_times.push_back(to_seconds(idle) / 60);
    past.forecast = forever;
  }
  Retention decide(FunctionId function) override { return decide(functions_[function]); }

 private:
  struct Past {
    explicit Past(const HybridRule& rule) : histogram(rule.head, rule.tail) {}
    IdleHistogram histogram;
    std::vector<double> long_times;  ///< Minutes, from the first one beyond the histogram on.
    Nanos forecast = forever;        ///< `forever`: to be made; zero: there is none.
  };

  Retention decide(Past& past) const {
    const IdleHistogram& histogram = past.histogram;
    const std::uint64_t known = histogram.within() + histogram.beyond();
    constexpr Retention standard{.keep_alive = IdleHistogram::bin_width * IdleHistogram::bin_count};
    if (known < rule_.enough) return standard;
    if (static_cast<double>(histogram.beyond()) > rule_.beyond * static_cast<double>(known)) {
      const Nanos next = forecast(past);
      if (next <= Nanos::zero()) return standard;
      return {.keep_alive = scaled(next, 2 * rule_.forecast_margin),
              .prewarm_after = scaled(next, 1 - rule_.forecast_margin)};
    }
    if (histogram.variation() < rule_.variation) return standard;
    const Nanos back = scaled(histogram.head(), 1 - rule_.margin);
    return {.keep_alive = scaled(histogram.tail(), 1 + rule_.margin) - back, .prewarm_after = back};
  }

  /// The next idle time, fitted anew after each invocation.
  static Nanos forecast(Past& past) {
    if (past.forecast != forever) return past.forecast;
    constexpr double longest_minutes = 366.0 * 24 * 60;
    const auto fit = auto_arima(past.long_times);
    const bool is_usable = fit && fit->next > 0 && fit->next < longest_minutes;
    past.forecast = is_usable ? from_seconds(fit->next * 60) : Nanos::zero();
    return past.forecast;
  }

  HybridRule rule_;
  std::vector<Past> functions_;
};

}  // namespace

std::span<const ParameterSpec> hybrid_parameters() {
  static constexpr ParameterSpec specs[] = {
      {"head", "0.05", "quantile of idle times before which a container is not needed", ""},
      {"tail", "0.99", "quantile after which it is not needed any more", ""},
      {"margin", "0.1", "by which it comes earlier and stays longer", ""},
      {"cv", "2", "least coefficient of variation of the counts of a telling histogram", "variation"},
      {"beyond", "0.5", "share of idle times above four hours above which they are forecast", "oob"},
      {"enough", "10", "idle times that must be known", "samples"},
      {"forecast-margin", "0.15", "by which it comes earlier and stays longer than forecast", ""}};
  return specs;
}

Result<std::unique_ptr<KeepAlivePolicy>> make_hybrid(const Parameters& parameters) {
  HybridRule rule;
  THAW_TRY(rule.head, parameters.number("head", 0, 1));
  THAW_TRY(rule.tail, parameters.number("tail", 0, 1));
  THAW_TRY(rule.margin, parameters.number("margin", 0, 1));
  THAW_TRY(rule.variation, parameters.number("cv", 0, 1e6));
  THAW_TRY(rule.beyond, parameters.number("beyond", 0, 1));
  THAW_TRY(rule.enough, parameters.integer("enough", 1));
  THAW_TRY(rule.forecast_margin, parameters.number("forecast-margin", 0, 1));
  if (rule.head > rule.tail) {
    return fail(ErrorKind::bad_usage, "head of policy hybrid must not be above tail, got {} and {}",
                rule.head, rule.tail);
  }
  return std::make_unique<Hybrid>(rule);
}

}  // namespace thaw::policies
