#pragma once
// Intervals: where a mean, a quantile, a proportion or a ratio plausibly lies. An interval that the sample is
// too small to support has NaN bounds; it is never invented.

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>

#include "core/random.h"

namespace thaw {

struct Interval {
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();

  /// True when either bound could not be computed.
  [[nodiscard]] bool is_missing() const { return std::isnan(low) || std::isnan(high); }
  [[nodiscard]] bool contains(double value) const { return low <= value && value <= high; }
  [[nodiscard]] double width() const { return high - low; }
};

/// Student's t interval of the mean: mean ∓ t(1/2 + confidence/2, n-1)·s/√n. Missing for n < 2.
Interval mean_interval(std::span<const double> sample, double confidence = 0.95);

/// Distribution-free interval of the quantile `p` between two order statistics whose binomial tails are each
/// at most (1 - confidence)/2 (David & Nagaraja 2003, section 7.1). A side that no order statistic can
/// guarantee is NaN, such as the upper side of p99 from 100 values.
///
/// REQUIRES: `sorted` ascending, 0 < p < 1.
Interval quantile_interval(std::span<const double> sorted, double p, double confidence = 0.95);

/// `quantile_interval` of the median; needs 6 values at 95 %.
Interval median_interval(std::span<const double> sorted, double confidence = 0.95);

/// Wilson's score interval of a proportion (Wilson 1927). Missing for no trials.
Interval proportion_interval(std::int64_t successes, std::int64_t trials, double confidence = 0.95);

/// Highest density interval of the sample: the shortest of the windows x[i] … x[i+k] with k = ⌊p·n⌋, the
/// first one when several are equally short.
///
/// REQUIRES: `sorted` ascending, 0 <= p <= 1.
Interval shortest_interval(std::span<const double> sorted, double p);

struct BootstrapOptions {
  double confidence = 0.95;
  int resamples = 2000;
};

/// A number computed from a sample. The sample arrives in no particular order.
using Statistic = std::function<double(std::span<const double>)>;

/// Percentile bootstrap interval (Efron 1979). Missing for an empty sample or when a resample gives no finite
/// number. Cost: resamples · (n + statistic).
Interval bootstrap_interval(std::span<const double> sample, const Statistic& statistic, RandomStream& stream,
                            const BootstrapOptions& options = {});

/// Bias-corrected and accelerated bootstrap interval (Efron 1987). The acceleration is a jackknife over at
/// most 1000 contiguous groups. Cost: as above plus at most 1000 · (n + statistic).
Interval bca_interval(std::span<const double> sample, const Statistic& statistic, RandomStream& stream,
                      const BootstrapOptions& options = {});

/// Percentile bootstrap interval of a quantile. The order statistics of a resample are drawn from their own
/// law instead of resampling, so the cost is O(resamples) whatever the sample's size.
///
/// REQUIRES: `sorted` ascending, 0 <= p <= 1.
Interval bootstrap_quantile_interval(std::span<const double> sorted, double p, RandomStream& stream,
                                     const BootstrapOptions& options = {});

/// Percentile bootstrap interval of median(treatment) / median(baseline). Cost: the two sorts plus
/// O(resamples).
Interval median_ratio_interval(std::span<const double> baseline, std::span<const double> treatment,
                               RandomStream& stream, const BootstrapOptions& options = {});

/// Percentile bootstrap interval of mean(treatment) / mean(baseline). Cost: resamples · (n + m).
Interval mean_ratio_interval(std::span<const double> baseline, std::span<const double> treatment,
                             RandomStream& stream, const BootstrapOptions& options = {});

}  // namespace thaw
