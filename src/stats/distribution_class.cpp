#include "stats/distribution_class.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numbers>
#include <numeric>
#include <vector>

#include "stats/autocorrelation.h"
#include "stats/kolmogorov.h"
#include "stats/laws.h"
#include "stats/mixture.h"
#include "stats/nelder_mead.h"

namespace thaw {
namespace {

/// The values sorted, with their mean and population standard deviation.
struct SortedSample {
  explicit SortedSample(std::span<const double> values) : sorted(values.begin(), values.end()) {
    const auto n = static_cast<double>(values.size());
    mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
    double squares = 0;
    for (const double value : values) squares += (value - mean) * (value - mean);
    deviation = std::sqrt(squares / n);
    std::ranges::sort(sorted);
  }

  double low() const { return sorted.front(); }
  double high() const { return sorted.back(); }
  double range() const { return high() - low(); }

  /// The p-value of the sample under a law.
  template <class Law>
  double p_value(const Law& law) const {
    return kolmogorov_survival(sorted.size(), kolmogorov_distance(sorted, law));
  }

  std::vector<double> sorted;
  double mean;
  double deviation;
};

/// Minus the log-likelihood of a shifted lognormal. Values at or below the location count as a fixed large penalty, so
/// that the search can come back from there.
double lognormal_cost(std::span<const double> values, const ShiftedLognormal& law) {
  if (law.shape <= 0 || law.scale <= 0) return std::numeric_limits<double>::infinity();
  const double penalty = 100 * std::log(std::numeric_limits<double>::max());
  double logs = 0;
  double squares = 0;
  double inside = 0;
  for (const double value : values) {
    const double ratio = (value - law.location) / law.scale;
    if (ratio <= 0) continue;
    const double log = std::log(ratio);
    logs += log;
    squares += log * log;
    inside += 1;
  }
  const auto n = static_cast<double>(values.size());
  return squares / (2 * law.shape * law.shape) + logs +
         inside * std::log(law.shape * std::sqrt(2 * std::numbers::pi)) + n * std::log(law.scale) +
         (n - inside) * penalty;
}

/// Whether a mixture describes several real modes of a series.
class ModeTest {
 public:
  ModeTest(std::span<const double> series, double goodness)
      : values_(static_cast<double>(series.size())),
        least_gap_(0.5 * SortedSample(series).deviation),
        goodness_(goodness),
        points_(WeightedPoints::of(series).merged_to(MixtureSearch::exact_points)),
        partition_(points_.at, points_.weight, std::min<std::size_t>(3, points_.at.size())) {}

  bool operator()(const MixtureSearch::Candidate& candidate) const {
    constexpr double least_values_per_mode = 10;
    constexpr double least_gain_over_one = 15;
    constexpr double least_loss_of_three = 5;
    const GaussianMixture& mixture = candidate.mixture;
    const std::size_t modes = mixture.components().size();
    if (modes < 2 || values_ / static_cast<double>(modes) < least_values_per_mode) return false;
    if (mixture.smallest_gap() < least_gap_ || std::abs(candidate.mean_log_likelihood) < goodness_)
      return false;
    const double bic = mixture.bic(points_);
    return bic_of(1, false) - bic >= least_gain_over_one &&
           bic_of(3, mixture.shares_variance()) - bic > least_loss_of_three;
  }

 private:
  double bic_of(std::size_t components, bool shares_variance) const {
    components = std::min(components, points_.at.size());
    return GaussianMixture::fit(points_, partition_, components, shares_variance).bic(points_);
  }

  double values_;
  double least_gap_;
  double goodness_;
  WeightedPoints points_;
  OptimalPartition partition_;
};

/// The values with mean 0 and standard deviation 1; none when they are all equal.
std::vector<double> standardised(std::span<const double> values) {
  const SortedSample sample(values);
  if (!(sample.deviation > 0)) return {};
  std::vector<double> scaled;
  for (const double value : values) scaled.push_back((value - sample.mean) / sample.deviation);
  return scaled;
}

}  // namespace

std::string_view name_of(DistributionClass value) {
  switch (value) {
    case DistributionClass::constant:
      return "constant";
    case DistributionClass::monotonic:
      return "monotonic";
    case DistributionClass::autocorrelated:
      return "autocorrelated";
    case DistributionClass::gaussian:
      return "gaussian";
    case DistributionClass::lognormal:
      return "lognormal";
    case DistributionClass::multimodal:
      return "multimodal";
    case DistributionClass::uniform:
      return "uniform";
    case DistributionClass::unknown:
      break;
  }
  return "unknown";
}

double ShiftedLognormal::cdf(double x) const {
  return x <= location ? 0 : law::normal_cdf(std::log((x - location) / scale) / shape);
}

ShiftedLognormal fit_shifted_lognormal(std::span<const double> values) {
  const SortedSample sample(values);
  // Mean and variance of e^z are √e and e(e - 1).
  const double root_e = std::exp(0.5);
  double scale = sample.deviation / std::sqrt(std::numbers::e * (std::numbers::e - 1));
  double location = sample.mean - scale * root_e;
  if (location >= sample.low()) {
    location = sample.low() - 0.1 * sample.range();
    scale = 1;
  }
  const auto cost = [&](const std::array<double, 3>& at) {
    return lognormal_cost(values, {at[0], at[1], at[2]});
  };
  const auto best = DownhillSimplex<3, decltype(cost)>(cost, {1.0, location, scale}).descend();
  return {best[0], best[1], best[2]};
}

bool is_multimodal(std::span<const double> values, const ClassLimits& limits) {
  // The mixtures have a least variance that suits values of the order of 1.
  const std::vector<double> scaled = limits.goodness > 0 ? std::vector<double>() : standardised(values);
  const std::span<const double> series = scaled.empty() ? values : scaled;
  MixtureGrid grid;
  grid.most_components = std::min(limits.most_components, std::max<std::size_t>(2, series.size() / 50));
  grid.free_variances = limits.free_variances;
  grid.shared_variances = limits.shared_variances;
  const MixtureSearch search(series, grid);
  const ModeTest test(series, limits.goodness);
  // Finding the best mixture is the dear part; often none of them would pass.
  if (std::ranges::none_of(search.candidates(), test)) return false;
  return test(search.best());
}

Classification classify(std::span<const double> series, const ClassLimits& limits) {
  const SortedSample sample(series);
  if (sample.range() <= limits.constant_range * std::abs(sample.mean)) return {DistributionClass::constant};
  if (std::ranges::is_sorted(series) || std::ranges::is_sorted(series, std::greater<>())) {
    return {DistributionClass::monotonic};
  }
  if (strongest_autocorrelation(series, limits.autocorrelation).correlation >= limits.autocorrelation) {
    return {DistributionClass::autocorrelated};
  }
  Classification found;
  found.gaussian_p =
      sample.p_value([&](double x) { return law::normal_cdf((x - sample.mean) / sample.deviation); });
  if (found.gaussian_p > limits.gaussian_p) {
    found.value = DistributionClass::gaussian;
    return found;
  }
  const ShiftedLognormal lognormal = fit_shifted_lognormal(series);
  found.lognormal_p = sample.p_value([&](double x) { return lognormal.cdf(x); });
  if (found.lognormal_p > limits.lognormal_p) {
    found.value = DistributionClass::lognormal;
    return found;
  }
  if (is_multimodal(series, limits)) {
    found.value = DistributionClass::multimodal;
    return found;
  }
  found.uniform_p = sample.p_value([&](double x) { return (x - sample.low()) / sample.range(); });
  if (found.uniform_p > limits.uniform_p) found.value = DistributionClass::uniform;
  return found;
}

}  // namespace thaw
