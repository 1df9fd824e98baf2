#pragma once
// Turns counts per column of time into invocations: n calls in a column are spaced evenly, the first one at its
// beginning, as FaasCache does (Fuerst and Sharma, ASPLOS 2021).

#include <memory>

#include "trace/compact_counts.h"
#include "trace/trace.h"

namespace thaw {

/// Gives the invocations of the counts, function i being row i: call k of n in column c is at
/// c·column_ms + k·(column_ms/n). Sorted by time, equal times in the order of the functions.
///
/// REQUIRES: the counts outlive the source.
/// Cost: memory grows with the functions only, one block being a slice of a column.
std::unique_ptr<InvocationSource> even_arrivals(const CompactCounts& counts, std::size_t columns,
                                                double column_ms);

}  // namespace thaw
