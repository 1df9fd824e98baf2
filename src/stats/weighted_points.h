#pragma once
// A sample as sorted distinct points with the number of times each occurs.

#include <cstddef>
#include <span>
#include <vector>

namespace thaw {

struct WeightedPoints {
  std::vector<double> at;      ///< Strictly increasing.
  std::vector<double> weight;  ///< Positive.

  /// The points of a sample, NaN left out.
  static WeightedPoints of(std::span<const double> values);
  /// The points of an ascending sample without NaN.
  static WeightedPoints of_sorted(std::span<const double> sorted);

  /// Merges neighbours until at most `most` points are left, each at the mean of the merged ones. All points get
  /// about the same weight, so dense regions stay fine. REQUIRES: most >= 1.
  WeightedPoints merged_to(std::size_t most) const;

  double total() const;
};

}  // namespace thaw
