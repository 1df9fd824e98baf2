#pragma once
// When to stop repeating a measurement. A rule sees the values of every repetition as it ends and says whether
// the answer is known well enough. Rules are plug-ins: one file in rules/ and one line in rules.inc.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/parameters.h"
#include "core/units.h"

namespace thaw {

/// What a rule thinks after a repetition.
struct Decision {
  bool stop = false;
  std::string reason;     ///< One clause with the numbers behind the decision: "relative error 0.031 <= 0.1".
  double progress = 0;    ///< 0 … 1 towards the stop, or NaN when the rule cannot say.
  bool is_limit = false;  ///< It stops only because the greatest number of repetitions is reached.
};

/// Decides after each repetition whether to stop. Rules are deterministic: equal values, times, parameters and
/// seed give equal decisions.
class StopRule {
 public:
  virtual ~StopRule() = default;

  /// Takes one repetition: its values (one for each copy or rank; none when it failed) and the time since the
  /// start of the first repetition. Cheap.
  ///
  /// REQUIRES: all values are finite; `elapsed` never decreases.
  virtual void take(std::span<const double> values, Nanos elapsed) = 0;

  /// The decision about everything taken so far. It does not depend on how often it was asked for before.
  ///
  /// REQUIRES: at least one repetition was taken.
  /// Cost: with `take`, at most 1 ms a repetition over the first 1000.
  virtual Decision decide() = 0;

  /// `take`, then `decide`.
  Decision add(std::span<const double> values, Nanos elapsed) {
    take(values, elapsed);
    return decide();
  }

  /// The rule with every parameter resolved, "ci:threshold=0.05,level=0.95,min=15,max=100".
  /// `make_stop_rule` reads it back to an equal rule.
  virtual std::string describe() const = 0;
};

/// Parameters of a rule, named "rule ci" in errors.
using RuleParameters = Parameters;

/// A row of the table of rules.
struct StopRuleEntry {
  std::string_view name;
  std::string_view summary;
  std::string_view reference;  ///< Where the method comes from; empty when it needs none.
  std::string_view aliases;    ///< Other accepted names, separated by spaces.
  std::string_view unnamed;    ///< The parameter that a value without a name sets: "duration:1m".
  std::span<const ParameterSpec> parameters;
  Result<std::unique_ptr<StopRule>> (*make)(const RuleParameters& parameters);
};

/// Every rule, in help order.
std::span<const StopRuleEntry> stop_rules();

/// The rule with this name or alias, in any case. Errors: bad_usage, suggesting the nearest name.
Result<const StopRuleEntry*> find_stop_rule(std::string_view name);

/// A rule from text: "ci", "ci:threshold=0.02,min=10,max=500", "duration:1m", or a count such as "7".
/// Errors: bad_usage for an unknown rule, an unknown parameter or a bad value.
Result<std::unique_ptr<StopRule>> make_stop_rule(std::string_view text, std::uint64_t seed);

}  // namespace thaw
