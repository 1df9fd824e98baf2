// Stops when a Gaussian mixture describes the values sharply: the log-likelihood of the best mixture, per value, is
// larger in magnitude than a limit. The best mixture is the one whose held-out folds have the lowest BIC. The magnitude,
// taken over from the predecessor, depends on the unit: values spread over many units have a log-likelihood far below
// zero and stop the rule too. Prefer precision or ci unless results must agree with the predecessor's.

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "bench/mixture_parameters.h"
#include "bench/sampling_rule.h"
#include "stats/mixture.h"

namespace thaw::rules {
namespace {

/// The number of values after which the best mixture was last chosen anew. Choosing costs six times as much as fitting,
/// so beyond 100 values it waits until they are a few per cent more.
std::size_t last_choice(std::size_t values) {
  constexpr std::size_t chosen_always = 100;
  if (values <= chosen_always) return values;
  return values - values % (std::bit_floor(values) / 16);
}

class MixtureFit final : public SamplingRule {
 public:
  MixtureFit(const RuleParameters& parameters, RepetitionLimits limits, std::uint64_t first_judged,
             double goodness, const MixtureGrid& grid)
      : SamplingRule(parameters, limits, first_judged), goodness_(goodness), grid_(grid) {}

 private:
  void absorb(std::span<const double> values) override {
    series_.insert(series_.end(), values.begin(), values.end());
  }

  Decision judge() override {
    if (series_.empty()) return {false, "too few values", share_of_max()};
    const MixtureSearch search(series_, grid_);
    const auto is_sharp = [&](const MixtureSearch::Candidate& candidate) {
      return std::abs(candidate.mean_log_likelihood) > goodness_;
    };
    const auto candidates = search.candidates();
    const auto sharp = std::ranges::count_if(candidates, is_sharp);
    // When all mixtures agree there is no need to know which one is best.
    const bool agree = sharp == 0 || sharp == std::ssize(candidates);
    const MixtureSearch::Candidate& told = agree ? candidates.front() : best(search);
    const bool stop = is_sharp(told);
    return {stop,
            fmt::format("log-likelihood of {} mixture {:.4g} a value, magnitude {} {:.4g}",
                        agree ? "every" : "the best", told.mean_log_likelihood, stop ? ">" : "<=", goodness_),
            stop ? 1 : share_of_max()};
  }

  /// The candidate of the kind that was best at the last choice.
  const MixtureSearch::Candidate& best(const MixtureSearch& search) {
    const std::size_t values = last_choice(series_.size());
    if (values != chosen_at_) {
      const MixtureSearch earlier({series_.data(), values}, grid_);
      const GaussianMixture& mixture = earlier.best().mixture;
      chosen_at_ = values;
      components_ = mixture.components().size();
      shares_variance_ = mixture.shares_variance();
    }
    return *std::ranges::find_if(search.candidates(), [&](const MixtureSearch::Candidate& candidate) {
      return candidate.mixture.components().size() == components_ &&
             candidate.mixture.shares_variance() == shares_variance_;
    });
  }

  double goodness_;
  MixtureGrid grid_;
  std::vector<double> series_;
  std::size_t chosen_at_ = 0;
  std::size_t components_ = 1;
  bool shares_variance_ = false;
};

}  // namespace

std::span<const ParameterSpec> gmm_parameters() {
  static constexpr ParameterSpec specs[] = {
      {"goodness", "2", "least magnitude of the mean log-likelihood", "goodness_threshold threshold"},
      {"components", "8", "mixtures of fewer components than this are tried", "max_gaussian_components"},
      {"covariances", "spherical+tied+diag+full", "kinds of variances to try", "gaussian_covariances"},
      {"min", "20", "repetitions at which it decides first, if above components times covariances",
       "starting_sample"},
      {"max", "100", "repetitions at which it stops anyway; none = no limit"},
  };
  return specs;
}

Result<std::unique_ptr<StopRule>> make_gmm(const RuleParameters& parameters) {
  THAW_TRY(const RepetitionLimits limits, RepetitionLimits::read(parameters));
  THAW_TRY(const double goodness, parameters.number("goodness", 0, 1e9));
  THAW_TRY(const std::uint64_t components, parameters.integer("components", 2));
  THAW_TRY(const CovarianceChoice covariances, CovarianceChoice::read(parameters, "covariances"));
  MixtureGrid grid;
  grid.most_components = static_cast<std::size_t>(components) - 1;
  grid.free_variances = covariances.free;
  grid.shared_variances = covariances.shared;
  const std::uint64_t enough = std::min(limits.max - 1, components * covariances.names);
  return std::make_unique<MixtureFit>(parameters, limits, std::max(limits.min, enough + 1), goodness, grid);
}

}  // namespace thaw::rules
