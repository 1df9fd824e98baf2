#include "sim/trace_cache.h"

#include <utility>

namespace thaw {

TraceKey trace_key_of(const SweepPoint& point) {
  return {point.trace, point.functions, point.functions == 0 ? 0 : point.point.seed};
}

Result<std::shared_ptr<const SharedTrace>> TraceCache::get(const SweepPoint& point) {
  Slot* slot = nullptr;
  {
    const std::lock_guard lock(mutex_);
    slot = &slots_[trace_key_of(point)];
  }
  const std::lock_guard lock(slot->mutex);
  if (auto trace = slot->trace.lock()) return trace;
  // An absolute path stands for itself.
  const std::string path = (configuration_.folder / point.trace).string();
  THAW_TRY(std::shared_ptr<const SharedTrace> trace,
           SharedTrace::open(path, configuration_.read, most_in_memory_, point.functions, point.point.seed));
  slot->trace = trace;
  return trace;
}

}  // namespace thaw
