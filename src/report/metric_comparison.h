#pragma once
// One metric of one candidate against the baseline: every number that a comparison states about it.

#include <string>
#include <string_view>
#include <vector>

#include "core/random.h"
#include "record/dataset.h"
#include "report/compare.h"

namespace thaw {

/// The values of a metric on both sides, in one unit.
struct MetricValues {
  std::string metric;
  std::string unit;
  std::string baseline_label, candidate_label;
  std::optional<bool> baseline_direction, candidate_direction;  ///< lower_is_better where stated.
  std::vector<double> baseline, candidate;                      ///< In the order of the files.
  std::vector<std::size_t> baseline_rows, candidate_rows;
  std::string obstacle;  ///< Why the values cannot be compared; empty when they can.
  std::vector<std::string> notes;
};

/// Brings two series to the baseline's unit. Units of different kinds are an obstacle, not an error.
MetricValues align(const Series& baseline, const Series& candidate);

/// What the comparison is asked for.
struct MetricComparisonOptions {
  double confidence = 0.95;
  bool paired = false;
  std::uint64_t seed = default_seed;  ///< Of the bootstrap.
};

/// All numbers and sentences; the verdict stays open (p_adjusted equals p_value) unless the values cannot be compared.
///
/// The ratio is that of the medians, so that it agrees with pct_change, with a percentile bootstrap interval; the shift
/// is the Hodges–Lehmann estimate. Paired: the medians of the pairs' ratios and differences with order-statistic
/// intervals.
MetricComparison compare_metric(const MetricValues& values, const MetricComparisonOptions& options);

/// Statistics of one side with intervals of the given confidence.
Sample describe_sample(std::span<const double> values, double confidence);

}  // namespace thaw
