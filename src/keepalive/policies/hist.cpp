// The histogram rule of FaasCache's research simulator, mended. Of each function, the times between invocations (not
// idle times) are counted in minutes up to four hours, longer ones are ignored. With at least two of them, and a
// variance of at most twice their mean, a container stays for 1.1 times the 99 % quantile, and comes back ahead of
// time at 0.9 times the minute before the 5 % quantile, unless that is 0. Else it stays for two hours.
//
// There, pre-warming happens before its time instead of at it, again and again, and expiry counts from the start of an
// execution; the model faascache has it so. `hybrid` is the published policy. Under pressure it is as lru.

#include <algorithm>
#include <cmath>

#include "keepalive/idle_histogram.h"
#include "keepalive/recency_policy.h"

namespace thaw::policies {
namespace {

class Hist final : public RecencyPolicy {
 public:
  Hist(double head, double tail) : RecencyPolicy(forever), head_(head), tail_(tail) {}

  [[nodiscard]] bool wants_arrivals() const override { return true; }
  void on_arrival(FunctionId function, Instant now) override {
    if (function >= functions_.size()) functions_.resize(pool().functions().size(), Past(head_, tail_));
    Past& past = functions_[function];
    if (past.was_invoked && past.histogram.add(now - past.last)) {
      const auto minutes = static_cast<double>((now - past.last) / IdleHistogram::bin_width);
      const double before = minutes - past.mean;
      past.mean += before / static_cast<double>(past.histogram.within());
      past.squares += before * (minutes - past.mean);
    }
    past.was_invoked = true;
    past.last = now;
  }

  Retention on_start(ContainerId id, bool is_cold, Instant now) override {
    RecencyPolicy::on_start(id, is_cold, now);
    const FunctionId function = pool().container(id).function;
    return decide(functions_[function], pool().function(function).warm);
  }
  void on_prewarmed(ContainerId id, Instant /*now*/) override { order().use(id); }

 private:
  struct Past {
    Past(double head, double tail) : histogram(head, tail) {}
    IdleHistogram histogram;
    Instant last{};
    double mean = 0;     ///< Of the minutes in the histogram (Welford, Technometrics 1962).
    double squares = 0;  ///< Sum of their squared distances from it.
    bool was_invoked = false;
  };

  static Retention decide(const Past& past, Nanos duration) {
    constexpr Retention standard{.keep_alive = std::chrono::hours(2)};
    const auto count = static_cast<double>(past.histogram.within());
    if (count < 2 || (past.mean > 0 && past.squares / count > 2 * past.mean)) return standard;
    const Nanos keep = past.histogram.tail() / 10 * 11;
    const Nanos head = std::max(Nanos::zero(), past.histogram.head() - IdleHistogram::bin_width);
    // Counted from the invocation; a pre-warm is wanted from the end of the execution.
    return {.keep_alive = keep, .prewarm_after = std::max(Nanos::zero(), head / 10 * 9 - duration)};
  }

  double head_;
  double tail_;
  std::vector<Past> functions_;
};

}  // namespace

std::span<const ParameterSpec> hist_parameters() {
  static constexpr ParameterSpec specs[] = {
      {"head", "0.05", "quantile of the times between invocations before which a container is not needed",
       ""},
      {"tail", "0.99", "quantile after which it is not needed any more", ""}};
  return specs;
}

Result<std::unique_ptr<KeepAlivePolicy>> make_hist(const Parameters& parameters) {
  THAW_TRY(const double head, parameters.number("head", 0, 1));
  THAW_TRY(const double tail, parameters.number("tail", 0, 1));
  if (head > tail) {
    return fail(ErrorKind::bad_usage, "head of policy hist must not be above tail, got {} and {}", head,
                tail);
  }
  return std::make_unique<Hist>(head, tail);
}

}  // namespace thaw::policies
