#pragma once
// Splits values on a line into classes that are each as tight as possible.

#include <cstddef>
#include <span>
#include <vector>

#include "core/error.h"

namespace thaw {

/// The partitions of sorted, weighted points into 1 … `most` runs with the least sum of squared deviations from the
/// means of the runs: exact one-dimensional k-means (Fisher 1958, "On grouping for maximum homogeneity").
///
/// Cost: O(most · n log n) by divide and conquer over the last cut, which never moves left.
class OptimalPartition {
 public:
  /// REQUIRES: `points` strictly increasing, `weights` positive and as many, 1 <= most <= points.size().
  OptimalPartition(std::span<const double> points, std::span<const double> weights, std::size_t most);

  /// Index of the first point of each of `classes` runs; the first is 0. REQUIRES: 1 <= classes <= most.
  std::vector<std::size_t> starts(std::size_t classes) const;
  /// Sum of squared deviations from the means of `classes` runs.
  double cost(std::size_t classes) const { return costs_[classes - 1].back(); }

 private:
  double run_cost(std::size_t first, std::size_t last) const;
  void fill(std::size_t level, std::size_t low, std::size_t high, std::size_t cut_low, std::size_t cut_high);

  std::vector<double> weight_sums_;  ///< Prefix sums, of the points moved to mean zero.
  std::vector<double> sums_;
  std::vector<double> square_sums_;
  std::vector<std::vector<double>> costs_;      ///< [classes - 1][last point]
  std::vector<std::vector<std::size_t>> cuts_;  ///< First point of the last run.
};

struct NaturalBreaks {
  std::vector<double> breaks;  ///< Ascending; a class ends at a break, which lies midway between two values.
  double fit;  ///< Goodness of variance fit: 1 - within / total squared deviations, 1 if total = 0.
};

/// The best split of the values into `classes` (Jenks & Caspall 1971). NaN values are left out.
/// Errors: bad_usage for fewer than two classes or fewer distinct values than classes.
Result<NaturalBreaks> natural_breaks(std::span<const double> values, std::size_t classes);

/// The fewest classes, from two to `most`, whose fit reaches `enough`, or fewer when one more class would add less
/// than `worthwhile` to the fit. Errors: bad_usage for fewer than two distinct values.
Result<NaturalBreaks> natural_breaks_up_to(std::span<const double> values, std::size_t most,
                                           double enough = 0.8, double worthwhile = 0.1);

}  // namespace thaw
