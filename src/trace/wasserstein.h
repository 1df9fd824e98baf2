#pragma once
// The 1-D Wasserstein distance of order 1 between empirical distributions, exactly.

#include <cstddef>
#include <span>
#include <vector>

namespace thaw {

/// Non-negative values of which most are zero, sorted and with equal values joined, ready to be compared many times.
class SparseDistribution {
 public:
  /// `values` are the non-zero ones among `count`; any order. REQUIRES: none is negative or missing.
  SparseDistribution(std::span<const double> values, std::size_t count);

  /// ∫ |F(x) - G(x)| dx (Vallender 1974): the least mean distance by which one has to be moved to become the other.
  /// Cost: O(n + m) distinct values.
  [[nodiscard]] double distance_to(const SparseDistribution& other) const;

 private:
  struct Step {
    double value;       ///< Where the distribution function rises …
    double cumulative;  ///< … and to what.
  };
  std::vector<Step> steps_;
  double share_of_zero_ = 0;
};

/// The distance between two samples. Cost: O((n + m) log(n + m)). REQUIRES: no value is negative; none is empty.
double wasserstein_distance(std::span<const double> first, std::span<const double> second);

}  // namespace thaw
