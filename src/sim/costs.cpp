#include <limits>

#include "sim/outcome.h"

namespace thaw {

SimulationCosts costs_of(const SimulationOutcome& outcome, std::span<const TraceFunction> functions) {
  SimulationCosts costs;
  double warm_total = 0, legacy_total = 0, served_total = 0;
  for (std::size_t f = 0; f < outcome.functions.size(); ++f) {
    const FunctionOutcome& counts = outcome.functions[f];
    const TraceFunction& function = functions[f];
    const auto cold = static_cast<double>(counts.cold);
    const double served = cold + static_cast<double>(counts.warm);
    if (served == 0) continue;
    costs.cold_ms_total += cold * function.init_ms();
    warm_total += served * function.warm_ms;
    served_total += served;
    const double difference = function.cold_ms - function.warm_ms;
    if (difference != 0) legacy_total += cold * function.warm_ms / difference;  // times served, over served
  }
  constexpr double missing = std::numeric_limits<double>::quiet_NaN();
  costs.exec_increase_pct = warm_total > 0 ? 100 * costs.cold_ms_total / warm_total : missing;
  costs.exec_increase_pct_legacy = served_total > 0 ? 100 * legacy_total / served_total : missing;
  costs.hit_ratio = outcome.invocations > 0
                        ? static_cast<double>(outcome.warm) / static_cast<double>(outcome.invocations)
                        : missing;
  return costs;
}

}  // namespace thaw
