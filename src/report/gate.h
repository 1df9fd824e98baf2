#pragma once
// Conditions under which a comparison fails: "p99 > +5%", "inner_time.median >= 1.1x", "failed > 0".
//
//   gate      = [metric "."] statistic operator limit | [metric "."] "worse"
//   statistic = n | min | mean | median | max | stddev | cv | p50 … p99 p999 p99.9 |
//               ratio | speedup | shift | p_value | p_adjusted | effect_size | failed
//   operator  = > | >= | < | <= | == | !=
//   limit     = number [unit | "x"] | [sign] number ("%" | unit)
//
// A limit without a sign is compared with the candidate's own value, "1.5x" with candidate / baseline, and a
// limit with a sign with the change from the baseline: "+5%" relative, "+2ms" absolute. "5%" means "+5%", except
// for the statistics that are shares themselves (cv, failed, p_value), where it means 0.05. "worse" alone fails when
// the verdict is worse.

#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace thaw {

/// What a gate looks at.
enum class GateStatistic {
  count,
  min,
  mean,
  median,
  quantile,
  max,
  stddev,
  cv,
  ratio,
  speedup,
  shift,
  p_value,
  p_adjusted,
  effect_size,
  failed,
  worse
};

/// How the value is compared with the limit.
enum class GateOperator { greater, at_least, less, at_most, equal, unequal };

/// Which number of the comparison the limit speaks about.
enum class GateBasis {
  value,            ///< The candidate's value: "250ms", "0.3".
  relative_change,  ///< 100·(candidate − baseline)/|baseline|, in percent: "+5%".
  difference,       ///< candidate − baseline: "+2ms".
  multiple,         ///< candidate / baseline: "1.5x".
};

/// The dimension of the limit's number.
enum class GateDimension { none, seconds, bytes };

/// One condition. The comparison fails when it is true.
struct Gate {
  std::string text;    ///< As written.
  std::string metric;  ///< Empty: every metric that was asked for, or else the first.
  GateStatistic statistic = GateStatistic::median;
  double quantile = 0;  ///< 0 … 1, for GateStatistic::quantile.
  std::string statistic_name;
  GateOperator comparison = GateOperator::greater;
  GateBasis basis = GateBasis::value;
  GateDimension dimension = GateDimension::none;
  double limit = 0;  ///< In percent for relative_change, else in the dimension's base unit.
  std::string limit_text;
};

/// True for ratio, speedup, shift, p_value, p_adjusted, effect_size and worse, which speak about both sides at once.
bool compares_sides(GateStatistic statistic);

/// True for statistics in the unit of their metric: min, mean, …, but not n, cv, ratio.
bool is_in_unit_of_metric(GateStatistic statistic);

/// Reads one condition. Errors: bad_usage at "--fail-if:COLUMN" with what would be understood.
Result<Gate> parse_gate(std::string_view text);

/// Reads conditions separated by commas.
Result<std::vector<Gate>> parse_gates(std::string_view text);

/// True when `value` is on the failing side of the gate's limit; also true for NaN, which proves nothing.
bool gate_trips(const Gate& gate, double value, double limit);

}  // namespace thaw
