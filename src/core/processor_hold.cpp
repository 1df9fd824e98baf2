#include "core/processor_hold.h"

namespace thaw {

ProcessorHold::ProcessorHold(bool is_wanted) {
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  allowed_ = held_ = allowed;
  const int here = ::sched_getcpu();
  if (!is_wanted || here < 0) return;
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(static_cast<std::size_t>(here), &only);
  if (::sched_setaffinity(0, sizeof only, &only) == 0) held_ = only;
}

ProcessorHold::~ProcessorHold() {
  if (allowed_ && !CPU_EQUAL(&*allowed_, &*held_)) ::sched_setaffinity(0, sizeof *allowed_, &*allowed_);
}

}  // namespace thaw
