#include "sim/wait_record.h"

#include <limits>

namespace thaw {
namespace {

/// Nanoseconds up to eleven days.
constexpr HistogramRange range{.lowest = 1, .highest = 1'000'000'000'000'000, .significant_digits = 3};

}  // namespace

WaitRecord::WaitRecord() : waits_(*Histogram::create(range)) {}

void WaitRecord::add(Nanos wait) {
  if (wait <= Nanos::zero()) return;
  waits_.record(wait.count());
  sum_s_ += to_seconds(wait);
}

WaitOutcome WaitRecord::outcome(std::uint64_t served) const {
  WaitOutcome outcome{.waited = waits_.count()};
  if (served == 0) {
    outcome.mean_ms = outcome.p50_ms = outcome.p99_ms = std::numeric_limits<double>::quiet_NaN();
    return outcome;
  }
  Histogram all = waits_;
  all.record_n(0, served - outcome.waited);
  outcome.mean_ms = sum_s_ * 1e3 / static_cast<double>(served);
  outcome.p50_ms = static_cast<double>(*all.quantile(0.5)) * 1e-6;
  outcome.p99_ms = static_cast<double>(*all.quantile(0.99)) * 1e-6;
  return outcome;
}

}  // namespace thaw
