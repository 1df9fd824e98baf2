#include "sim/trace_cache.h"

#include <utility>

#include "trace/synthetic_name.h"

namespace thaw {

std::string trace_place(const SweepConfiguration& configuration, const std::string& trace) {
  if (is_synthetic_name(trace)) return trace;
  return (configuration.folder / trace).string();  // an absolute path stands for itself
}

TraceKey trace_key_of(const SweepPoint& point) {
  return {point.trace, point.functions, point.functions == 0 ? 0 : point.point.seed};
}

std::vector<std::string> trace_notes(const SweepConfiguration& configuration) {
  std::vector<std::string> notes;
  for (const std::string& trace : configuration.axes.traces) {
    const auto file = open_trace(trace_place(configuration, trace), configuration.read);
    if (!file) continue;
    for (const Repair& repair : (*file)->repairs())
      notes.push_back(fmt::format("{}: repaired: {} ({})", trace, repair.what, repair.count));
    for (const Repair& remark : (*file)->remarks())
      notes.push_back(fmt::format("{}: {} ({})", trace, remark.what, remark.count));
  }
  return notes;
}

Result<std::shared_ptr<const SharedTrace>> TraceCache::get(const SweepPoint& point) {
  Slot* slot = nullptr;
  {
    const std::lock_guard lock(mutex_);
    slot = &slots_[trace_key_of(point)];
  }
  const std::lock_guard lock(slot->mutex);
  if (auto trace = slot->trace.lock()) return trace;
  THAW_TRY(std::shared_ptr<const SharedTrace> trace,
           SharedTrace::open(trace_place(configuration_, point.trace), configuration_.read, most_in_memory_,
                             point.functions, point.point.seed));
  slot->trace = trace;
  return trace;
}

}  // namespace thaw
