#pragma once
// What kind of numbers a series of measurements is, which decides the statistics that suit it.

#include <cstddef>
#include <limits>
#include <span>
#include <string_view>

namespace thaw {

enum class DistributionClass {
  constant,        ///< All values within a few per cent.
  monotonic,       ///< Never falls or never rises: something accumulates.
  autocorrelated,  ///< Values follow earlier ones closely.
  gaussian,        ///< One symmetric mode.
  lognormal,       ///< One mode with a long right tail.
  multimodal,      ///< Several separate modes.
  uniform,         ///< Equally likely over a range.
  unknown,         ///< None of these.
};

/// "gaussian".
std::string_view name_of(DistributionClass value);

/// Limits of the tests; the defaults are those of the predecessor.
struct ClassLimits {
  double constant_range = 0.05;  ///< Greatest range of constant values, as a share of the mean.
  double autocorrelation = 0.8;  ///< Least |r_j| of autocorrelated values.
  double gaussian_p = 0.1;       ///< A law fits when its p-value is above the limit.
  double lognormal_p = 0.1;
  double uniform_p = 0.1;
  /// Least |mean log-likelihood| of a multimodal mixture. It depends on the unit of the values (in ms it is ln 1000 less
  /// than in s); 0 asks for none, and then nothing in the class depends on the unit.
  double goodness = 2;
  std::size_t most_components = 6;
  bool free_variances = true;
  bool shared_variances = true;
};

/// A class and the p-values of the laws that were tried on the way to it (NaN for the others).
struct Classification {
  DistributionClass value = DistributionClass::unknown;
  double gaussian_p = std::numeric_limits<double>::quiet_NaN();
  double lognormal_p = std::numeric_limits<double>::quiet_NaN();
  double uniform_p = std::numeric_limits<double>::quiet_NaN();
};

/// The first class in the order of the enumeration whose test the series passes. Laws are fitted by maximum likelihood
/// and tested with the one-sample Kolmogorov-Smirnov test against the fitted law. The test therefore accepts more than
/// it should at its level (Lilliefors 1967); it says "looks like", not "is".
///
/// REQUIRES: `series` is not empty and has no NaN.
/// Cost: about 1 ms for 1000 values.
Classification classify(std::span<const double> series, const ClassLimits& limits = {});

/// A lognormal law moved by `location`: (x - location) / scale is e^(shape · z) with z standard normal.
struct ShiftedLognormal {
  double shape;
  double location;
  double scale;

  double cdf(double x) const;
};

/// The shifted lognormal of greatest likelihood that a downhill search from the moment estimates for shape 1 finds. The
/// likelihood has no upper bound as the location nears the smallest value (Hill 1963), so the search is local.
/// REQUIRES: at least two distinct values.
ShiftedLognormal fit_shifted_lognormal(std::span<const double> values);

/// Whether the series has several well separated modes: the best mixture has two or more components at least half a
/// standard deviation apart with ten values each, is clearly better than one component, and a third component does
/// not help (the predecessor's test; the last condition tells modes from a flat top).
bool is_multimodal(std::span<const double> values, const ClassLimits& limits = {});

}  // namespace thaw
