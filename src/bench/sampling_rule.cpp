#include "bench/sampling_rule.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace thaw {

Result<RepetitionLimits> RepetitionLimits::read(const RuleParameters& parameters) {
  THAW_TRY(const std::uint64_t min, parameters.integer("min", 0));
  THAW_TRY(const std::uint64_t max, parameters.limit("max"));
  if (min > max && parameters.is_set("min") && parameters.is_set("max")) {
    return fail(ErrorKind::bad_usage, "min must not exceed max, got min={} and max={}", min, max);
  }
  return RepetitionLimits{min, max};
}

double progress_of_shrinking(std::uint64_t run, double statistic, double threshold, std::uint64_t most) {
  if (!(statistic > threshold)) return 1;
  const double ratio = statistic / threshold;
  const double needed = static_cast<double>(run) * ratio * ratio;
  return static_cast<double>(run) / std::min(needed, static_cast<double>(most));
}

void SamplingRule::take(std::span<const double> values, Nanos /*elapsed*/) {
  ++repetitions_;
  absorb(values);
}

Decision SamplingRule::decide() {
  if (repetitions_ >= limits_.max)
    return {true, fmt::format("reached the maximum of {} repetitions", limits_.max), 1, true};
  if (repetitions_ >= first_judged_) return judge();
  return {false, fmt::format("{} of at least {} repetitions", repetitions_, first_judged_),
          static_cast<double>(repetitions_) / static_cast<double>(first_judged_)};
}

double SamplingRule::share_of_max() const {
  if (limits_.max == RuleParameters::unlimited) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(repetitions_) / static_cast<double>(limits_.max);
}

double RunningMoments::standard_error() const {
  const auto n = static_cast<double>(count_);
  return std::sqrt(squares_ / (n - 1) / n);
}

}  // namespace thaw
