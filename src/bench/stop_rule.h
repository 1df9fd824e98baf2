#pragma once
// When to stop repeating a measurement. A rule sees the values of every repetition as it ends and says
// whether the answer is known well enough. Rules are plug-ins: one file in rules/ and one line in rules.inc.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/units.h"

namespace thaw {

/// What a rule thinks after a repetition.
struct Decision {
  bool stop = false;
  std::string reason;   ///< One clause with the numbers behind the decision: "relative error 0.031 <= 0.1".
  double progress = 0;  ///< 0 … 1 towards the stop, or NaN when the rule cannot say.
};

/// Decides after each repetition whether to stop. Rules are deterministic: equal values, times, parameters
/// and seed give equal decisions.
class StopRule {
 public:
  virtual ~StopRule() = default;

  /// Takes one repetition: its values (one for each copy or rank; empty when it failed) and the time since
  /// the start of the first repetition.
  ///
  /// REQUIRES: all values are finite; `elapsed` never decreases.
  /// Cost: at most 1 ms on average over the first 1000 repetitions.
  virtual Decision add(std::span<const double> values, Nanos elapsed) = 0;

  /// The rule with every parameter resolved, "ci:level=0.95,threshold=0.05,min=15,max=100".
  /// `make_stop_rule` reads it back to an equal rule.
  virtual std::string describe() const = 0;
};

/// One parameter of a rule as help shows it and as texts may name it.
struct ParameterSpec {
  std::string_view name;
  std::string_view fallback;  ///< The default as text.
  std::string_view meaning;
  std::string_view aliases = {};  ///< Other accepted names, separated by spaces.
};

/// Parameter texts by canonical name, defaults filled in, with typed readers whose errors name the parameter.
class RuleParameters {
 public:
  RuleParameters(std::string_view rule, std::span<const ParameterSpec> specs, std::uint64_t seed);

  /// Sets the parameter called `name` (or an alias of that, in any case). Errors: bad_usage when there is
  /// none or it was set before.
  Result<> set(std::string_view name, std::string_view value);
  /// True when the user gave the parameter.
  bool is_set(std::string_view name) const;

  /// A finite number of at least `low` and at most `high`. Errors: bad_usage.
  Result<double> number(std::string_view name, double low, double high) const;
  /// A share, "0.05" or "5%", of at least `low` and at most `high`. Errors: bad_usage.
  Result<double> fraction(std::string_view name, double low, double high) const;
  /// An integer of at least `low`. Errors: bad_usage.
  Result<std::uint64_t> integer(std::string_view name, std::uint64_t low) const;
  /// An upper limit on repetitions: an integer, or `unlimited` for "0" and "none". Errors: bad_usage.
  Result<std::uint64_t> limit(std::string_view name) const;
  /// A duration above zero, or nullopt for "none". Errors: bad_usage.
  Result<std::optional<Nanos>> duration(std::string_view name) const;
  /// The text as given.
  std::string_view text(std::string_view name) const;

  std::uint64_t seed() const { return seed_; }
  /// "rule:name=value,…" in the order of the table, every parameter present.
  std::string describe() const;

  static constexpr std::uint64_t unlimited = ~std::uint64_t{0};

 private:
  std::string rule_;
  std::span<const ParameterSpec> specs_;
  std::map<std::string, std::string, std::less<>> values_;
  std::uint64_t seed_;
};

/// A row of the table of rules.
struct StopRuleEntry {
  std::string_view name;
  std::string_view summary;
  std::string_view reference;  ///< Where the method comes from; empty when it is plain.
  std::string_view aliases;    ///< Other accepted names, separated by spaces.
  std::span<const ParameterSpec> parameters;
  /// The parameter that a value without a name sets ("duration:1m"); empty when there is none.
  std::string_view unnamed;
  Result<std::unique_ptr<StopRule>> (*make)(const RuleParameters& parameters);
};

/// Every rule, in help order.
std::span<const StopRuleEntry> stop_rules();

/// The rule called `name` or having it as an alias, in any case. Errors: bad_usage with the nearest name.
Result<const StopRuleEntry*> find_stop_rule(std::string_view name);

/// A rule from text: "ci", "ci:threshold=0.02,min=10,max=500", "duration:1m", or a count such as "7".
/// `seed` feeds the rules that draw random numbers. Errors: bad_usage for an unknown rule, parameter or
/// value.
Result<std::unique_ptr<StopRule>> make_stop_rule(std::string_view text, std::uint64_t seed);

}  // namespace thaw
