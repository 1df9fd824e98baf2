#pragma once
// Distribution functions and quantiles of the laws that tests and intervals rest on. A thin front of
// Boost.Math that never throws: an argument outside the domain gives NaN.

namespace thaw::law {

/// P(Z > z) for the standard normal.
double normal_upper_tail(double z);
/// P(Z <= z) for the standard normal.
double normal_cdf(double z);
/// The z with P(Z <= z) = p; infinite at 0 and 1.
double normal_quantile(double p);

/// P(T > t) for Student's t; `df` need not be an integer.
double student_upper_tail(double t, double df);
/// The t with P(T <= t) = p.
double student_quantile(double p, double df);

/// P(X <= k) for X ~ Binomial(n, p); 0 for k < 0.
double binomial_cdf(double k, double n, double p);

}  // namespace thaw::law
