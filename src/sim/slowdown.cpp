#include "sim/slowdown.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

namespace thaw {
namespace {

using Weighted = std::pair<double, std::uint64_t>;  ///< Slowdown and number of invocations that have it.

double quantile(std::span<const Weighted> sorted, std::uint64_t total, double share) {
  const double wanted = share * static_cast<double>(total);
  std::uint64_t seen = 0;
  for (const auto& [slowdown, invocations] : sorted) {
    seen += invocations;
    if (static_cast<double>(seen) >= wanted) return slowdown;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

void fill_slowdown(SimulationOutcome& outcome, std::span<const TraceFunction> functions,
                   const std::function<double(const TraceFunction&)>& cold_run_ms) {
  std::vector<Weighted> runs{{1.0, 0}};
  for (std::size_t f = 0; f < outcome.functions.size(); ++f) {
    const FunctionOutcome& counts = outcome.functions[f];
    runs.front().second += counts.warm;
    if (counts.cold == 0) continue;
    const double cold = cold_run_ms(functions[f]), warm = functions[f].warm_ms;
    const double unbounded = cold > 0 ? std::numeric_limits<double>::infinity() : 1.0;
    runs.emplace_back(warm > 0 ? cold / warm : unbounded, counts.cold);
  }
  std::sort(runs.begin(), runs.end());
  const std::uint64_t total = outcome.cold + outcome.warm;
  constexpr double missing = std::numeric_limits<double>::quiet_NaN();
  outcome.slowdown_p50 = total > 0 ? quantile(runs, total, 0.50) : missing;
  outcome.slowdown_p99 = total > 0 ? quantile(runs, total, 0.99) : missing;
}

}  // namespace thaw
