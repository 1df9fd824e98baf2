#pragma once
// How large a difference is. Every function takes (baseline, treatment); a positive number means that the
// treatment's values are larger. An empty side gives NaN.

#include <cstddef>
#include <span>

#include "stats/interval.h"

namespace thaw {

/// Rank-biserial correlation 1 - 2U/(n·m), with U of the baseline (Wendt 1972): -1 … 1.
double rank_biserial(double baseline_u, std::size_t n, std::size_t m);

/// P(treatment > baseline) - P(treatment < baseline) over all pairs (Cliff 1993): -1 … 1. Cost: O((n+m)
/// log(n+m)).
double cliffs_delta(std::span<const double> baseline, std::span<const double> treatment);

/// P(treatment > baseline) + ½·P(equal) (Vargha & Delaney 2000): 0 … 1. Cost: O((n+m) log(n+m)).
double vargha_delaney_a(std::span<const double> baseline, std::span<const double> treatment);

/// Difference of the means in pooled deviations (Cohen 1988). NaN without deviation or with fewer than 2
/// values a side.
double cohens_d(std::span<const double> baseline, std::span<const double> treatment);

/// A shift and the interval that holds it.
struct Shift {
  double estimate = std::numeric_limits<double>::quiet_NaN();
  Interval interval;  ///< Missing when no pair of differences can guarantee the confidence.
};

/// Hodges–Lehmann estimate of how far the treatment is shifted: the median of all n·m differences (Hodges &
/// Lehmann 1963), with the interval from inverting the Mann–Whitney test (Hollander & Wolfe 1999,
/// section 4.3).
///
/// Cost: O((n+m)·log(n+m)) time and O(n+m) memory; no difference is stored.
Shift hodges_lehmann(std::span<const double> baseline, std::span<const double> treatment,
                     double confidence = 0.95);

}  // namespace thaw
