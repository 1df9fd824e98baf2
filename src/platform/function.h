#pragma once
// A function as the running platform knows it.

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include "keepalive/policy.h"
#include "platform/call.h"
#include "platform/function_spec.h"

namespace thaw {

struct FunctionCounts {
  std::uint64_t cold = 0;
  std::uint64_t warm = 0;
  std::uint64_t dropped = 0;
  std::uint64_t failed = 0;  ///< Got an instance and no proper answer.
  std::uint64_t prewarmed = 0;
  std::uint64_t evicted = 0;
  std::uint64_t expired = 0;  ///< Unloads included.
  std::uint64_t crashed = 0;
  double execution_seconds = 0;   ///< Sum over answered calls.
  double cold_start_seconds = 0;  ///< Sum over cold starts.
};

struct Function {
  FunctionSpec spec;  ///< Never changes: another spec is another function.
  FunctionId id = no_function;
  class SandboxKind* kind = nullptr;
  std::deque<Call*> queue;  ///< Calls without an instance, in the order of arrival.
  std::vector<Instance*> instances;
  std::uint32_t pinned = 0;  ///< Of its least number.
  Instant next_pin{};        ///< When the least number is looked at again.
  FunctionCounts counts;
  bool is_removed = false;
};

}  // namespace thaw
