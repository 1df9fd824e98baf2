// Stops when the first and the second half of the values have nearly the same distribution: their two-sample
// Kolmogorov-Smirnov distance is small (Smirnov 1939). Drift and warm-up keep it running.

#include <algorithm>
#include <cmath>
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

/// The largest distance between the distribution functions of two sorted samples.
double largest_distance(std::span<const double> a, std::span<const double> b) {
  const double size_a = static_cast<double>(a.size());
  const double size_b = static_cast<double>(b.size());
  double largest = 0;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    const double step = std::min(a[i], b[j]);
    while (i < a.size() && a[i] == step) ++i;
    while (j < b.size() && b[j] == step) ++j;
    largest = std::max(largest, std::abs(static_cast<double>(i) / size_a - static_cast<double>(j) / size_b));
  }
  return largest;
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
