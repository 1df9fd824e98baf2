#include "load/trace_context.h"

#include <algorithm>

namespace thaw {
namespace {

/// The finalizer of SplitMix64 (Steele, Lea & Flood, OOPSLA 2014): a bijection, so that different keys stay different.
std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

void write_hex(std::uint64_t value, char* to) {
  for (int i = 15; i >= 0; --i, value >>= 4) to[i] = "0123456789abcdef"[value & 15U];
}

}  // namespace

TraceContext trace_context(std::uint64_t salt, const Invocation& invocation) {
  const std::uint64_t place = (std::uint64_t{invocation.column} << 32) | invocation.number;
  // All calls of a workflow carry the place of its first one, which is unique within its graph.
  const std::uint64_t owner =
      invocation.graph == no_workflow ? invocation.function : (std::uint64_t{1} << 32) | invocation.graph;
  TraceContext context{};
  const std::uint64_t low = mix(salt ^ mix(place) ^ owner * 0xD6E8FEB86659FD93U);
  write_hex(mix(salt), context.trace_id.data());
  write_hex(low, context.trace_id.data() + 16);
  const std::uint64_t call = (std::uint64_t{invocation.node} << 16) | invocation.attempt;
  write_hex(mix(low ^ mix(call)), context.span_id.data());
  return context;
}

std::array<char, 55> traceparent(const TraceContext& context) {
  std::array<char, 55> text{};
  char* to = text.data();
  for (const std::string_view part : {std::string_view("00-"), context.trace(), std::string_view("-"),
                                      context.span(), std::string_view("-01")}) {
    to = std::copy(part.begin(), part.end(), to);
  }
  return text;
}

}  // namespace thaw
