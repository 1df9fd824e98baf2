// Makes the median as precise as a time allows: repeats until one more repetition would end too late, and earlier only
// when the confidence interval of the median has reached a target width or cannot become narrower.

#include <algorithm>

#include "bench/median_precision.h"
#include "bench/sampling_rule.h"
#include "core/text.h"

namespace thaw::rules {
namespace {

class Budget final : public StopRule {
 public:
  Budget(const RuleParameters& parameters, Nanos time, std::uint64_t min, double width, double level)
      : description_(parameters.describe()),
        time_(time),
        min_(min),
        width_(width),
        precision_(level, MedianPrecision::Method::order_statistics, parameters.seed()) {}

  void take(std::span<const double> values, Nanos elapsed) override {
    ++repetitions_;
    elapsed_ = elapsed;
    precision_.add(values);
  }

  Decision decide() override {
    const double used = std::min(1.0, to_seconds(elapsed_) / to_seconds(time_));
    const double width = precision_.relative_width();
    const std::string reached = fmt::format("interval of the median {:.4g} of it wide", width);
    if (repetitions_ > min_ && width <= width_)
      return {true, fmt::format("{} <= {:.4g}", reached, width_), 1};
    const Nanos next_end = elapsed_ + elapsed_ / static_cast<std::int64_t>(repetitions_);
    if (elapsed_ >= time_) return {true, fmt::format("time is used up, {}", reached), 1};
    if (next_end > time_) return {true, fmt::format("no time for another repetition, {}", reached), 1};
    return {false,
            fmt::format("{:.3f} s of {:.3f} s used, {}", to_seconds(elapsed_), to_seconds(time_), reached),
            used};
  }

  std::string describe() const override { return description_; }

 private:
  std::string description_;
  Nanos time_;
  std::uint64_t min_;
  double width_;  ///< 0 when only a point is narrow enough.
  MedianPrecision precision_;
  std::uint64_t repetitions_ = 0;
  Nanos elapsed_{};
};

}  // namespace

std::span<const ParameterSpec> budget_parameters() {
  static constexpr ParameterSpec specs[] = {
      {"time", "1m", "time that the repetitions may take together", "duration"},
      {"width", "none", "width of the interval, as a share of the median, that is precise enough",
       "target threshold"},
      {"level", "0.95", "confidence level"},
      {"min", "30", "repetitions before it may stop early", "starting_sample"},
  };
  return specs;
}

Result<std::unique_ptr<StopRule>> make_budget(const RuleParameters& parameters) {
  THAW_TRY(const Nanos time, parameters.duration("time"));
  THAW_TRY(const std::uint64_t min, parameters.integer("min", 0));
  THAW_TRY(const double level, parameters.number("level", 0.5, 0.999999));
  double width = 0;
  if (to_lower(parameters.text("width")) != "none") {
    THAW_TRY(width, parameters.number("width", 0, 1e9));
  }
  return std::make_unique<Budget>(parameters, time, min, width, level);
}

}  // namespace thaw::rules
