#pragma once
// Adjusting p-values when several hypotheses are tested at once. Missing p-values (NaN) stay missing and do
// not count as hypotheses. The answer is in the order of the input.

#include <span>
#include <vector>

namespace thaw {

/// Holm's step-down adjustment (Holm 1979): controls the chance of any false finding.
std::vector<double> holm(std::span<const double> p_values);

/// Benjamini and Hochberg's step-up adjustment (1995): controls the expected share of false findings.
std::vector<double> benjamini_hochberg(std::span<const double> p_values);

}  // namespace thaw
