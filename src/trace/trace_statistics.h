#pragma once
// The statistics that the Azure 2019 form publishes, from the values themselves.

#include <span>

#include "trace/trace.h"

namespace thaw {

/// Percentiles by linear interpolation between order statistics. REQUIRES: `sorted` ascending and not empty.
DurationStatistics duration_statistics(std::span<const double> sorted);
MemoryStatistics memory_statistics(std::span<const double> sorted);

/// What the Azure 2019 form says of a function of which only the two durations are known: percentiles up to 75 are
/// the warm one, 99 and 100 the cold one.
DurationStatistics duration_statistics(const TraceFunction& function, double count);
/// The same for memory: every figure is the one that is known.
MemoryStatistics memory_statistics(const TraceFunction& function, double count);

}  // namespace thaw
