#include "functions/trace_workers.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <system_error>

namespace thaw::functions {

TraceWorkers::TraceWorkers(Clock& clock, WorkMemory& memory, std::size_t most_threads)
    : clock_(clock),
      memory_(memory),
      most_threads_(most_threads),
      ready_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

TraceWorkers::~TraceWorkers() {
  {
    const std::scoped_lock lock(mutex_);
    is_ending_ = true;
    jobs_.clear();
  }
  wakes_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool TraceWorkers::begin(std::size_t id, const TraceCall& call) {
  std::unique_lock lock(mutex_);
  if (jobs_.size() >= idle_ && threads_.size() < most_threads_) {
    try {
      threads_.emplace_back([this] { work(); });
    } catch (const std::system_error&) {
      if (threads_.empty()) return false;
    }
  }
  jobs_.push_back({id, call});
  lock.unlock();
  wakes_.notify_one();
  return true;
}

void TraceWorkers::collect(std::vector<Done>& done) {
  std::uint64_t count = 0;
  (void)!::read(ready_.get(), &count, sizeof count);
  done.clear();
  const std::scoped_lock lock(mutex_);
  std::swap(done, done_);
}

void TraceWorkers::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    wakes_.wait(lock, [&] { return is_ending_ || !jobs_.empty(); });
    --idle_;
    if (is_ending_) return;
    const Job job = jobs_.front();
    jobs_.pop_front();
    lock.unlock();
    const WorkReport report = perform(job.call, clock_, memory_);
    lock.lock();
    done_.push_back({job.id, report});
    const std::uint64_t one = 1;
    (void)!::write(ready_.get(), &one, sizeof one);
  }
}

}  // namespace thaw::functions
