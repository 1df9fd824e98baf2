#pragma once
// Whether a warm-up has come to rest: its last quarter is compared with the quarter before it.

#include "load/invocation.h"
#include "record/load_summary.h"

namespace thaw {

class StabilityWatch {
 public:
  /// The warm-up lasts from 0 to `warmup_ns`.
  explicit StabilityWatch(std::int64_t warmup_ns) : warmup_ns_(warmup_ns) {}

  void add(const Invocation& invocation);

  /// Stable when in the last quarter the median response is at most a quarter away from that of the quarter before, at most
  /// 5 % were cold, and at most 5 % failed. Needs 20 answers in each.
  [[nodiscard]] WarmupStability judge() const;

 private:
  struct Quarter {
    Histogram response = *Histogram::create(function_latency_range());
    std::uint64_t ended = 0, cold = 0, failed = 0;
  };

  std::int64_t warmup_ns_;
  Quarter third_, last_;
};

}  // namespace thaw
