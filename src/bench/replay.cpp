#include "bench/replay.h"

namespace thaw {

Result<Replay> replay(std::string_view rule, std::span<const double> values, std::uint64_t seed) {
  THAW_TRY(const std::unique_ptr<StopRule> stop_rule, make_stop_rule(rule, seed));
  Replay result{.rule = stop_rule->describe(), .values = values.size()};
  double elapsed = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    elapsed += std::max(0.0, values[i]);
    Decision decision = stop_rule->add(values.subspan(i, 1), from_seconds(elapsed));
    result.reason = std::move(decision.reason);
    if (!decision.stop) continue;
    result.stopped_at = i + 1;
    result.is_limit = decision.is_limit;
    break;
  }
  return result;
}

nlohmann::ordered_json to_json(const Replay& replay) {
  return {{"schema", "thaw.stop/1"},
          {"rule", replay.rule},
          {"values", replay.values},
          {"stopped_at",
           replay.stopped_at ? nlohmann::ordered_json(*replay.stopped_at) : nlohmann::ordered_json()},
          {"is_limit", replay.is_limit},
          {"reason", replay.reason}};
}

}  // namespace thaw
