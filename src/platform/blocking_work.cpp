#include "platform/blocking_work.h"

#include <utility>

namespace thaw {

void BlockingWork::ask(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  tasks_.push_back(std::move(task));
  if (idle_ < tasks_.size() && threads_.size() < most_threads_) threads_.emplace_back([this] { run(); });
  changed_.notify_one();
}

void BlockingWork::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    changed_.wait(lock, [this] { return !tasks_.empty() || is_ending_; });
    --idle_;
    if (tasks_.empty()) return;
    const std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    lock.lock();
  }
}

void BlockingWork::finish() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
    threads.swap(threads_);
  }
  changed_.notify_all();
  for (std::thread& thread : threads) thread.join();
  const std::lock_guard lock(mutex_);
  is_ending_ = false;
}

}  // namespace thaw
