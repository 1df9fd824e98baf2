#pragma once
// Traces that are made while they are read: a name in place of a path. "synth:azure2019:functions=46000:invocations=9e8" is
// a trace for every command that takes one, of any length, and nothing of it is ever written.

#include <memory>
#include <string_view>

#include "core/error.h"
#include "trace/reader.h"

namespace thaw {

/// Whether this is the name of a synthetic trace, not a path.
bool is_synthetic_name(std::string_view name);

/// "synth:LAW:parameter=value:…" with LAW azure2019, mixed or the name of a toy; parameters functions, invocations, seed,
/// and by law duration, periodic, bursty, bursts. docs/plans.md has them all.
/// Errors: bad_usage for an unknown law or parameter and impossible values.
Result<std::unique_ptr<TraceFile>> open_synthetic(std::string_view name, const ReadOptions& options = {});

}  // namespace thaw
