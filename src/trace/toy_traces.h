#pragma once
// Small traces, each made to show one thing about keep-alive policies.

#include <cstdint>
#include <span>
#include <string_view>

#include "core/error.h"
#include "core/random.h"
#include "trace/trace.h"

namespace thaw {

/// One family of toy traces.
struct ToyTrace {
  std::string_view name;  ///< "low-well"
  std::string_view summary;
  std::uint64_t invocations;  ///< Unless asked otherwise.
  Trace (*make)(std::uint64_t invocations, std::uint64_t seed);
};

/// All of them, in help order: lambda, planned, low-well, prewarmable, long-ttl.
std::span<const ToyTrace> toy_traces();

/// Errors: bad_usage with the nearest name ('-' and '_' alike, in any case, "Trace" at the end ignored).
Result<const ToyTrace*> find_toy_trace(std::string_view name);

}  // namespace thaw
