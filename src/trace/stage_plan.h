#pragma once
// Plans from a rate that changes with time: stages of constant rate and linear ramps. The arrivals of a law at rate 1 are
// laid out in operational time Λ(t) = ∫ rate and carried back to t (time change of a point process; Çinlar 1975, 4.7), so
// that the k-th equidistant arrival of a ramp is exactly where Λ(t) = k.

#include <cstdint>
#include <string_view>
#include <vector>

#include "trace/plan.h"

namespace thaw {

/// A piece of time in which the rate changes linearly.
struct RateStage {
  double from_per_s = 0;
  double to_per_s = 0;
  double seconds = 0;
  friend bool operator==(const RateStage&, const RateStage&) = default;
};

/// "100/s for 30s, ramp to 1000/s over 1m, pause 10s, 50/s for 5s". A ramp begins at the rate before it, the first at 0.
/// Errors: bad_usage for anything else, and for stages without length or rate.
Result<std::vector<RateStage>> parse_stages(std::string_view text);

/// The integral of the rate, and its inverse.
class OperationalTime {
 public:
  explicit OperationalTime(const std::vector<RateStage>& stages);
  /// Expected arrivals up to `seconds`.
  [[nodiscard]] double at(double seconds) const;
  /// When so many arrivals are expected; infinity at or above the total.
  [[nodiscard]] double inverse(double arrivals) const;
  [[nodiscard]] double total() const { return pieces_.back().begin_arrivals; }
  [[nodiscard]] double seconds() const { return pieces_.back().begin_s; }

 private:
  struct Piece {
    RateStage stage;
    double begin_s = 0, begin_arrivals = 0;
  };
  std::vector<Piece> pieces_;  ///< The last one is empty: the end.
};

struct StagePlanOptions {
  std::vector<RateStage> stages;
  /// All but `poisson` have exactly ceil(Λ) arrivals; random gaps are scaled in blocks of about a thousand.
  ArrivalLaw law = ArrivalLaw::equidistant;
  Execution execution{10, 128};
  std::size_t warmup_seconds = 0;
  std::uint64_t seed = default_seed;
};

/// The plan of one function "function"; columns are seconds.
/// Errors: bad_usage for no stages, or a rate that is negative or above 1e9 per second.
Result<ArrivalPlan> plan_from_stages(const StagePlanOptions& options);

}  // namespace thaw
