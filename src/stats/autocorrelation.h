#pragma once
// How strongly values of a series depend on earlier ones, and what that costs in information.

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace thaw {

/// The autocorrelations r_0 … r_max_lag of a series,
///
///   r_j = Σ_{i<N-j} (x_i - x̄)(x_{i+j} - x̄) / (N σ²),   σ² the population variance
///
/// (Box & Jenkins 1970, section 2.1.5). Lags of N and more are left out. All NaN when the values are all equal.
/// Cost: O(N · max_lag).
std::vector<double> autocorrelations(std::span<const double> series, std::size_t max_lag);

/// The first lag j >= 1 with |r_j| < epsilon, or nullopt when there is none or the values are all equal.
/// Cost: O(N) for each lag looked at.
std::optional<std::size_t> first_negligible_lag(std::span<const double> series, double epsilon);

/// The greatest |r_j| over all lags j >= 1, and its lag. NaN when the values are all equal or fewer than two.
/// Stops early at a value of at least `enough`. Cost: O(N²) at worst.
struct StrongestLag {
  std::size_t lag;
  double correlation;  ///< |r_lag|.
};
StrongestLag strongest_autocorrelation(std::span<const double> series, double enough = 2);

/// How fast a series forgets, as a report tells it: lags up to min(N/4, 50) are looked at.
struct Memory {
  std::size_t
      lag;  ///< The first lag with |r_j| < 0.2, else the last lag looked at; 0 for fewer than 10 values.
  double strongest;  ///< Greatest |r_j| looked at; NaN for fewer than 10 values or equal ones.
};
Memory memory_of(std::span<const double> series);

/// The number of independent values that would fix the mean as well as the N dependent ones do,
/// N / (1 + 2 Σ r_j), summed over Geyer's initial positive sequence (Geyer 1992, "Practical Markov chain Monte
/// Carlo", section 3.3) and at most N. N itself when the values are all equal.
double effective_sample_size(std::span<const double> series);

}  // namespace thaw
