#pragma once
// What a trace is like, in one pass: rate over time, popularity, memory and durations, concurrency, burstiness.
// Memory grows with the functions and with the invocations that run at once, not with the trace.

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "trace/reader.h"

namespace thaw {

/// How a quantity is spread. NaN where there is nothing.
struct Spread {
  double mean = std::numeric_limits<double>::quiet_NaN();
  double minimum = mean, p5 = mean, p25 = mean, p50 = mean, p75 = mean, p95 = mean, p99 = mean,
         maximum = mean;
};

/// The same figure, every function counting once, and every invocation counting once.
struct TwoSpreads {
  Spread by_function, by_invocation;
};

/// A point of the popularity curve: the share of all invocations that the most invoked functions have.
struct PopularityPoint {
  std::size_t functions = 0;
  double share = 0;
};

struct TraceProfile {
  std::string form;
  std::size_t functions = 0;
  std::size_t invoked_functions = 0;  ///< Functions with at least one invocation.
  std::uint64_t invocations = 0;
  double first_ms = 0, last_ms = 0;  ///< Times of the first and the last invocation.

  /// Invocations per bin from time 0; a bin is a minute, or a power of two minutes in traces beyond a week.
  std::vector<std::uint64_t> rate;
  double rate_bin_ms = 60000;
  double mean_per_s = 0;
  std::uint64_t peak_per_s = 0, peak_per_minute = 0;
  double peak_minute_ms = 0;  ///< When the busiest minute begins.

  std::vector<PopularityPoint> popularity;  ///< At 1, 2, 5, 10, 20, 50 … functions, and all of them.

  TwoSpreads memory_mb, warm_ms, cold_ms, init_ms;
  /// Recorded durations by invocation, where the trace has them; known to three digits.
  Spread recorded_ms;
  bool has_recorded = false;

  /// Invocations that run at once when all are warm, a run ending before an arrival at the same instant.
  std::uint64_t peak_running = 0;
  double mean_running = 0;
  /// Memory of the running ones: the least capacity that never has to refuse one.
  double peak_running_mb = 0, mean_running_mb = 0;

  /// Variance over mean of the invocations per minute: 1 for a Poisson process (Fano 1947).
  double fano_per_minute = 0;
  /// Coefficient of variation of the times between any two consecutive invocations: 1 for a Poisson process.
  double iat_cv = 0;
  double iat_mean_ms = 0;
  /// The same within each function that has at least three invocations.
  Spread function_iat_cv;

  std::vector<Repair> repairs, remarks;
};

/// Reads the whole trace. Errors: those of its invocations.
Result<TraceProfile> profile(const TraceFile& trace);

/// The spread of values with weights: a quantile is the least value up to which that share of the weight lies.
/// Weights of 0 do not count. Cost: O(n log n).
Spread weighted_spread(std::span<const double> values, std::span<const double> weights);

}  // namespace thaw
