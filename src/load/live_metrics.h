#pragma once
// The generator's own state in the text format of Prometheus, version 0.0.4.

#include <string>

#include "load/recorder.h"

namespace thaw {

/// Counters by result, histograms of response and lateness, the greatest lateness.
std::string render_metrics(const LiveCounters& live);

}  // namespace thaw
