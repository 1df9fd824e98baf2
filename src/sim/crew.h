#pragma once
// The threads of one process that simulate points. Where their points come from and where the results go is the desk's
// affair, so the same workers serve a sweep on this machine and one that another process leads.

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "core/clock.h"
#include "sim/point_queue.h"
#include "sim/trace_cache.h"

namespace thaw {

/// Where one worker gets its points and hands in what came out. Used by one thread.
class WorkDesk {
 public:
  virtual ~WorkDesk() = default;
  /// The next points, all of one trace; empty: nothing is left, or the sweep is over. `is_streamed` tells about the
  /// trace of the points before.
  virtual std::vector<std::uint64_t> next(bool is_streamed) = 0;
  /// Further points of the trace of the last ones, which turned out to be streamed.
  virtual std::vector<std::uint64_t> fill_up() = 0;
  /// Errors: those of whoever keeps the record.
  virtual Result<> hand_in(FinishedPoint point) = 0;
  /// So many more invocations have been simulated.
  virtual void add_progress(std::uint64_t invocations) = 0;
};

class Crew {
 public:
  /// REQUIRES: configuration outlives it.
  Crew(const SweepConfiguration& configuration, const SweepLimits& limits, Clock& clock);
  /// Stops and waits for the workers.
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  /// Starts one worker for each desk.
  void start(std::vector<std::unique_ptr<WorkDesk>> desks);
  /// Lets the workers leave what they have begun.
  void stop() { stop_.request_stop(); }
  /// True when all workers have ended.
  [[nodiscard]] bool is_done() const { return working_ == 0; }
  /// Waits for the workers. Errors: the first of a worker.
  Result<> join();

 private:
  Result<> work(WorkDesk& desk);
  Result<> simulate_batch(const SharedTrace& trace, std::span<const std::uint64_t> batch, WorkDesk& desk);
  [[nodiscard]] bool must_stop() const;

  const SweepConfiguration& configuration_;
  Clock& clock_;
  std::vector<SweepPoint> points_;
  TraceCache traces_;
  std::stop_source stop_;
  std::atomic<std::size_t> working_{0};
  std::mutex mutex_;
  std::optional<Error> failure_;
  std::vector<std::unique_ptr<WorkDesk>> desks_;
  std::vector<std::jthread> threads_;
};

}  // namespace thaw
