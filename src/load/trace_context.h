#pragma once
// The identity of an invocation for distributed tracing (W3C Trace Context): the same in the request's header and in the
// exported span, and the same again in a run with the same seed.

#include <array>
#include <string_view>

#include "load/invocation.h"

namespace thaw {

struct TraceContext {
  std::array<char, 32> trace_id;  ///< Lower-case hexadecimal digits.
  std::array<char, 16> span_id;
  [[nodiscard]] std::string_view trace() const { return {trace_id.data(), trace_id.size()}; }
  [[nodiscard]] std::string_view span() const { return {span_id.data(), span_id.size()}; }
};

/// All attempts and all calls of a workflow share the trace; each has its own span.
TraceContext trace_context(std::uint64_t salt, const Invocation& invocation);

/// "00-<trace>-<span>-01", 55 characters.
std::array<char, 55> traceparent(const TraceContext& context);

}  // namespace thaw
