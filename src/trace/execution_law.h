#pragma once
// Execution time and memory of each invocation, drawn from a function's published percentiles.

#include <array>
#include <cstdint>

#include "core/error.h"
#include "trace/draws.h"
#include "trace/trace.h"

namespace thaw {

/// What one invocation is asked to do.
struct Execution {
  std::uint32_t runtime_ms = 1;  ///< 1 … 60 000 when drawn.
  std::uint32_t memory_mib = 1;  ///< 1 … 10 240 when drawn.
};

/// Draws executions of one function: a percentile bucket by its probability, then a whole number inside it, the
/// upper bound excluded; equal bounds take no draw. docs/plans.md has the table of buckets.
class ExecutionLaw {
 public:
  /// From the published statistics; a function without them always takes its warm time and its memory.
  /// Errors: bad_input for statistics behind which there is no sample, and for percentiles that fall.
  static Result<ExecutionLaw> of(const TraceFunction& function);
  /// Always the same execution, as it is.
  static ExecutionLaw constant(Execution execution);

  /// Draws the two quantiles, then the place inside the buckets: time first, memory second.
  Execution draw(Draws& draws) const;

  /// The greatest memory, MiB, in 1 … 10 240: what the predecessor reserves.
  [[nodiscard]] std::uint32_t greatest_memory_mib() const { return greatest_memory_mib_; }

 private:
  struct Bucket {
    double until = 1;  ///< Highest quantile of the bucket, itself included.
    std::int64_t low = 0, high = 0;
  };
  using Buckets = std::array<Bucket, 8>;

  static Result<Buckets> runtime_buckets(const TraceFunction& function);
  static Result<Buckets> memory_buckets(const TraceFunction& function);
  static const Bucket& pick(const Buckets& buckets, double quantile);

  bool is_constant_ = false;
  Execution constant_;
  Buckets runtime_{}, memory_{};
  std::uint32_t greatest_memory_mib_ = 1;
};

}  // namespace thaw
