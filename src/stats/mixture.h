#pragma once
// Gaussian mixtures on a line: a sample that comes from several modes, each with its own share, place and width.

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "stats/natural_breaks.h"
#include "stats/weighted_points.h"

namespace thaw {

struct GaussianComponent {
  double weight;
  double mean;
  double variance;
};

/// How a mixture is fitted. The defaults are those of the predecessor's library.
struct MixtureSettings {
  double added_variance = 1e-6;  ///< Keeps components of equal values from becoming infinitely likely.
  double tolerance = 1e-3;       ///< Ends when the mean log-likelihood gains less in an iteration.
  int most_iterations = 100;
};

class GaussianMixture {
 public:
  /// Fits `components` components by expectation-maximisation (Dempster, Laird & Rubin 1977), starting from the
  /// optimal partition of the points, so no random numbers are needed.
  ///
  /// REQUIRES: `partition` is of `points` and has at least `components` classes.
  static GaussianMixture fit(const WeightedPoints& points, const OptimalPartition& partition,
                             std::size_t components, bool shares_variance,
                             const MixtureSettings& settings = {});

  /// Ordered by mean.
  std::span<const GaussianComponent> components() const { return components_; }
  /// Whether all components were forced to one variance.
  bool shares_variance() const { return shares_variance_; }

  /// Σ w_i ln f(x_i).
  double log_likelihood(const WeightedPoints& points) const;
  /// The number of free parameters: weights, means and variances.
  std::size_t parameters() const;
  /// Schwarz's criterion, parameters · ln n - 2 · log-likelihood; lower is better.
  double bic(const WeightedPoints& points) const;
  /// Smallest distance of neighbouring means; infinity for one component.
  double smallest_gap() const;

 private:
  std::vector<GaussianComponent> components_;
  bool shares_variance_ = false;
};

/// The mixtures to choose from.
struct MixtureGrid {
  std::size_t most_components = 7;
  bool free_variances = true;
  bool shared_variances = true;
  std::size_t folds = 5;
  MixtureSettings settings = {};
};

/// Fits a grid of mixtures to a series and picks the one that predicts it best.
class MixtureSearch {
 public:
  struct Candidate {
    GaussianMixture mixture;
    double mean_log_likelihood;  ///< Per value, of the whole series.
  };

  /// Fits every candidate to the whole series. More than `exact_points` distinct values are merged to that many.
  /// REQUIRES: `series` is not empty.
  MixtureSearch(std::span<const double> series, const MixtureGrid& grid);

  /// First those with free variances, by number of components. Never more components than distinct values.
  std::span<const Candidate> candidates() const { return candidates_; }

  /// The candidate with the lowest mean BIC of held-out folds, each a run of consecutive values; the first such. The
  /// one with one component when the series has fewer values than folds. Cost: `folds` times the constructor's.
  const Candidate& best() const;

  static constexpr std::size_t exact_points = 128;

 private:
  std::vector<double> series_;
  MixtureGrid grid_;
  std::vector<Candidate> candidates_;
};

}  // namespace thaw
