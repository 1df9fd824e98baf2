#pragma once
// Traces of any size after the published laws of the Azure Functions trace 2019 (Shahrad et al., "Serverless in the
// Wild", USENIX ATC 2020): popularity, kinds of arrivals, durations and memory. docs/plans.md has the laws, and says
// which of them are published and which are chosen here.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/random.h"
#include "trace/reader.h"
#include "trace/trace.h"

namespace thaw {

/// The share of invocations that the less popular part `q` of the functions makes (Lorenz curve). Rates are
/// log-linear between 1 a day (q = 0), 1 an hour (0.45), 1 a minute (0.814) and the rate at q = 1 that gives the most
/// popular 18.6 % of the functions 99.6 % of the invocations.
double azure_share_of_invocations(double q);

/// Mean execution time, s: log-normal, ln ~ N(-0.38, 2.36²) (ATC'20, section 3.4).
inline constexpr double azure_duration_mu = -0.38;
inline constexpr double azure_duration_sigma = 2.36;
/// Memory, MB: Burr XII, F(x) = 1 - (1 + (x/λ)^c)^-k (ATC'20, section 3.5).
inline constexpr double azure_memory_c = 11.652;
inline constexpr double azure_memory_k = 0.221;
inline constexpr double azure_memory_lambda = 107.083;
/// The memory below which a share `p` of the functions stays.
double azure_memory_quantile(double p);

/// How a function's invocations follow each other.
enum class ArrivalKind : std::uint8_t {
  periodic,  ///< A timer: equal gaps, random phase.
  poisson,   ///< A Poisson process given its number of invocations.
  bursty,  ///< Groups of eight within a tenth of their share of time; gaps with a coefficient of variation above 2.
};

struct AzureLikeOptions {
  std::size_t functions = 1000;
  std::uint64_t invocations = 1000000;  ///< Made exactly.
  double duration_ms = 24 * 3600 * 1000.0;
  double periodic_share = 0.2;  ///< Of the functions; timers faster than one a second are Poisson instead.
  double bursty_share = 0.4;
  std::uint64_t seed = default_seed;
  /// Invocations in a block. Only speed and memory depend on it.
  double invocations_per_block = 131072;
};

/// The functions of such a trace, and any number of passes over its invocations.
class AzureLikeTrace {
 public:
  /// Errors: bad_usage for no function, fewer invocations than functions, shares outside 0 … 1, no duration.
  static Result<AzureLikeTrace> create(const AzureLikeOptions& options);

  [[nodiscard]] const std::vector<TraceFunction>& functions() const { return functions_; }
  [[nodiscard]] const std::vector<std::uint64_t>& counts() const { return counts_; }
  [[nodiscard]] const std::vector<ArrivalKind>& kinds() const { return kinds_; }
  /// Starts a pass: some 30 million invocations a second, memory below 1 KB for each function.
  [[nodiscard]] std::unique_ptr<InvocationSource> open() const;

 private:
  AzureLikeTrace() = default;

  AzureLikeOptions options_;
  std::vector<TraceFunction> functions_;
  std::vector<std::uint64_t> counts_;
  std::vector<ArrivalKind> kinds_;
};

/// The trace as if it had been opened, form "azure-like": to be written, described or simulated.
std::unique_ptr<TraceFile> as_trace_file(AzureLikeTrace trace);

/// Counts that add up to `total` in the proportions of the law for so many functions, the least popular first, at
/// least 1 each. REQUIRES: 0 < functions <= total.
std::vector<std::uint64_t> azure_counts(std::size_t functions, std::uint64_t total);

}  // namespace thaw
