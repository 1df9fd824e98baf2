#include "sim/slowdown_record.h"

#include <cmath>
#include <limits>

namespace thaw {
namespace {

/// Fine enough for slowdowns of a thousandth, from 1 to a billion.
constexpr HistogramRange range{.lowest = 1, .highest = 1'000'000'000'000, .significant_digits = 3};
constexpr double scale = 1000;
constexpr double largest = 9e17;
constexpr std::int64_t endless = std::numeric_limits<std::int64_t>::max();

}  // namespace

SlowdownRecord::SlowdownRecord() : slowdowns_(*Histogram::create(range)) {}

void SlowdownRecord::add(Nanos delay, Nanos service, std::uint64_t count) {
  if (delay <= Nanos::zero()) return add_undelayed(count);
  if (service <= Nanos::zero()) return slowdowns_.record_n(endless, count);
  const double slowdown = 1 + static_cast<double>(delay.count()) / static_cast<double>(service.count());
  slowdowns_.record_n(std::llround(std::min(slowdown * scale, largest)), count);
}

void SlowdownRecord::add_undelayed(std::uint64_t count) {
  slowdowns_.record_n(static_cast<std::int64_t>(scale), count);
}

double SlowdownRecord::quantile(double p) const {
  const auto value = slowdowns_.quantile(p);
  if (!value) return std::numeric_limits<double>::quiet_NaN();
  if (*value == endless) return std::numeric_limits<double>::infinity();
  return static_cast<double>(*value) / scale;
}

}  // namespace thaw
