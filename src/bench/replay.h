#pragma once
// Stopping rules on numbers that are already there: where would a rule have stopped?

#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>

#include "bench/stop_rule.h"

namespace thaw {

struct Replay {
  std::string rule;                       ///< With every parameter resolved.
  std::size_t values = 0;                 ///< How many there were.
  std::optional<std::size_t> stopped_at;  ///< From 1; nullopt when it would go on after the last value.
  bool is_limit = false;                  ///< It stopped only because of its greatest number of repetitions.
  std::string reason;                     ///< The rule's words at the stop, or at the end.
};

/// Gives the rule one value after another, as one repetition each; the time that rules with a duration look at is the
/// running sum of the values, taken as seconds.
/// Errors: bad_usage (rule), as make_stop_rule.
Result<Replay> replay(std::string_view rule, std::span<const double> values, std::uint64_t seed);

/// {"schema":"thaw.stop/1","rule":…,"values":…,"stopped_at":…,"is_limit":…,"reason":…}.
nlohmann::ordered_json to_json(const Replay& replay);

}  // namespace thaw
