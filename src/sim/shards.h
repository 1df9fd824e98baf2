#pragma once
// Hit-ratio curves from a sample of the functions: SHARDS (Waldspurger, Park, Garthwaite & Ahmad, FAST 2015). A
// function is in the sample when a hash of its name is small, so all of its invocations are; distances between
// sampled functions, divided by the rate, estimate the real ones.

#include <cstdint>
#include <span>
#include <string_view>

#include "core/error.h"
#include "sim/hit_ratio_curve.h"
#include "trace/trace.h"

namespace thaw {

/// How to sample. The hash has 24 bits (the paper's P = 2^24), the threshold T is rate·P.
struct ShardsOptions {
  double rate = 0.01;      ///< In (0, 1]; where a fixed size begins, 1 is best.
  std::size_t most = 0;    ///< Above zero: fixed size; the rate falls so that no more functions are sampled.
  std::uint64_t seed = 1;  ///< Another seed samples other functions.
  bool is_adjusted =
      true;  ///< SHARDS-adj: the missing or surplus accesses are hits at any size (section 4.3).
};

/// The hash of a function: FNV-1a of the name, xor the seed, mixed by the finaliser of splitmix64; the upper 24 bits.
/// The same on every machine and in every version.
std::uint32_t shards_hash(std::string_view name, std::uint64_t seed);

/// An estimate of the curve. Errors: those of the source; bad_usage for a rate outside (0, 1] or when the sample is
/// empty, with the rate that would do.
/// Cost: one pass; a table look-up for an invocation that is not sampled.
Result<HitRatioCurve> sample_curve(std::span<const TraceFunction> functions, InvocationSource& invocations,
                                   const ShardsOptions& options);

/// Mean absolute difference of the hit ratios at `count` evenly spaced sizes up to the largest of `exact`: the
/// accuracy measure of the paper.
double mean_absolute_error(const HitRatioCurve& estimate, const HitRatioCurve& exact,
                           std::size_t count = 1000);

}  // namespace thaw
