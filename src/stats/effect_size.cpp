#include "stats/effect_size.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "stats/laws.h"
#include "stats/summary.h"
#include "stats/tests.h"

namespace thaw {
namespace {

/// Beyond this many pairs the critical value of U comes from the normal approximation.
constexpr std::uint64_t largest_exact_pairs = 10'000;

/// Maps doubles to integers of the same order, so that a bisection reaches neighbouring numbers in 64 steps.
std::uint64_t to_ordinal(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  constexpr std::uint64_t sign = 1ULL << 63;
  return (bits & sign) != 0 ? ~bits : bits | sign;
}

double from_ordinal(std::uint64_t ordinal) {
  constexpr std::uint64_t sign = 1ULL << 63;
  return std::bit_cast<double>((ordinal & sign) != 0 ? ordinal ^ sign : ~ordinal);
}

/// The differences treatment[j] - baseline[i] in ascending order, computed on demand from the sorted samples.
class PairwiseDifferences {
 public:
  PairwiseDifferences(std::span<const double> baseline, std::span<const double> treatment)
      : baseline_(sorted_copy(baseline)), treatment_(sorted_copy(treatment)) {}

  [[nodiscard]] std::uint64_t size() const { return std::uint64_t{baseline_.size()} * treatment_.size(); }

  /// The k-th smallest difference, k = 1 … size(). Bisects over the numbers between the extremes; each step
  /// counts in O(n + m), because rounded differences grow with j and shrink with i.
  [[nodiscard]] double nth(std::uint64_t k) const {
    std::uint64_t low = to_ordinal(treatment_.front() - baseline_.back());
    std::uint64_t high = to_ordinal(treatment_.back() - baseline_.front());
    while (low < high) {
      const std::uint64_t middle = low + (high - low) / 2;
      if (count_up_to(from_ordinal(middle)) >= k) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return from_ordinal(low) + 0.0;  // Never -0.
  }

  [[nodiscard]] double median() const {
    const std::uint64_t half = size() / 2;
    if (size() % 2 == 1) return nth(half + 1);
    const double below = nth(half);
    return below + (nth(half + 1) - below) / 2;
  }

 private:
  [[nodiscard]] std::uint64_t count_up_to(double bound) const {
    std::uint64_t count = 0;
    std::size_t j = 0;
    for (const double b : baseline_) {
      while (j < treatment_.size() && treatment_[j] - b <= bound) ++j;
      count += j;
    }
    return count;
  }

  std::vector<double> baseline_;
  std::vector<double> treatment_;
};

/// The largest rank k with P(U < k) <= tail, or 0: then the k-th smallest and k-th largest difference hold
/// the shift.
std::uint64_t critical_rank(std::size_t n, std::size_t m, double tail) {
  const std::uint64_t pairs = std::uint64_t{n} * m;
  if (pairs <= largest_exact_pairs) {
    const std::vector<double> null = mann_whitney_null(n, m, pairs / 2);
    std::uint64_t rank = 0;
    for (double below = null[0]; below <= tail && rank < pairs / 2; below += null[rank]) ++rank;
    return rank;
  }
  const auto size = static_cast<double>(pairs);
  const double deviation = std::sqrt(size * static_cast<double>(n + m + 1) / 12);
  const double rank = std::floor(size / 2 + law::normal_quantile(tail) * deviation);
  return rank < 1 ? 0 : static_cast<std::uint64_t>(rank);
}

}  // namespace

double rank_biserial(double baseline_u, std::size_t n, std::size_t m) {
  return 1 - 2 * baseline_u / (static_cast<double>(n) * static_cast<double>(m));
}

double cliffs_delta(std::span<const double> baseline, std::span<const double> treatment) {
  return 2 * vargha_delaney_a(baseline, treatment) - 1;
}

double vargha_delaney_a(std::span<const double> baseline, std::span<const double> treatment) {
  const double u = mann_whitney(treatment, baseline, PValueMethod::approximate).statistic;
  return u / (static_cast<double>(baseline.size()) * static_cast<double>(treatment.size()));
}

double cohens_d(std::span<const double> baseline, std::span<const double> treatment) {
  if (baseline.size() < 2 || treatment.size() < 2) return missing;
  const auto n = static_cast<double>(baseline.size());
  const auto m = static_cast<double>(treatment.size());
  const double pooled =
      std::sqrt(((n - 1) * variance(baseline) + (m - 1) * variance(treatment)) / (n + m - 2));
  return pooled > 0 ? (mean(treatment) - mean(baseline)) / pooled : missing;
}

Shift hodges_lehmann(std::span<const double> baseline, std::span<const double> treatment, double confidence) {
  if (baseline.empty() || treatment.empty()) return {};
  const PairwiseDifferences differences(baseline, treatment);
  Shift shift;
  shift.estimate = differences.median();
  const std::uint64_t rank = critical_rank(baseline.size(), treatment.size(), (1 - confidence) / 2);
  if (rank > 0) shift.interval = {differences.nth(rank), differences.nth(differences.size() + 1 - rank)};
  return shift;
}

}  // namespace thaw
