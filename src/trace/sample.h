#pragma once
// Small traces that resemble a large one: nested samples of functions chosen by the Wasserstein distance of their
// invocation counts and resource use, minute by minute.

#include <cstdint>
#include <vector>

#include "core/error.h"
#include "core/random.h"
#include "trace/trace.h"

namespace thaw {

struct SampleOptions {
  std::size_t least = 1000, step = 1000, most = 20000;  ///< Sizes least, least + step, … below most are kept.
  std::size_t trials = 16;                              ///< Random candidates for each size.
  double resource_scale = 1e6;  ///< Resource of a function and column = count · mean ms · mean MB / scale.
  std::uint64_t seed = default_seed;
};

/// One sample of the nest.
struct FunctionSample {
  std::vector<FunctionIndex> functions;  ///< Of the source, ascending.
  double count_distance = 0;             ///< Mean over the columns of W1 between counts, and …
  double resource_distance = 0;          ///< … between resources.
  double improvement = 1;                ///< Mean score of the candidates over the best one's.
  [[nodiscard]] double score() const { return (count_distance + resource_distance) / 2; }
};

/// Rolls down from a best-of-`trials` sample of size `most`: each smaller sample is the best of `trials` random
/// subsets of the sample before. Largest first; the start of size `most` itself is not kept.
/// Errors: bad_usage for sizes that do not fit the source or each other, or traces of different lengths; bad_input
/// for functions without durations or memory.
/// Cost: O(sizes · trials · (invoked cells of the sample + distinct values of the original)).
Result<std::vector<FunctionSample>> sample_functions(const ArrivalCounts& source,
                                                     const ArrivalCounts& original,
                                                     const SampleOptions& options);

/// The rows of a sample.
ArrivalCounts rows_of(const ArrivalCounts& source, const std::vector<FunctionIndex>& functions);

/// Mean milliseconds and megabytes of a function: published averages, else its warm time and memory.
double average_ms(const TraceFunction& function);
double average_mb(const TraceFunction& function);

}  // namespace thaw
