// Stops when the standard error of the mean, s/√N, is a small part of the mean.

#include <cmath>

#include "bench/sampling_rule.h"

namespace thaw::rules {
namespace {

class RelativeStandardError final : public SamplingRule {
 public:
  RelativeStandardError(const RuleParameters& parameters, RepetitionLimits limits, double threshold)
      : SamplingRule(parameters, limits), threshold_(threshold) {}

 private:
  void absorb(std::span<const double> values) override {
    for (const double value : values) moments_.add(value);
  }

  Decision judge() override {
    if (moments_.count() < 2) return {false, "too few values", share_of_max()};
    const double mean = std::abs(moments_.mean());
    // A mean of zero has no relative error; the absolute one takes its place.
    const double error = mean == 0 ? moments_.standard_error() : moments_.standard_error() / mean;
    const bool stop = error <= threshold_;
    return {stop,
            fmt::format("relative standard error {:.4g} {} {:.4g}", error, stop ? "<=" : ">", threshold_),
            progress_towards(error, threshold_)};
  }

  double threshold_;
  RunningMoments moments_;
};

}  // namespace

std::span<const ParameterSpec> rse_parameters() {
  static constexpr ParameterSpec specs[] = {
      {"threshold", "0.1", "largest standard error as a share of the mean", "rse_threshold error_threshold"},
      {"min", "15", "repetitions before the first decision", "starting_sample"},
      {"max", "100", "repetitions at which it stops anyway; none = no limit"},
  };
  return specs;
}

Result<std::unique_ptr<StopRule>> make_rse(const RuleParameters& parameters) {
  THAW_TRY(const RepetitionLimits limits, RepetitionLimits::read(parameters));
  THAW_TRY(const double threshold, parameters.number("threshold", 0, 1e9));
  return std::make_unique<RelativeStandardError>(parameters, limits, threshold);
}

}  // namespace thaw::rules
