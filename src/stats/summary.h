#pragma once
// Descriptive statistics. What a sample cannot tell is NaN, never 0: the deviation of one value, the mean of
// none.
//
// Samples hold finite numbers; drop_missing removes the NaN of failed measurements first. All sums run in the
// order of the sample with compensation, so the same sample always gives the same bits.

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "stats/interval.h"

namespace thaw {

inline constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// The numbers that describe one sample, in its own unit.
struct Summary {
  std::size_t n = 0;
  double min = missing;
  double median = missing;
  double mode = missing;  ///< The smallest of the most frequent values.
  double mean = missing;
  double stddev = missing;          ///< With n - 1.
  double stderr_of_mean = missing;  ///< stddev / √n.
  double cv = missing;              ///< stddev / mean.
  double p5 = missing;
  double p25 = missing;
  double p75 = missing;
  double p90 = missing;
  double p95 = missing;
  double p99 = missing;
  double p999 = missing;
  double max = missing;
  Interval ci95;  ///< Student's t interval of the mean.
};

/// Everything in Summary. Cost: O(n log n), one copy of the sample.
Summary summarize(std::span<const double> sample);

/// The values that are not NaN, in order.
std::vector<double> drop_missing(std::span<const double> sample);
/// An ascending copy.
std::vector<double> sorted_copy(std::span<const double> sample);

/// Compensated sum (Neumaier 1974).
double sum(std::span<const double> sample);
/// Arithmetic mean, exact for a constant sample.
double mean(std::span<const double> sample);
/// Sample variance with n - 1, by the corrected two-pass formula (Chan, Golub & LeVeque 1983, eq. 1.7).
double variance(std::span<const double> sample);
double standard_deviation(std::span<const double> sample);

/// Quantile by linear interpolation between order statistics (Hyndman & Fan 1996, definition 7).
///
/// REQUIRES: `sorted` ascending. `p` is clamped to [0, 1].
double quantile_sorted(std::span<const double> sorted, double p);
/// The middle value, or the mean of the two middle ones. Cost: O(n).
double median(std::span<const double> sample);
/// Median of the distances from the median, unscaled; times 1.4826 it estimates the deviation of a normal
/// law.
double median_absolute_deviation(std::span<const double> sample);

/// g1 = m3 / m2^(3/2) from the central moments with 1/n (Joanes & Gill 1998). Missing for a constant sample.
double skewness(std::span<const double> sample);
/// g2 = m4 / m2² - 3 from the central moments with 1/n (Joanes & Gill 1998). Missing for a constant sample.
double excess_kurtosis(std::span<const double> sample);

}  // namespace thaw
