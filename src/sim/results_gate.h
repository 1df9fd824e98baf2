#pragma once
// The one door through which finished points reach the record, whichever thread or message brings them.

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "sim/crew.h"
#include "sim/point_queue.h"

namespace thaw {

class ResultsGate {
 public:
  /// REQUIRES: both outlive it.
  ResultsGate(const PointSink& sink, const SweepProgress& progress) : sink_(sink), progress_(progress) {}

  /// Hands a point to the sink, one at a time. Errors: the sink's.
  Result<> pass(const FinishedPoint& point) {
    const std::lock_guard lock(mutex_);
    return sink_(point);
  }
  void add_progress(std::uint64_t invocations) {
    const std::uint64_t sum = simulated_ += invocations;
    if (!progress_) return;
    const std::lock_guard lock(mutex_);
    progress_(sum);
  }

 private:
  const PointSink& sink_;
  const SweepProgress& progress_;
  std::mutex mutex_;
  std::atomic<std::uint64_t> simulated_{0};
};

/// A desk beside the queue and the gate themselves.
std::unique_ptr<WorkDesk> make_local_desk(PointQueue& queue, ResultsGate& gate);

}  // namespace thaw
