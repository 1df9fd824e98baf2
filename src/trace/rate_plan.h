#pragma once
// Plans from a rate instead of a trace: one function that stays warm, and as many cold ones as make every one of
// their invocations a cold start.

#include <cstdint>
#include <string>
#include <vector>

#include "trace/plan.h"

namespace thaw {

/// A rate and its share of cold starts.
struct RatePlanOptions {
  double per_second = 0;           ///< Invocations per second, warm and cold together.
  double cold_percent = 0;         ///< Share of cold starts, 0 … 100.
  double cooldown_s = 10;          ///< A container idle for so long is surely gone.
  std::size_t minutes = 1;         ///< Length of the plan, warm-up included.
  double seconds = 0;              ///< Above 0: the length instead of `minutes`; columns are seconds then.
  std::size_t warmup_minutes = 0;  ///< Seconds, where columns are seconds.
  Execution execution{10, 128};
  ArrivalLaw law = ArrivalLaw::equidistant;  ///< Other laws draw the arrivals of each minute.
  std::uint64_t seed = default_seed;
};

/// A function of constant rate: its first arrival, and the distance of the others.
struct RateSeries {
  double first_us = 0;
  double iat_us = 0;
  std::uint64_t count = 0;  ///< All before the end of the plan.
};

/// The series of one warm function at `per_second`: arrivals at k/rate while that is before the end; none for 0.
std::vector<RateSeries> warm_series(double per_second, std::size_t minutes);
/// The same for any length.
std::vector<RateSeries> warm_series_for(double per_second, double seconds);

/// The series of ceil(rate · cooldown) functions that take turns: function i starts at i/rate, and each waits for
/// all the others, which takes at least the cool-down. What would fall behind the end is left out.
std::vector<RateSeries> cold_series(double per_second, double cooldown_s, std::size_t minutes);
/// The same for any length.
std::vector<RateSeries> cold_series_for(double per_second, double cooldown_s, double seconds);

/// Inter-arrival times of a series, and its arrivals per minute.
FunctionArrivals arrivals_of(const RateSeries& series, std::size_t minutes);

/// The whole plan; functions "warm-function-0", "cold-function-0", …
/// Errors: bad_usage for a negative or infinite rate, a share outside 0 … 100, no cool-down, no minutes.
Result<ArrivalPlan> plan_from_rate(const RatePlanOptions& options);

}  // namespace thaw
