// Wilcoxon signed-rank test of tests.h.

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "stats/laws.h"
#include "stats/ranks.h"
#include "stats/tests.h"

namespace thaw {
namespace {

constexpr std::size_t largest_exact_size = 50;

/// P(rank sum <= w) when each of the ranks 1 … n is taken with probability 1/2.
double rank_sum_cdf(std::size_t n, double w) {
  const std::size_t largest = n * (n + 1) / 2;
  std::vector<double> probability(largest + 1, 0.0);
  probability[0] = 1;
  for (std::size_t rank = 1; rank <= n; ++rank) {
    for (std::size_t total = largest; total >= rank; --total) {
      probability[total] = (probability[total] + probability[total - rank]) / 2;
    }
    for (std::size_t total = 0; total < rank; ++total) probability[total] /= 2;
  }
  double cdf = 0;
  for (std::size_t total = 0; static_cast<double>(total) <= w && total <= largest; ++total)
    cdf += probability[total];
  return cdf;
}

double normal_p_value(double n, double rank_sum, double tie_term) {
  const double center = n * (n + 1) / 4;
  const double deviation = std::sqrt((n * (n + 1) * (2 * n + 1) - tie_term / 2) / 24);
  return 2 * law::normal_upper_tail(std::abs(rank_sum - center) / deviation);
}

}  // namespace

TestResult wilcoxon_signed_rank(std::span<const double> first, std::span<const double> second,
                                PValueMethod method) {
  THAW_ASSERT(first.size() == second.size(), "paired samples of {} and {} values", first.size(),
              second.size());
  std::vector<double> differences;
  std::vector<double> sizes;
  for (std::size_t i = 0; i < first.size(); ++i) {
    const double d = first[i] - second[i];
    if (d == 0) continue;
    differences.push_back(d);
    sizes.push_back(std::abs(d));
  }
  if (differences.empty()) return {};
  const Ranks ranks = midranks(sizes);
  double positive = 0;
  for (std::size_t i = 0; i < differences.size(); ++i) {
    if (differences[i] > 0) positive += ranks.rank[i];
  }

  const auto n = static_cast<double>(differences.size());
  const bool is_plain = ranks.tie_term == 0 && differences.size() == first.size();
  TestResult result;
  result.statistic = std::min(positive, n * (n + 1) / 2 - positive);
  result.is_exact = method == PValueMethod::exact || (method == PValueMethod::automatic && is_plain &&
                                                      differences.size() <= largest_exact_size);
  result.p_value = result.is_exact ? std::min(1.0, 2 * rank_sum_cdf(differences.size(), result.statistic))
                                   : normal_p_value(n, result.statistic, ranks.tie_term);
  return result;
}

}  // namespace thaw
