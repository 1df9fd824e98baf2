#pragma once
// The demand side of the lower bound: idle gaps that a policy would have to keep a container through, and the memory
// that running executions take whatever the policy does. Internal to bounds.h.

#include <cstdint>
#include <vector>

#include "trace/trace.h"

namespace thaw {

/// From the earliest end of an execution to a later arrival of the same function, in ns. Keeping a container through
/// it turns the arrival into a warm start.
struct IdleGap {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  FunctionIndex function = 0;
};

/// Every arrival paired with the latest still unpaired end of its function: of all pairings, the one whose k shortest
/// gaps lie within the gaps of any other k pairs (docs/curves.md, lemma 2). Arrivals without a pair are left out.
std::vector<IdleGap> nested_gaps(const Trace& trace);

/// Executions that no policy avoids running.
struct CertainExecutions {
  struct Interval {
    std::int64_t begin = 0;
    std::int64_t end = 0;  ///< If they are warm.
    FunctionIndex function = 0;
  };
  std::vector<Interval> intervals;
  std::uint64_t droppable = 0;  ///< Invocations that might find no room, however small the chance.
};
CertainExecutions certain_executions(const Trace& trace, std::int64_t capacity_bytes);

}  // namespace thaw
