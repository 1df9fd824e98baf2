#pragma once
// The one-sample Kolmogorov-Smirnov test: how far a sample is from a given law, and how surprising that is.

#include <algorithm>
#include <cstddef>
#include <span>

namespace thaw {

/// The statistic D_n: the largest distance between the distribution function of a sorted sample and `law(x)`.
template <class Law>
double kolmogorov_distance(std::span<const double> sorted, const Law& law) {
  const auto n = static_cast<double>(sorted.size());
  double largest = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const double expected = law(sorted[i]);
    const auto rank = static_cast<double>(i);
    largest = std::max({largest, (rank + 1) / n - expected, expected - rank / n});
  }
  return largest;
}

/// P(D_n >= distance) for `n` values drawn from the law itself: the p-value of the two-sided test.
///
/// Exact up to n = 140 (Marsaglia, Tsang & Wang 2003, "Evaluating Kolmogorov's distribution") and in the upper
/// tail (twice the one-sided probability; Birnbaum & Tingey 1951); otherwise the expansion of Pelz & Good 1976,
/// "Approximating the lower tail-areas of the Kolmogorov-Smirnov one-sample statistic", with an error below 1e-5.
/// Regions as in Simard & L'Ecuyer 2011, "Computing the two-sided Kolmogorov-Smirnov distribution".
///
/// REQUIRES: n >= 1.
double kolmogorov_survival(std::size_t n, double distance);

}  // namespace thaw
