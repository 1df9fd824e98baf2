#pragma once
// The statistics of one series on paper, for `thaw stats`: JSON of schema "thaw.stats/1", or a table.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "record/dataset.h"
#include "record/table.h"
#include "report/compare.h"

namespace thaw {

/// Numbers and where they are from. The values must outlive the sample.
struct NamedSample {
  std::string source;  ///< A file's name.
  std::string name;    ///< A metric; "value" for plain numbers.
  std::string unit;
  std::span<const double> values;
  std::size_t missing = 0;  ///< Rows without a value.
  std::size_t failed = 0;   ///< Rows left out because their run failed.
};

/// The series called `metric`, or the first one when that is empty. Errors: as require_series.
Result<NamedSample> sample_of(const Dataset& dataset, std::string_view metric = {});

/// The summary: n, min, median, mode, mean, ci95_low, ci95_high, p95, p99, max, stddev, stderr, cv, then more.
std::string render_summary(const NamedSample& sample, TableFormat format);

/// Which law the values look like, how symmetric they are and how much they depend on each other.
std::string render_classification(const NamedSample& sample, TableFormat format);

/// Where the values change their behaviour: segments, warm-up, cool-down and the steady state between them. Indices
/// count from 0 and name the first value of a segment.
std::string render_change_points(const NamedSample& sample, TableFormat format);

/// A comparison of two series: the first metric of the first candidate, its fields at the top of the document. Forms
/// for people are those of `thaw compare`.
std::string render_stats_comparison(const Comparison& comparison, TableFormat format);

/// The shape in plain sentences: skewness (|g1| < 0.5 is symmetric), tails (g2 > 1 heavy, < -1 light), normality by
/// Shapiro and Wilk (from 20 values, alpha 0.05, of the values and of their logarithms).
std::vector<std::string> describe_shape(std::span<const double> values);

}  // namespace thaw
