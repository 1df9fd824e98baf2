#pragma once
// How many modes a sample has, and how sure one can be that there is more than one.

#include <cstddef>
#include <span>
#include <vector>

#include "core/random.h"

namespace thaw {

/// A peak of the smoothed density.
struct Mode {
  double at;
  double density;
};

/// The peaks of the kernel density (Silverman's bandwidth 0.9 min(s, IQR/1.34) n^(-1/5); Silverman 1986, equation 3.31)
/// that rise above the deeper of the valleys beside them by at least `prominence` of the highest peak, ascending. Equal
/// values have one mode, an empty sample none.
std::vector<Mode> modes(std::span<const double> sample, double prominence = 0.1);

/// The dip: the greatest distance of the distribution function from the nearest unimodal one (Hartigan & Hartigan 1985,
/// "The dip test of unimodality"), between 1/(2n) and 1/4. 0 for an empty sample. Cost: O(n log n).
double dip_statistic(std::span<const double> sample);

struct DipTest {
  double dip;
  double
      p_value;  ///< Share of uniform samples of the same size with a dip at least as large; NaN below 4 values.
};

/// Tests for more than one mode, against the uniform law, the least favourable unimodal one. Cost: `resamples` dips.
DipTest dip_test(std::span<const double> sample, RandomStream& random, std::size_t resamples = 1000);

}  // namespace thaw
