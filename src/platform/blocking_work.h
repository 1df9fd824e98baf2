#pragma once
// Threads for what takes its time (starting and stopping sandboxes), so that the gateway's own thread never waits.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace thaw {

class BlockingWork {
 public:
  /// At most so many threads; each is made when it is first needed.
  explicit BlockingWork(unsigned most_threads) : most_threads_(most_threads) {}
  BlockingWork(const BlockingWork&) = delete;
  BlockingWork& operator=(const BlockingWork&) = delete;
  /// Finishes what was asked for.
  ~BlockingWork() { finish(); }

  /// Does it on one of the threads, in the order of asking.
  void ask(std::function<void()> task);
  /// Waits until all is done and ends the threads.
  void finish();

 private:
  void run();

  unsigned most_threads_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  std::vector<std::thread> threads_;
  unsigned idle_ = 0;
  bool is_ending_ = false;
};

}  // namespace thaw
