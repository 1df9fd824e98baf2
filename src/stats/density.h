#pragma once
// The shape of a sample as curves: smooth density, histogram, distribution function. What a plot draws.

#include <cstddef>
#include <span>
#include <vector>

namespace thaw {

/// Points of a curve, x ascending.
struct Curve {
  std::vector<double> x;
  std::vector<double> y;
};

/// Bandwidth of a Gaussian kernel, s · n^(-1/5) (Scott 1992, "Multivariate density estimation", section 6.3). 0 for fewer
/// than two values or equal ones.
double scott_bandwidth(std::span<const double> sample);

/// Gaussian kernel density at `points` evenly spaced places from `low` to `high`, with Scott's bandwidth. Empty when the
/// bandwidth is 0. REQUIRES: low < high, points >= 2. Cost: O(n + points) kernel values within 8.5 bandwidths each.
Curve kernel_density(std::span<const double> sample, double low, double high, std::size_t points = 200);

/// The density over the sample's own range.
Curve kernel_density(std::span<const double> sample, std::size_t points = 200);

/// Number and natural width of histogram bins.
struct Binning {
  std::size_t bins;
  double width;  ///< Before the number of bins was clamped.
};

/// Freedman & Diaconis 1981: width 2 · IQR · n^(-1/3), as many whole bins as the range holds, at least 10 and at most 100;
/// 30 bins when the quartiles are equal. REQUIRES: not empty.
Binning freedman_diaconis(std::span<const double> sample);

struct HistogramBars {
  double low;    ///< Begin of the first bar.
  double width;  ///< Of one bar.
  std::vector<std::size_t> counts;
};

/// Counts in `bins` equal bars over the range; a value on an edge belongs to the right bar, the greatest to the last. Equal
/// values get a range of one around them. REQUIRES: not empty, bins >= 1.
HistogramBars bars(std::span<const double> sample, std::size_t bins);

/// The empirical distribution function: the distinct values and the share of values up to each.
Curve distribution_function(std::span<const double> sample);

}  // namespace thaw
