#include "core/launch_thread.h"

#include <pthread.h>
#include <signal.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

namespace thaw {

/// Where work is laid down for the thread.
struct LaunchThread::Desk {
  std::mutex turn;  ///< Of whoever has work done.
  std::mutex mutex;
  std::condition_variable filled;
  std::packaged_task<void()> work;
  std::thread::id thread;

  void put(std::packaged_task<void()> task) {
    {
      const std::lock_guard lock(mutex);
      work = std::move(task);
    }
    filled.notify_one();
  }
  std::packaged_task<void()> take() {
    std::unique_lock lock(mutex);
    filled.wait(lock, [this] { return work.valid(); });
    return std::exchange(work, {});
  }
};

namespace {

/// Takes this thread to another processor than that one, if there is another. It stays there as long as it likes.
void leave(int processor) {
  cpu_set_t allowed;
  if (processor < 0 || ::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  cpu_set_t others = allowed;
  CPU_CLR(static_cast<std::size_t>(processor), &others);
  if (::sched_setaffinity(0, sizeof others, &others) == 0) ::sched_setaffinity(0, sizeof allowed, &allowed);
}

}  // namespace

LaunchThread::LaunchThread(std::function<void()> birth, const ProcessorHold& place)
    : desk_(std::make_shared<Desk>()) {
  const ProcessorHold here(true);
  std::thread thread([desk = desk_, allowed = place.allowed(), birth = std::move(birth)] {
    birth();
    if (allowed) ::sched_setaffinity(0, sizeof *allowed, &*allowed);
    while (true) desk->take()();
  });
  desk_->thread = thread.get_id();
  thread.detach();
}

void LaunchThread::run(const std::function<void()>& work) {
  if (std::this_thread::get_id() == desk_->thread) {
    work();
    return;
  }
  const std::lock_guard turn(desk_->turn);
  sigset_t all, callers;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &callers);
  const int busy = ::sched_getcpu();
  std::packaged_task<void()> task([&] {
    leave(busy);
    ::pthread_sigmask(SIG_SETMASK, &callers, nullptr);
    work();
    ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
  });
  std::future<void> done = task.get_future();
  desk_->put(std::move(task));
  done.wait();
  ::pthread_sigmask(SIG_SETMASK, &callers, nullptr);
  done.get();
}

}  // namespace thaw
