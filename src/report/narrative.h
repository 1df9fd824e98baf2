#pragma once
// A comparison in plain sentences, by the predecessor's limits: what happened to the mean, the median, the spread,
// the tail and the shape.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thaw {

/// What the sentences need to know about a metric.
struct NarrativeSubject {
  std::string_view metric;
  std::string_view unit;
  bool lower_is_better = true;
};

/// One sentence for each aspect, in a fixed order. Limits: mean and median by Student's t-test (p < 0.01
/// significant, p >= 0.3 unchanged), ratios of spread 0.8 and 1.2, ratio of p99 0.9 and 1.1, shape by the
/// Kolmogorov–Smirnov test (p < 0.01).
/// REQUIRES: at least two values on both sides.
std::vector<std::string> describe_change(const NarrativeSubject& subject, std::span<const double> baseline,
                                         std::span<const double> candidate);

/// The mean of both samples weighted by the other one's variance, (v_b·m_a + v_a·m_b)/(v_a + v_b): the update of a
/// Kalman filter that sees one after the other (Kalman 1960). The plain mean of means when neither varies.
double fused_mean(std::span<const double> a, std::span<const double> b);

}  // namespace thaw
