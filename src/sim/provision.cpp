#include "sim/provision.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace thaw {
namespace {

double hit_ratio_at(const HitRatioCurve& curve, double memory_mb, CurveReading reading) {
  return reading == CurveReading::legacy ? curve.legacy().at_nearest(memory_mb) : curve.hit_ratio(memory_mb);
}

double size_for(const HitRatioCurve& curve, double hit_ratio, CurveReading reading) {
  if (reading == CurveReading::legacy) return curve.legacy().size_for(hit_ratio);
  return curve.size_for(hit_ratio).value_or(curve.largest_size());
}

/// The mean of the last intervals, moved along the invocations.
class MovingMean {
 public:
  MovingMean(std::span<const double> times, std::size_t window) : times_(times), window_(window) {
    // A sum of consecutive intervals is a difference of two times: exact, however long the trace.
    first_ = times.size() > window ? (times[window] - times[0]) / static_cast<double>(window)
                                   : std::numeric_limits<double>::quiet_NaN();
  }
  [[nodiscard]] double at(std::size_t interval) const {
    if (interval + 1 < window_) return first_;
    return (times_[interval + 1] - times_[interval + 1 - window_]) / static_cast<double>(window_);
  }

 private:
  std::span<const double> times_;
  std::size_t window_;
  double first_ = 0;
};

double average_memory(const std::vector<Resize>& sizes, std::span<const double> times) {
  const double length = times.empty() ? 0 : times.back() - times.front();
  if (!(length > 0)) return sizes.front().memory_mb;
  double sum = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const double until = i + 1 < sizes.size() ? sizes[i + 1].time_ms : times.back();
    sum += sizes[i].memory_mb * (until - sizes[i].time_ms);
  }
  return sum / length;
}

}  // namespace

ProvisionPlan provision(const HitRatioCurve& curve, std::span<const double> time_ms,
                        const ProvisionOptions& options) {
  ProvisionPlan plan;
  double size = options.start_mb;
  double hit_ratio = hit_ratio_at(curve, size, options.reading);
  plan.sizes.push_back(
      {.time_ms = time_ms.empty() ? 0 : time_ms.front(), .memory_mb = size, .hit_ratio = hit_ratio});
  plan.mean_mb = size;
  const std::size_t intervals = time_ms.empty() ? 0 : time_ms.size() - 1;
  if (intervals > 0) plan.interval_ms = (time_ms.back() - time_ms.front()) / static_cast<double>(intervals);
  if (options.window == 0 || intervals < options.window) return plan;
  const MovingMean moving(time_ms, options.window);
  for (std::size_t i = 0; i < intervals; ++i) plan.moving_ms += moving.at(i);
  plan.moving_ms /= static_cast<double>(intervals);

  const double wanted_speed = options.miss_ratio / options.mean_interval_ms;
  std::size_t last_check = 0;
  for (std::size_t i = 0; i < intervals; ++i) {
    const double interval = moving.at(i);
    const double error = ((1 - hit_ratio) / interval - wanted_speed) / wanted_speed;
    if (!(std::abs(error) > options.deadband) || i - last_check <= options.check_every) continue;
    last_check = i;
    ++plan.checks;
    const double miss_ratio = interval / plan.moving_ms * options.miss_ratio;
    const double wanted = size_for(curve, 1 - miss_ratio, options.reading);
    if (!(std::abs(wanted - size) > options.least_change_mb)) continue;
    size = wanted;
    hit_ratio = hit_ratio_at(curve, size, options.reading);
    plan.sizes.push_back({i, time_ms[i + 1], size, hit_ratio, error});
  }
  plan.mean_mb = average_memory(plan.sizes, time_ms);
  return plan;
}

}  // namespace thaw
