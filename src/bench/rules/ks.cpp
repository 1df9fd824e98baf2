// Stops when the first and the second half of the values have nearly the same distribution: their two-sample
// Kolmogorov-Smirnov distance is small (Smirnov 1939). Drift and warm-up keep it running.

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "bench/sampling_rule.h"

namespace thaw::rules {
namespace {

void insert_sorted(std::vector<double>& sorted, double value) {
  sorted.insert(std::upper_bound(sorted.begin(), sorted.end(), value), value);
}

void erase_sorted(std::vector<double>& sorted, double value) {
  sorted.erase(std::lower_bound(sorted.begin(), sorted.end(), value));
}

/// The largest distance between the distribution functions of two sorted samples: an exact fraction, rounded once,
/// so that a distance of 2/20 equals a threshold of 0.1.
double largest_distance(std::span<const double> a, std::span<const double> b) {
  const auto size_a = static_cast<std::int64_t>(a.size());
  const auto size_b = static_cast<std::int64_t>(b.size());
  std::int64_t largest = 0;
  std::int64_t below_a = 0;
  std::int64_t below_b = 0;
  while (below_a < size_a && below_b < size_b) {
    const double step = std::min(a[static_cast<std::size_t>(below_a)], b[static_cast<std::size_t>(below_b)]);
    while (below_a < size_a && a[static_cast<std::size_t>(below_a)] == step) ++below_a;
    while (below_b < size_b && b[static_cast<std::size_t>(below_b)] == step) ++below_b;
    largest = std::max(largest, std::abs(below_a * size_b - below_b * size_a));
  }
  return static_cast<double>(largest) / static_cast<double>(size_a * size_b);
}

class HalvesAlike final : public SamplingRule {
 public:
  HalvesAlike(const RuleParameters& parameters, RepetitionLimits limits, double threshold)
      : SamplingRule(parameters, limits, limits.min), threshold_(threshold) {}

 private:
  void absorb(std::span<const double> values) override {
    for (const double value : values) {
      values_.push_back(value);
      insert_sorted(second_, value);
    }
    while (first_.size() < values_.size() / 2) {
      const double moved = values_[first_.size()];
      insert_sorted(first_, moved);
      erase_sorted(second_, moved);
    }
  }

  Decision judge() override {
    if (first_.empty()) return {false, "too few values", share_of_max()};
    const double distance = largest_distance(first_, second_);
    const bool stop = distance <= threshold_;
    return {stop,
            fmt::format("distance of the halves {:.4g} {} {:.4g}", distance, stop ? "<=" : ">", threshold_),
            progress_towards(distance, threshold_)};
  }

  double threshold_;
  std::vector<double> values_;
  std::vector<double> first_;   ///< The first ⌊N/2⌋ values, sorted.
  std::vector<double> second_;  ///< The others, sorted.
};

}  // namespace

std::span<const ParameterSpec> ks_parameters() {
  static constexpr ParameterSpec specs[] = {
      {"threshold", "0.1", "largest distance between the halves", "ks_threshold"},
      {"min", "5", "repetitions at which it decides first", "starting_sample"},
      {"max", "1000", "repetitions at which it stops anyway; none = no limit"},
  };
  return specs;
}

Result<std::unique_ptr<StopRule>> make_ks(const RuleParameters& parameters) {
  THAW_TRY(const RepetitionLimits limits, RepetitionLimits::read(parameters));
  THAW_TRY(const double threshold, parameters.number("threshold", 0, 1));
  return std::make_unique<HalvesAlike>(parameters, limits, threshold);
}

}  // namespace thaw::rules
