#pragma once
// The generator behind the acceptance cases of keep-alive simulators: integers and IEEE division only, so that the
// same options give the same trace in every language.

#include <cstdint>

#include "core/error.h"
#include "trace/trace.h"

namespace thaw {

/// Steele, Lea & Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
class SplitMix64 {
 public:
  explicit SplitMix64(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

 private:
  std::uint64_t state_;
};

struct MixedTraceOptions {
  std::size_t functions = 200;
  std::uint64_t invocations = 200000;  ///< About; each function has at least 2.
  std::uint64_t seed = 42;
  double duration_ms = 24 * 3600 * 1000.0;
  bool has_bursts = false;  ///< Every fourth function is called in groups, 7 ms apart.
};

/// Functions f000, f001, … with popularity 1/rank; every fourth one periodic, the others uniform at random. Times are
/// whole milliseconds. docs/plans.md has the algorithm.
/// Errors: bad_usage for no functions or no duration.
Result<Trace> make_mixed_trace(const MixedTraceOptions& options);

}  // namespace thaw
