#pragma once
// Hypothesis tests for two samples, paired samples and one sample. All are two-sided. A sample that is too
// small for a test gives NaN. Samples hold finite numbers.

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace thaw {

/// How a p-value is found: from the exact null distribution, or from its large-sample approximation.
enum class PValueMethod { automatic, exact, approximate };

struct TestResult {
  double statistic = std::numeric_limits<double>::quiet_NaN();
  double p_value = std::numeric_limits<double>::quiet_NaN();
  bool is_exact = false;  ///< The p-value comes from the exact null distribution.
};

/// Mann–Whitney U of the first sample: the pairs in which it is larger, ties counted half (Mann & Whitney
/// 1947).
///
/// Automatic is exact when one sample has at most 8 values and nothing is tied, else the normal approximation
/// with tie and continuity correction. Exact ignores ties. Cost: O((n+m) log(n+m)); exact adds O(n·m·min(n,
/// m)), so automatic does not use it beyond 10 million pairs.
TestResult mann_whitney(std::span<const double> first, std::span<const double> second,
                        PValueMethod method = PValueMethod::automatic);

/// P(U = u) for u = 0 … limit when both samples come from one continuous law.
/// Cost: min(n, m) passes over limit + 1 numbers.
std::vector<double> mann_whitney_null(std::size_t n, std::size_t m, std::size_t limit);

/// Two-sample Kolmogorov–Smirnov: the largest distance D between the two empirical distribution functions.
///
/// Automatic is exact up to 10 000 values per sample (the lattice-path recursion of Hodges 1958 in the form
/// of Viehmann 2021, whose small p-values keep their relative accuracy), else Kolmogorov's limit with the
/// correction of Vrbik 2018. Cost: O((n+m) log(n+m)); exact adds O(n·m·D), at most n·m.
TestResult kolmogorov_smirnov(std::span<const double> first, std::span<const double> second,
                              PValueMethod method = PValueMethod::automatic);

/// D alone. Cost: O((n+m) log(n+m)).
double kolmogorov_smirnov_distance(std::span<const double> first, std::span<const double> second);

struct StudentResult {
  double t = std::numeric_limits<double>::quiet_NaN();
  double degrees_of_freedom = std::numeric_limits<double>::quiet_NaN();
  double p_value = std::numeric_limits<double>::quiet_NaN();
};

/// Student's t of mean(first) - mean(second) with pooled variance (Student 1908). Needs 2 values per side.
StudentResult student_t_test(std::span<const double> first, std::span<const double> second);
/// Welch's t for unequal variances, degrees of freedom after Welch 1947. Needs 2 values per side.
StudentResult welch_t_test(std::span<const double> first, std::span<const double> second);

/// Wilcoxon signed-rank test of paired differences first[i] - second[i]; the statistic is the smaller of the
/// two rank sums (Wilcoxon 1945). Zero differences are dropped.
///
/// Automatic is exact for at most 50 pairs without ties and zeros, else the normal approximation with tie
/// correction. REQUIRES: samples of equal size.
TestResult wilcoxon_signed_rank(std::span<const double> first, std::span<const double> second,
                                PValueMethod method = PValueMethod::automatic);

/// Shapiro–Wilk W for normality (Royston 1995, AS R94). Small p-values speak against a normal law. Missing
/// for fewer than 3 values and for a constant sample; beyond 5000 values the p-value is an extrapolation.
TestResult shapiro_wilk(std::span<const double> sample);

}  // namespace thaw
