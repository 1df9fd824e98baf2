#pragma once
// The traces that a process holds: opened by the first worker that needs one, shared by all, let go with the last.

#include <compare>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "sim/shared_trace.h"
#include "sim/sweep.h"

namespace thaw {

/// Which invocations a point reads.
struct TraceKey {
  std::string path;  ///< As given.
  std::uint64_t functions = 0;
  std::uint64_t seed = 0;  ///< A choice of functions depends on the seed; the whole trace does not.
  friend auto operator<=>(const TraceKey&, const TraceKey&) = default;
};
TraceKey trace_key_of(const SweepPoint& point);

/// What a trace of an experiment is opened by: its path, from wherever the experiment is continued, or its name.
std::string trace_place(const SweepConfiguration& configuration, const std::string& trace);

/// What was mended in the traces of an experiment, or was read without complaint but is worth knowing: a sentence each. Opens
/// them, as the experiment does; says nothing of a trace that cannot be opened, whose error the experiment meets.
std::vector<std::string> trace_notes(const SweepConfiguration& configuration);

class TraceCache {
 public:
  TraceCache(const SweepConfiguration& configuration, std::uint64_t most_in_memory)
      : configuration_(configuration), most_in_memory_(most_in_memory) {}

  /// The trace of a point. Any thread may call; one opens, the others wait for it. Errors: as SharedTrace::open.
  Result<std::shared_ptr<const SharedTrace>> get(const SweepPoint& point);

 private:
  struct Slot {
    std::mutex mutex;
    std::weak_ptr<const SharedTrace> trace;
  };

  const SweepConfiguration& configuration_;
  std::uint64_t most_in_memory_;
  std::mutex mutex_;
  std::map<TraceKey, Slot> slots_;
};

}  // namespace thaw
