// Stops when the confidence interval of the median is narrow. The median ignores outliers, and the interval between two
// order statistics holds for any law (David & Nagaraja 2003, "Order statistics", section 7.1).

#include "bench/median_precision.h"
#include "bench/sampling_rule.h"
#include "core/text.h"

namespace thaw::rules {
namespace {

class MedianIsPrecise final : public SamplingRule {
 public:
  MedianIsPrecise(const RuleParameters& parameters, RepetitionLimits limits, double width,
                  MedianPrecision precision)
      : SamplingRule(parameters, limits), width_(width), precision_(std::move(precision)) {}

 private:
  void absorb(std::span<const double> values) override { precision_.add(values); }

  Decision judge() override {
    const double width = precision_.relative_width();
    const bool stop = width <= width_;
    return {
        stop,
        fmt::format("interval of the median {:.4g} of it wide {} {:.4g}", width, stop ? "<=" : ">", width_),
        progress_towards(width, width_)};
  }

  double width_;
  MedianPrecision precision_;
};

}  // namespace

std::span<const ParameterSpec> precision_parameters() {
  static constexpr ParameterSpec specs[] = {
      {"width", "0.02", "largest width of the interval as a share of the median",
       "threshold error_threshold"},
      {"level", "0.95", "confidence level"},
      {"method", "order", "order (order statistics) or bootstrap"},
      {"min", "15", "repetitions before the first decision", "starting_sample"},
      {"max", "1000", "repetitions at which it stops anyway; none = no limit"},
  };
  return specs;
}

Result<std::unique_ptr<StopRule>> make_precision(const RuleParameters& parameters) {
  THAW_TRY(const RepetitionLimits limits, RepetitionLimits::read(parameters));
  THAW_TRY(const double width, parameters.number("width", 0, 1e9));
  THAW_TRY(const double level, parameters.number("level", 0.5, 0.999999));
  const std::string method = to_lower(parameters.text("method"));
  if (method != "order" && method != "bootstrap") {
    return fail(ErrorKind::bad_usage, "method of rule precision must be order or bootstrap, got \"{}\"",
                method);
  }
  MedianPrecision precision(
      level,
      method == "order" ? MedianPrecision::Method::order_statistics : MedianPrecision::Method::bootstrap,
      parameters.seed());
  return std::make_unique<MedianIsPrecise>(parameters, limits, width, std::move(precision));
}

}  // namespace thaw::rules
