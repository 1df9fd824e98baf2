#pragma once
// Comparing two or more sets of measurements: what changed, by how much, how sure that is, and a verdict whose rule
// is written beside it. The first dataset is the baseline, every other one a candidate.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/random.h"
#include "record/dataset.h"
#include "report/context_difference.h"
#include "report/gate.h"
#include "stats/summary.h"

namespace thaw {

/// What a comparison says about one metric of one candidate.
enum class Verdict { better, worse, no_evidence, not_comparable };

/// "better", "worse", "no evidence" or "not comparable".
std::string_view name_of(Verdict verdict);

/// A number and the interval that holds it with the confidence of the comparison; NaN where undefined.
struct Estimate {
  double value = missing;
  double low = missing;
  double high = missing;
};

/// One side of a comparison.
struct Sample {
  std::size_t n = 0;
  double min = missing, max = missing, stddev = missing, standard_error = missing, cv = missing;
  Interval ci95;  ///< Of the mean, always at 95 %.
  Estimate median, mean, p95, p99;
};

/// The paired view: candidate against baseline in the same row of the file.
struct PairedTest {
  std::size_t pairs = 0;
  double w = missing;  ///< Wilcoxon's signed-rank statistic, the smaller rank sum.
  double p_value = missing;
};

/// One metric of a candidate against the baseline. All differences are candidate − baseline.
struct MetricComparison {
  std::string metric;
  std::string unit;
  bool lower_is_better = true;
  Sample baseline;
  Sample candidate;
  double median_diff = missing;  ///< Difference of the medians.
  double pct_change = missing;   ///< 100·median_diff / baseline's median; NaN when that is 0.
  bool improved = false;         ///< The sign of median_diff, without any regard to chance.
  Estimate ratio;                ///< Of the medians, candidate / baseline; NaN when a value is not positive.
  Estimate speedup;  ///< How many times better the candidate is: 1/ratio, or ratio when higher is better.
  Estimate shift;    ///< Hodges–Lehmann shift.
  double mann_whitney_u = missing;        ///< Of the baseline.
  double p_value = missing;               ///< Mann–Whitney, or Wilcoxon when paired.
  double p_adjusted = missing;            ///< Holm over all candidates of this metric.
  double effect_size = missing;           ///< Rank-biserial correlation 1 − 2U/(n₁·n₂).
  double cliffs_delta = missing;          ///< P(candidate > baseline) − P(candidate < baseline).
  double ks_d = missing, ks_p = missing;  ///< Two-sample Kolmogorov–Smirnov.
  std::optional<PairedTest> paired;
  Verdict verdict = Verdict::not_comparable;
  std::string reason;                  ///< Why this verdict, with the numbers.
  std::vector<std::string> notes;      ///< What weakens the comparison.
  std::vector<std::string> narrative;  ///< The change in plain sentences; empty below two values.
};

/// One gate applied to one metric of one candidate.
struct GateOutcome {
  std::string gate;  ///< As written.
  std::string metric;
  std::string candidate;
  double value = missing;  ///< What was compared with the limit.
  double limit = missing;  ///< In the unit of `value`.
  std::string value_text, limit_text;
  bool holds = false;
};

/// A dataset without its values.
struct ComparedSide {
  std::string label;
  std::string source;
  std::string format;
  std::size_t rows = 0;
  std::size_t failed = 0;
  std::vector<std::string> notes;
};

/// A candidate and everything said about it.
struct CandidateComparison {
  ComparedSide side;
  std::vector<MetricComparison> metrics;
  std::vector<ContextDifference> context_differences;
};

/// The whole result.
struct Comparison {
  ComparedSide baseline;
  std::vector<CandidateComparison> candidates;
  std::vector<GateOutcome> gates;
  std::vector<std::string> metrics;  ///< Compared metrics in order.
  std::size_t asked_metrics = 1;     ///< How many of them, from the first, are shown in full.
  std::vector<std::string> notes;
  std::string rule;  ///< How verdicts come about, in words.
  double confidence = 0.95;
  bool is_paired = false;

  /// True when every gate holds. When not, the caller ends with ErrorKind::check_failed.
  [[nodiscard]] bool gates_hold() const;
};

struct CompareOptions {
  std::vector<std::string> metrics;  ///< Empty: every metric that all datasets have.
  bool paired = false;               ///< Pair the values by their rows.
  double alpha = 0.05;               ///< Largest adjusted p of a better or worse; intervals have 1 − alpha.
  std::vector<Gate> gates;
  std::uint64_t seed = default_seed;  ///< Of the bootstrap behind the ratio's interval.
};

/// Compares every other dataset with the first. inner_time falls back to outer_time where it is absent.
/// Errors: bad_usage (fewer than two datasets, a metric or gate's metric that is missing, alpha outside (0, 1),
/// pairs asked for with unequal rows).
Result<Comparison> compare(const std::vector<Dataset>& datasets, const CompareOptions& options = {});

/// The error with which the caller ends when a gate does not hold: check_failed, naming every such gate.
Error gate_failure(const Comparison& comparison);

/// "B is 1.23 × faster than A in outer_time [1.19, 1.27]".
std::string headline(const MetricComparison& metric, std::string_view baseline, std::string_view candidate);

}  // namespace thaw
