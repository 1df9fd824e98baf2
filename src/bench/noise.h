#pragma once
// What makes a measurement less trustworthy than it looks, seen in its values and in the machine it ran on. Each
// warning says what was seen and what to do about it, given what was already done.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/units.h"

namespace thaw {

enum class NoiseKind {
  failures,
  few_repetitions,
  too_short,
  coarse_clock,
  slow_first_run,
  warm_up,
  drift,
  autocorrelation,
  bimodality,
  outliers,
  governor,
  turbo,
  load,
  steal,
  throttling,
  quota,
  swap,
};

/// All that is known about a measurement; what is not known is left out and not warned of.
struct NoiseFacts {
  std::span<const double> seconds = {};  ///< Times of the successful repetitions in the order they ran.
  std::size_t repetitions = 0;           ///< All of them.
  std::size_t failed = 0;
  std::size_t warm_up = 0;  ///< How many first values differ from the rest; find_noise finds it.
  std::optional<Nanos> clock_resolution = {};
  std::optional<double> spawn_seconds = {};  ///< What starting a program costs here.

  // What was done about noise.
  bool has_warm_up = false;    ///< Discarded repetitions came first.
  bool is_cold = false;        ///< Everything was reset before every repetition.
  bool is_pinned = false;      ///< To chosen processors.
  bool is_interleaved = true;  ///< Compared things took turns (or there is nothing to compare).

  // The machine.
  std::optional<std::string> governor = {};  ///< Of the processors' frequency.
  std::optional<bool> has_turbo = {};
  std::optional<double> load = {};  ///< One-minute average before the run.
  std::optional<double> cores = {};
  std::optional<double> steal_share = {};      ///< Of the busy processor time during the run.
  std::optional<double> throttle_events = {};  ///< Growth of the counter during the run.
  std::optional<double> quota_throttled_seconds = {};
  std::optional<double> swap_used_bytes = {};
};

struct NoiseWarning {
  NoiseKind kind;
  std::string text;    ///< What was seen, with numbers.
  std::string advice;  ///< What to do next.
};

/// One row of the table of checks.
struct NoiseCheck {
  NoiseKind kind;
  std::string_view name;     ///< "slow-first-run".
  std::string_view summary;  ///< When it warns, with the source of the method.
  std::optional<NoiseWarning> (*look)(const NoiseFacts& facts);
};

/// Every check, in the order of the warnings.
std::span<const NoiseCheck> noise_checks();

/// All warnings. One cause is told once: drift hides autocorrelation, warm-up hides the slow first run.
/// Cost: below 100 ms for 10,000 values.
std::vector<NoiseWarning> find_noise(NoiseFacts facts);

/// The modified z-score of each value, 0.6745 (x - median) / MAD (Iglewicz & Hoaglin 1993, section 3.3); where the
/// MAD is 0, with 1.2533 times the mean absolute deviation in place of MAD / 0.6745. All 0 for equal values.
std::vector<double> modified_z_scores(std::span<const double> values);

/// The last third's median against the first's, relative to the latter.
double change_over(std::span<const double> values);

/// A trend with p < 0.01 that moves the values by more than 2 %.
bool has_drift(std::span<const double> values);

/// The number of first values that differ from the rest, 0 when there is no warm-up: up to the first change point, if
/// that lies in the first 30 % (find_phases of stats), the medians differ by 2 %, and what follows does not drift.
std::size_t warm_up_length(std::span<const double> values);

/// A trend over time (Mann 1945; Kendall 1975): the two-sided p-value of no trend, with the correction for ties.
/// Series of more than 1000 values are thinned evenly. NaN for fewer than 8 values or equal ones.
double trend_p_value(std::span<const double> values);

/// Two groups apart from each other: the best split into two (Fisher 1958) explains at least 85 % of the variance
/// and leaves at least 10 % of the values (and three) on each side. Needs 20 values.
struct TwoModes {
  double low;  ///< Median of the lower group.
  double high;
  double low_share;  ///< Of the values.
};
std::optional<TwoModes> two_modes(std::span<const double> values);

}  // namespace thaw
