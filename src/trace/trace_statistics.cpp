#include "trace/trace_statistics.h"

#include "stats/summary.h"

namespace thaw {

DurationStatistics duration_statistics(std::span<const double> sorted) {
  const auto at = [&](double level) { return quantile_sorted(sorted, level); };
  return {.average = mean(sorted),
          .count = static_cast<double>(sorted.size()),
          .minimum = sorted.front(),
          .maximum = sorted.back(),
          .p0 = sorted.front(),
          .p1 = at(0.01),
          .p25 = at(0.25),
          .p50 = at(0.5),
          .p75 = at(0.75),
          .p99 = at(0.99),
          .p100 = sorted.back()};
}

MemoryStatistics memory_statistics(std::span<const double> sorted) {
  const auto at = [&](double level) { return quantile_sorted(sorted, level); };
  return {.count = static_cast<double>(sorted.size()),
          .average = mean(sorted),
          .p1 = at(0.01),
          .p5 = at(0.05),
          .p25 = at(0.25),
          .p50 = at(0.5),
          .p75 = at(0.75),
          .p95 = at(0.95),
          .p99 = at(0.99),
          .p100 = sorted.back()};
}

DurationStatistics duration_statistics(const TraceFunction& function, double count) {
  const double warm = function.warm_ms, cold = function.cold_ms;
  return {.average = warm,
          .count = count,
          .minimum = warm,
          .maximum = cold,
          .p0 = warm,
          .p1 = warm,
          .p25 = warm,
          .p50 = warm,
          .p75 = warm,
          .p99 = cold,
          .p100 = cold};
}

MemoryStatistics memory_statistics(const TraceFunction& function, double count) {
  const double mb = function.memory_mb;
  return {.count = count,
          .average = mb,
          .p1 = mb,
          .p5 = mb,
          .p25 = mb,
          .p50 = mb,
          .p75 = mb,
          .p95 = mb,
          .p99 = mb,
          .p100 = mb};
}

}  // namespace thaw
