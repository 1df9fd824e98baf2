#pragma once
// How much memory a server needs: for a target hit ratio, and over time as the load changes (Fuerst & Sharma, ASPLOS
// 2021, section 5; the constants are those of the predecessor's notebook).

#include <cstdint>
#include <span>
#include <vector>

#include "sim/hit_ratio_curve.h"

namespace thaw {

/// How a curve is read.
enum class CurveReading {
  legacy,  ///< As the predecessor: the nearest sample of the distribution of reuse distances.
  exact,   ///< A hit needs room for the function itself, first uses miss; the smallest memory that is enough.
};

struct ProvisionOptions {
  double start_mb = 5000;
  double mean_interval_ms = 65;     ///< Of the load for which `miss_ratio` is meant.
  double miss_ratio = 0.1;          ///< Target miss speed: miss_ratio / mean_interval_ms.
  double deadband = 0.30;           ///< Relative error of the miss speed that is let pass.
  std::size_t check_every = 10000;  ///< More invocations than this lie between two checks.
  std::size_t window = 10000;       ///< Intervals in the moving mean.
  double least_change_mb = 100;     ///< A change must be larger.
  CurveReading reading = CurveReading::legacy;
};

/// A change of the server's memory.
struct Resize {
  std::uint64_t index =
      0;  ///< Of the interval after which it was decided: 0 lies between the first two invocations.
  double time_ms = 0;  ///< Of the invocation that ends that interval.
  double memory_mb = 0;
  double hit_ratio = 0;       ///< Expected with it.
  double relative_error = 0;  ///< Of the miss speed that led to it.
};

struct ProvisionPlan {
  std::vector<Resize> sizes;  ///< The first is the start.
  std::uint64_t checks = 0;   ///< Times that the miss speed was outside the deadband, and it was due.
  double interval_ms = 0;     ///< Mean of the intervals.
  double moving_ms = 0;       ///< Mean of the moving mean, to which a wanted miss ratio refers.
  double mean_mb = 0;         ///< Memory averaged over time.
};

/// Sizes the memory while the invocations come.
///
/// miss speed = (1 - hit(size)) / m, m being the moving mean of the last `window` intervals (the first ones take the
/// first full mean). When it is off the target by more than the deadband, and more than `check_every` intervals have
/// passed since the last check, the miss ratio wanted is m/mean(m)·miss_ratio, mean(m) being the mean of m over all
/// intervals as in the predecessor, not that of the intervals themselves. The memory that gives it is applied if it is far enough from the present one.
/// A trace with fewer intervals than the window keeps its start. Cost: two passes over the times.
ProvisionPlan provision(const HitRatioCurve& curve, std::span<const double> time_ms,
                        const ProvisionOptions& options = {});

}  // namespace thaw
