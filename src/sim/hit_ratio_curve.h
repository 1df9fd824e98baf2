#pragma once
// Hit ratio and cold-start cost at every memory size, from one pass over a trace. The cache of the curve keeps one
// container of each function, evicts by recency and knows no durations: the model of Mattson et al. (1970) and of
// FaasCache's provisioning (Fuerst & Sharma, ASPLOS 2021, section 5). docs/curves.md gives the formulas.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/error.h"
#include "sim/memory_histogram.h"
#include "trace/trace.h"

namespace thaw {

/// Distribution of the reuse distances as the predecessor reads it: first and last uses are left out, and a function's
/// own memory does not count.
class ReuseDistribution {
 public:
  ReuseDistribution() = default;
  /// `extra` is added to the weight of the smallest distance (SHARDS-adj).
  ReuseDistribution(const MemoryHistogram& distances, double extra);

  /// P(RD <= memory); NaN without a matched access.
  [[nodiscard]] double at(double memory_mb) const;
  /// The value at the sample nearest to `memory_mb`, ties to the right, as the predecessor's search finds it: of equal
  /// samples to the right it takes the first one, so P(RD < sample) + 1/n there.
  [[nodiscard]] double at_nearest(double memory_mb) const;
  /// The sample whose cumulative share is nearest to `share`, ties to the larger one; 0 when that is none at all.
  [[nodiscard]] double size_for(double share) const;
  /// Matched accesses, n.
  [[nodiscard]] double count() const { return steps_.empty() ? 0 : steps_.back().until; }

 private:
  struct Step {
    std::int64_t smallest = 0;
    std::int64_t largest = 0;
    double until = 0;  ///< Weight of all distances up to `largest`.
  };
  /// First step whose largest distance is at least `bytes`.
  [[nodiscard]] std::vector<Step>::const_iterator not_below(double bytes) const;
  [[nodiscard]] double before(std::vector<Step>::const_iterator step) const;

  std::vector<Step> steps_;
};

/// A row of a curve.
struct CurvePoint {
  double memory_mb = 0;
  double hit_ratio = 0;
  double cold = 0;              ///< Expected cold starts.
  double cold_ms = 0;           ///< Expected Σ init of the cold starts.
  double legacy_hit_ratio = 0;  ///< ReuseDistribution::at.
};

/// What a curve was made from.
struct CurveBasis {
  std::uint64_t invocations = 0;
  double init_ms = 0;                   ///< Σ init over all invocations: the cost without any hit.
  double rate = 1;                      ///< Sampling rate at the end; 1 for an exact curve.
  std::uint64_t sampled_functions = 0;  ///< Functions in the sample at the end.
  std::uint64_t sampled_invocations = 0;
};

/// Hit ratio and cost against memory. An access hits at c when its reuse distance plus its own memory is at most c;
/// the first invocation of each function is always cold.
class HitRatioCurve {
 public:
  /// From the sizes at which accesses begin to hit, each with its weight and its init, and their plain distances.
  /// Weight and cost that the basis has beyond the samples are taken as hit at any size (SHARDS-adj): `extra`.
  struct Correction {
    double accesses = 0;
    double cost_ms = 0;
  };
  HitRatioCurve(const MemoryHistogram& sizes, const MemoryHistogram& distances, const CurveBasis& basis,
                const Correction& extra);

  [[nodiscard]] double hit_ratio(double memory_mb) const;
  [[nodiscard]] double cold_ms(double memory_mb) const;
  /// Smallest memory at which the hit ratio is at least `target`; nullopt when no memory is enough.
  [[nodiscard]] std::optional<double> size_for(double target) const;
  /// Largest hit ratio, that of unlimited memory, and the smallest memory that gives it.
  [[nodiscard]] double largest_hit_ratio() const;
  [[nodiscard]] double largest_size() const;

  [[nodiscard]] const ReuseDistribution& legacy() const { return legacy_; }
  [[nodiscard]] const CurveBasis& basis() const { return basis_; }
  [[nodiscard]] CurvePoint at(double memory_mb) const;
  /// `count` rows, evenly spaced from largest_size() / count to largest_size().
  [[nodiscard]] std::vector<CurvePoint> points(std::size_t count) const;

 private:
  struct Step {
    std::int64_t memory = 0;
    double hits = 0;
    double saved_ms = 0;
  };
  [[nodiscard]] const Step* step_at(double memory_mb) const;
  [[nodiscard]] double ratio_of(const Step& step) const;

  std::vector<Step> steps_;
  ReuseDistribution legacy_;
  CurveBasis basis_;
};

/// The exact curve of a trace. Errors: those of the source.
/// Cost: one pass, O(log functions) for each invocation, memory in proportion to the functions.
Result<HitRatioCurve> measure_curve(std::span<const TraceFunction> functions, InvocationSource& invocations);

}  // namespace thaw
