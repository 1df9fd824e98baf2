#pragma once
// Threads that do the work of calls, so that the thread with the connections stays free.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "core/files.h"
#include "functions/trace_work.h"

namespace thaw::functions {

/// Threads are started when they are first needed, so a process that never works is ready sooner.
class TraceWorkers {
 public:
  struct Done {
    std::size_t id = 0;
    WorkReport report;
  };

  TraceWorkers(Clock& clock, WorkMemory& memory, std::size_t most_threads);
  TraceWorkers(const TraceWorkers&) = delete;
  TraceWorkers& operator=(const TraceWorkers&) = delete;
  /// Waits for the work that runs; what has not begun is forgotten.
  ~TraceWorkers();

  /// Begins the work; its id comes back with collect(). False when no thread can be had.
  bool begin(std::size_t id, const TraceCall& call);

  /// Readable when something is done.
  [[nodiscard]] int ready_fd() const { return ready_.get(); }
  /// Replaces the content of `done` by what is done.
  void collect(std::vector<Done>& done);

 private:
  struct Job {
    std::size_t id = 0;
    TraceCall call;
  };
  void work();

  Clock& clock_;
  WorkMemory& memory_;
  std::size_t most_threads_;
  FileDescriptor ready_;
  std::mutex mutex_;
  std::condition_variable wakes_;
  std::deque<Job> jobs_;
  std::vector<Done> done_;
  std::size_t idle_ = 0;
  bool is_ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace thaw::functions
