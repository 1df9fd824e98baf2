#pragma once
// The parameters by which stopping rules choose the Gaussian mixtures they try.

#include <cstddef>

#include "bench/stop_rule.h"

namespace thaw {

/// Which kinds of variances to try. On a line "spherical", "diag" and "full" all mean free variances.
struct CovarianceChoice {
  std::size_t names = 0;  ///< How many were listed; the predecessor's minimum sample depends on it.
  bool free = false;
  bool shared = false;

  /// Reads a list such as "spherical+tied+diag+full". Errors: bad_usage for another name.
  static Result<CovarianceChoice> read(const RuleParameters& parameters, std::string_view name);
};

}  // namespace thaw
