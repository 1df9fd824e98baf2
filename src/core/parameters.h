#pragma once
// Parameters of a plug-in that the user writes in one word: "ci:threshold=0.02,min=10", "ttl:keep=20m". A plug-in
// states what it takes as a table; texts, defaults, help and errors follow from it.

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/units.h"

namespace thaw {

/// One parameter of a plug-in, as help shows it and as texts may name it.
struct ParameterSpec {
  std::string_view name;
  std::string_view fallback;  ///< The default as text.
  std::string_view meaning;
  std::string_view aliases = {};  ///< Other accepted names, separated by spaces.
};

/// The parameters of one plug-in: texts by canonical name with defaults filled in, and typed readers whose errors
/// name the parameter.
class Parameters {
 public:
  static constexpr std::uint64_t unlimited = ~std::uint64_t{0};

  /// `owner` is how errors name the plug-in: "rule ci", "policy ttl".
  Parameters(std::string_view owner, std::string_view name, std::span<const ParameterSpec> specs,
             std::uint64_t seed);

  /// Gives a value to the parameter with this name or alias, in any case. Errors: bad_usage when there is no such
  /// parameter or it already has a value.
  Result<> set(std::string_view name, std::string_view value);
  /// Every `name=value` of a text with commas between; a value alone goes to the parameter `unnamed` (none when
  /// empty). Errors: bad_usage.
  Result<> set_all(std::string_view text, std::string_view unnamed);
  /// Whether `set` gave it a value. REQUIRES: `name` is canonical, here and below.
  bool is_set(std::string_view name) const;

  /// The text given, else the default.
  std::string_view text(std::string_view name) const;
  /// A number in [low, high]; shares may be written as "5%". Errors: bad_usage.
  Result<double> number(std::string_view name, double low, double high) const;
  /// An integer of at least `low`. Errors: bad_usage.
  Result<std::uint64_t> integer(std::string_view name, std::uint64_t low) const;
  /// An upper limit: an integer, or `unlimited` for "0" and "none". Errors: bad_usage.
  Result<std::uint64_t> limit(std::string_view name) const;
  /// A duration above zero. Errors: bad_usage.
  Result<Nanos> duration(std::string_view name) const;

  /// For plug-ins that draw random numbers.
  std::uint64_t seed() const { return seed_; }
  /// "name:parameter=value,…" with every parameter in table order.
  std::string describe() const;

 private:
  std::string owner_;
  std::string name_;
  std::span<const ParameterSpec> specs_;
  std::map<std::string, std::string, std::less<>> values_;
  std::uint64_t seed_;
};

/// Whether `word` is the name or one of the aliases (separated by spaces), ignoring case; '-' and '_' are alike.
bool is_called(std::string_view word, std::string_view name, std::string_view aliases);

}  // namespace thaw
