#pragma once
// Ranks with ties, the common ground of the rank tests.

#include <span>
#include <vector>

namespace thaw {

/// Ranks 1 … n; equal values share the mean of the ranks they cover.
struct Ranks {
  std::vector<double> rank;  ///< In the order of the sample.
  double tie_term = 0;       ///< Σ(t³ - t) over groups of t equal values; 0 without ties.
};
/// Cost: O(n log n).
Ranks midranks(std::span<const double> sample);

}  // namespace thaw
