// Stops when the shortest interval that holds most of the values is narrow (the highest-density interval of the
// sample; Kruschke 2014, "Doing Bayesian Data Analysis", section 25.2). The spread of the values themselves does
// not shrink with more repetitions, so a noisy program runs to the maximum.

#include <algorithm>
#include <cmath>
#include <vector>

#include "bench/sampling_rule.h"
#include "stats/interval.h"

namespace thaw::rules {
namespace {

class DensityInterval final : public SamplingRule {
 public:
  DensityInterval(const RuleParameters& parameters, RepetitionLimits limits, double level, double threshold)
      : SamplingRule(parameters, limits), level_(level), threshold_(threshold) {}

 private:
  void absorb(std::span<const double> values) override {
    for (const double value : values) {
      sorted_.insert(std::upper_bound(sorted_.begin(), sorted_.end(), value), value);
      moments_.add(value);
    }
  }

  Decision judge() override {
    if (sorted_.empty()) return {false, "too few values", share_of_max()};
    const double mean = std::abs(moments_.mean());
    const double width = mean == 0 ? 0 : shortest_interval(sorted_, level_).width() / mean;
    const bool stop = width <= threshold_;
    return {stop,
            fmt::format("interval of {:.4g} % of the values is {:.4g} of the mean wide {} {:.4g}",
                        level_ * 100, width, stop ? "<=" : ">", threshold_),
            stop ? 1 : share_of_max()};
  }

  double level_;
  double threshold_;
  std::vector<double> sorted_;
  RunningMoments moments_;
};

}  // namespace

std::span<const ParameterSpec> hdi_parameters() {
  static constexpr ParameterSpec specs[] = {
      {"threshold", "0.1", "largest width as a share of the mean", "hdi_threshold error_threshold"},
      {"level", "0.89", "share of the values inside the interval", "hdi_limit limit"},
      {"min", "15", "repetitions before the first decision", "starting_sample"},
      {"max", "200", "repetitions at which it stops anyway; none = no limit"},
  };
  return specs;
}

Result<std::unique_ptr<StopRule>> make_hdi(const RuleParameters& parameters) {
  THAW_TRY(const RepetitionLimits limits, RepetitionLimits::read(parameters));
  THAW_TRY(const double threshold, parameters.number("threshold", 0, 1e9));
  THAW_TRY(const double level, parameters.number("level", 0, 0.999999));
  return std::make_unique<DensityInterval>(parameters, limits, level, threshold);
}

}  // namespace thaw::rules
