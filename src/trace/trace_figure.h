#pragma once
// A picture of a trace as one SVG file: rate over time, popularity, durations and memory.

#include <span>
#include <string>

#include "trace/profile.h"
#include "trace/trace.h"

namespace thaw {

/// Draws four panels, 960 by 640. The text is fixed by the trace: equal traces give equal bytes.
std::string draw_trace(const TraceProfile& profile, std::span<const TraceFunction> functions);

}  // namespace thaw
