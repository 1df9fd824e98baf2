// Stops when Student's confidence interval of the mean is narrow. The quantile is one-sided, t(level, N - 1), so
// level = 0.95 uses t_0.95 and the interval mean ± t·s/√N covers 90 %.

#include <cmath>
#include <limits>

#include "bench/sampling_rule.h"
#include "stats/laws.h"

namespace thaw::rules {
namespace {

class ConfidenceInterval final : public SamplingRule {
 public:
  ConfidenceInterval(const RuleParameters& parameters, RepetitionLimits limits, double level,
                     double threshold)
      : SamplingRule(parameters, limits), level_(level), threshold_(threshold) {}

 private:
  void absorb(std::span<const double> values) override {
    for (const double value : values) moments_.add(value);
  }

  Decision judge() override {
    if (moments_.count() < 2) return {false, "too few values", share_of_max()};
    const double width = relative_half_width();
    const bool stop = width <= threshold_;
    return {stop,
            fmt::format("half width of the interval {:.4g} of the mean {} {:.4g}", width, stop ? "<=" : ">",
                        threshold_),
            progress_towards(width, threshold_)};
  }

  double relative_half_width() const {
    const auto freedom = static_cast<double>(moments_.count() - 1);
    const double half_width = law::student_quantile(level_, freedom) * moments_.standard_error();
    if (half_width == 0) return 0;
    const double mean = std::abs(moments_.mean());
    return mean == 0 ? std::numeric_limits<double>::infinity() : half_width / mean;
  }

  double level_;
  double threshold_;
  RunningMoments moments_;
};

}  // namespace

std::span<const ParameterSpec> ci_parameters() {
  static constexpr ParameterSpec specs[] = {
      {"threshold", "0.05", "largest half width as a share of the mean", "ci_threshold error_threshold"},
      {"level", "0.95", "level of the one-sided quantile", "ci_limit limit"},
      {"min", "15", "repetitions before the first decision", "starting_sample"},
      {"max", "100", "repetitions at which it stops anyway; none = no limit"},
  };
  return specs;
}

Result<std::unique_ptr<StopRule>> make_ci(const RuleParameters& parameters) {
  THAW_TRY(const RepetitionLimits limits, RepetitionLimits::read(parameters));
  THAW_TRY(const double threshold, parameters.number("threshold", 0, 1e9));
  THAW_TRY(const double level, parameters.number("level", 0.5, 0.999999));
  return std::make_unique<ConfidenceInterval>(parameters, limits, level, threshold);
}

}  // namespace thaw::rules
