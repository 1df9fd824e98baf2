#pragma once
// What the rules share that judge a sample between a least and a greatest number of repetitions.

#include <cstdint>
#include <span>
#include <string>

#include "bench/stop_rule.h"

namespace thaw {

/// The numbers of repetitions between which a rule has something to judge.
struct RepetitionLimits {
  std::uint64_t min = 0;
  std::uint64_t max = RuleParameters::unlimited;

  /// Reads the parameters "min" and "max". Errors: bad_usage, also when both were given and min > max.
  static Result<RepetitionLimits> read(const RuleParameters& parameters);
};

/// How far `run` repetitions are on the way to `statistic` <= `threshold`, or to `most` repetitions when these come
/// first, if the statistic shrinks with the square root of their number.
double progress_of_shrinking(std::uint64_t run, double statistic, double threshold, std::uint64_t most);

/// A rule that continues up to `first_judged` - 1 repetitions, stops at limits.max, and judges its sample in between.
class SamplingRule : public StopRule {
 public:
  void take(std::span<const double> values, Nanos elapsed) final;
  Decision decide() final;
  std::string describe() const final { return description_; }

 protected:
  /// Judges only after more than limits.min repetitions.
  SamplingRule(const RuleParameters& parameters, RepetitionLimits limits)
      : SamplingRule(parameters, limits, limits.min + 1) {}
  SamplingRule(const RuleParameters& parameters, RepetitionLimits limits, std::uint64_t first_judged)
      : description_(parameters.describe()), limits_(limits), first_judged_(first_judged) {}

  std::uint64_t repetitions() const { return repetitions_; }
  const RepetitionLimits& limits() const { return limits_; }

  /// `progress_of_shrinking` at the current repetition.
  double progress_towards(double statistic, double threshold) const {
    return progress_of_shrinking(repetitions_, statistic, threshold, limits_.max);
  }
  /// The share of limits.max already run, NaN without one.
  double share_of_max() const;

 private:
  virtual void absorb(std::span<const double> values) = 0;
  /// REQUIRES: first_judged <= repetitions < limits.max.
  virtual Decision judge() = 0;

  std::string description_;
  RepetitionLimits limits_;
  std::uint64_t first_judged_;
  std::uint64_t repetitions_ = 0;
};

/// Mean and variance of a growing sample in one pass (Welford, 1962, "Note on a method for calculating corrected sums
/// of squares and products").
class RunningMoments {
 public:
  void add(double value) {
    ++count_;
    sum_ += value;
    const double delta = value - centre_;
    centre_ += delta / static_cast<double>(count_);
    squares_ += delta * (value - centre_);
  }
  std::uint64_t count() const { return count_; }
  double mean() const { return sum_ / static_cast<double>(count_); }
  /// The standard error of the mean, s/√n. REQUIRES: count() >= 2.
  double standard_error() const;

 private:
  std::uint64_t count_ = 0;
  double sum_ = 0;
  double centre_ = 0;  ///< The mean up to rounding.
  double squares_ = 0;
};

}  // namespace thaw
