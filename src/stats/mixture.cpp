#include "stats/mixture.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>

namespace thaw {
namespace {

/// e^x for x <= 0 with a relative error below 1e-13, written without branches so that loops over it use vector
/// registers: x = n ln 2 + r, a Taylor polynomial for e^r with |r| <= ln 2 / 2, and n put into the exponent bits.
inline double exp_negative(double x) {
  constexpr double rounder = 0x1.8p52;  // Adding it leaves the nearest integer in the low bits.
  constexpr double ln2_high = 0x1.62e42fee00000p-1;
  constexpr double ln2_low = 0x1.a39ef35793c76p-33;
  const double clamped = x > -700 ? x : -700;
  const double shifted = clamped * std::numbers::log2e + rounder;
  const double n = shifted - rounder;
  const double r = clamped - n * ln2_high - n * ln2_low;
  double sum = 1.0 / 479001600;
  for (const double coefficient : {1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040,
                                   1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1.0, 1.0}) {
    sum = sum * r + coefficient;
  }
  const std::uint64_t exponent = (std::bit_cast<std::uint64_t>(shifted) + 1023) << 52;
  return sum * std::bit_cast<double>(exponent);
}

/// A sum in four interleaved parts, which may overlap in the processor.
template <class Term>
double sum_of(std::size_t count, const Term& term) {
  std::array<double, 4> parts{};
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    for (std::size_t lane = 0; lane < 4; ++lane) parts[lane] += term(i + lane);
  }
  for (; i < count; ++i) parts[0] += term(i);
  return (parts[0] + parts[1]) + (parts[2] + parts[3]);
}

/// The expectation step and its scratch memory.
class Expectation {
 public:
  Expectation(const WeightedPoints& points, std::size_t components)
      : points_(points),
        size_(points.at.size()),
        densities_(components, std::vector<double>(size_)),
        shares_(size_) {}

  /// Computes how much of each point belongs to each component; returns Σ w_i ln f(x_i).
  double evaluate(std::span<const GaussianComponent> components) {
    std::vector<double>& top = shares_;
    std::fill(top.begin(), top.end(), -std::numeric_limits<double>::infinity());
    const double* at = points_.at.data();
    for (std::size_t k = 0; k < components.size(); ++k) {
      const auto [weight, mean, variance] = components[k];
      const double peak = std::log(weight) - 0.5 * std::log(2 * std::numbers::pi * variance);
      const double curvature = -0.5 / variance;
      double* density = densities_[k].data();
      for (std::size_t i = 0; i < size_; ++i) {
        const double distance = at[i] - mean;
        density[i] = peak + curvature * distance * distance;
        top[i] = top[i] < density[i] ? density[i] : top[i];
      }
    }
    for (std::size_t k = 0; k < components.size(); ++k) {
      double* density = densities_[k].data();
      for (std::size_t i = 0; i < size_; ++i) density[i] = exp_negative(density[i] - top[i]);
    }
    double log_likelihood = 0;
    for (std::size_t i = 0; i < size_; ++i) {
      double sum = 0;
      for (std::size_t k = 0; k < components.size(); ++k) sum += densities_[k][i];
      log_likelihood += points_.weight[i] * (top[i] + std::log(sum));
      shares_[i] = points_.weight[i] / sum;
    }
    return log_likelihood;
  }

  /// The part of point `i`'s weight that belongs to component `k`.
  double share(std::size_t k, std::size_t i) const { return densities_[k][i] * shares_[i]; }

 private:
  const WeightedPoints& points_;
  std::size_t size_;
  std::vector<std::vector<double>> densities_;  ///< [component][point], relative to the greatest.
  std::vector<double> shares_;
};

/// The maximisation step: components with the weight, mean and spread of what belongs to them.
void maximise(const WeightedPoints& points, const Expectation& expectation, bool shares_variance,
              double added_variance, std::vector<GaussianComponent>& components) {
  constexpr double least_weight = 10 * std::numeric_limits<double>::epsilon();
  const std::size_t size = points.at.size();
  const double total = points.total();
  double pooled = 0;
  for (std::size_t k = 0; k < components.size(); ++k) {
    const double old_mean = components[k].mean;
    const double* at = points.at.data();
    const double weight = least_weight + sum_of(size, [&](std::size_t i) { return expectation.share(k, i); });
    const double shift =
        sum_of(size, [&](std::size_t i) { return expectation.share(k, i) * (at[i] - old_mean); }) / weight;
    const double mean = old_mean + shift;
    const double squares = sum_of(
        size, [&](std::size_t i) { return expectation.share(k, i) * (at[i] - mean) * (at[i] - mean); });
    components[k] = {weight / total, mean, squares / weight + added_variance};
    pooled += squares;
  }
  if (!shares_variance) return;
  for (GaussianComponent& component : components) component.variance = pooled / total + added_variance;
}

/// One component for each class of the optimal partition.
std::vector<GaussianComponent> components_of(const WeightedPoints& points, const OptimalPartition& partition,
                                             std::size_t count, bool shares_variance, double added_variance) {
  std::vector<GaussianComponent> components;
  const auto starts = partition.starts(count);
  const double total = points.total();
  for (std::size_t k = 0; k < count; ++k) {
    const std::size_t end = k + 1 < count ? starts[k + 1] : points.at.size();
    double weight = 0;
    double sum = 0;
    double squares = 0;
    for (std::size_t i = starts[k]; i < end; ++i) {
      weight += points.weight[i];
      sum += points.weight[i] * points.at[i];
    }
    const double mean = sum / weight;
    for (std::size_t i = starts[k]; i < end; ++i) {
      squares += points.weight[i] * (points.at[i] - mean) * (points.at[i] - mean);
    }
    components.push_back({weight / total, mean, squares / weight + added_variance});
  }
  if (shares_variance) {
    for (GaussianComponent& component : components) {
      component.variance = partition.cost(count) / total + added_variance;
    }
  }
  return components;
}

}  // namespace

GaussianMixture GaussianMixture::fit(const WeightedPoints& points, const OptimalPartition& partition,
                                     std::size_t components, bool shares_variance,
                                     const MixtureSettings& settings) {
  GaussianMixture mixture;
  mixture.shares_variance_ = shares_variance;
  mixture.components_ =
      components_of(points, partition, components, shares_variance, settings.added_variance);
  if (components == 1) return mixture;  // Already the maximum.
  Expectation expectation(points, components);
  const double total = points.total();
  double before = -std::numeric_limits<double>::infinity();
  for (int iteration = 0; iteration < settings.most_iterations; ++iteration) {
    const double now = expectation.evaluate(mixture.components_) / total;
    maximise(points, expectation, shares_variance, settings.added_variance, mixture.components_);
    if (std::abs(now - before) < settings.tolerance) break;
    before = now;
  }
  std::ranges::sort(mixture.components_, {}, &GaussianComponent::mean);
  return mixture;
}

double GaussianMixture::log_likelihood(const WeightedPoints& points) const {
  return Expectation(points, components_.size()).evaluate(components_);
}

std::size_t GaussianMixture::parameters() const {
  const std::size_t count = components_.size();
  return (count - 1) + count + (shares_variance_ ? 1 : count);
}

double GaussianMixture::bic(const WeightedPoints& points) const {
  return static_cast<double>(parameters()) * std::log(points.total()) - 2 * log_likelihood(points);
}

double GaussianMixture::smallest_gap() const {
  double smallest = std::numeric_limits<double>::infinity();
  for (std::size_t k = 1; k < components_.size(); ++k) {
    smallest = std::min(smallest, components_[k].mean - components_[k - 1].mean);
  }
  return smallest;
}

namespace {

/// Every mixture of the grid, fitted to the points; at most `most_components` components.
std::vector<GaussianMixture> fit_grid(const WeightedPoints& points, const MixtureGrid& grid,
                                      std::size_t most_components) {
  std::vector<GaussianMixture> mixtures;
  const OptimalPartition partition(points.at, points.weight, std::min(most_components, points.at.size()));
  for (const bool shares_variance : {false, true}) {
    if (!(shares_variance ? grid.shared_variances : grid.free_variances)) continue;
    for (std::size_t count = 1; count <= std::min(most_components, points.at.size()); ++count) {
      mixtures.push_back(GaussianMixture::fit(points, partition, count, shares_variance, grid.settings));
    }
  }
  return mixtures;
}

}  // namespace

MixtureSearch::MixtureSearch(std::span<const double> series, const MixtureGrid& grid)
    : series_(series.begin(), series.end()), grid_(grid) {
  const WeightedPoints points = WeightedPoints::of(series_).merged_to(exact_points);
  for (GaussianMixture& mixture : fit_grid(points, grid_, grid_.most_components)) {
    const double mean = mixture.log_likelihood(points) / points.total();
    candidates_.push_back({std::move(mixture), mean});
  }
}

const MixtureSearch::Candidate& MixtureSearch::best() const {
  const std::size_t n = series_.size();
  if (n < grid_.folds || candidates_.size() == 1) return candidates_.front();
  std::vector<double> held_out_bic(candidates_.size(), 0);
  std::size_t begin = 0;
  for (std::size_t fold = 0; fold < grid_.folds; ++fold) {
    const std::size_t end = begin + n / grid_.folds + (fold < n % grid_.folds ? 1 : 0);
    const std::span<const double> all = series_;
    std::vector<double> kept(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(begin));
    kept.insert(kept.end(), all.begin() + static_cast<std::ptrdiff_t>(end), all.end());
    const WeightedPoints training = WeightedPoints::of(kept).merged_to(exact_points);
    const WeightedPoints held_out =
        WeightedPoints::of(all.subspan(begin, end - begin)).merged_to(exact_points);
    const std::size_t most = candidates_.back().mixture.components().size();
    const auto fitted = fit_grid(training, grid_, most);
    const std::size_t fitted_most = fitted.back().components().size();
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      const std::size_t count = i % most;
      // A fold without some of the distinct values cannot carry as many components.
      held_out_bic[i] += count < fitted_most ? fitted[i / most * fitted_most + count].bic(held_out)
                                             : std::numeric_limits<double>::infinity();
    }
    begin = end;
  }
  const auto best = std::ranges::min_element(held_out_bic);
  return candidates_[static_cast<std::size_t>(best - held_out_bic.begin())];
}

}  // namespace thaw
