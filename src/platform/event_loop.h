#pragma once
// One thread that waits for many descriptors and for what other threads want done on it.

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "core/error.h"
#include "core/files.h"
#include "net/poller.h"

namespace thaw {

/// Whoever hears of the events of one descriptor.
class EventSource {
 public:
  virtual ~EventSource() = default;
  /// The descriptor is ready: EPOLLIN, EPOLLOUT, … Called on the loop's thread.
  virtual void on_events(std::uint32_t events) = 0;

 private:
  friend class EventLoop;
  static constexpr std::uint32_t unwatched = ~0U;
  std::uint32_t place_ = unwatched;
};

class EventLoop {
 public:
  /// Errors: environment (no descriptors left).
  static Result<std::unique_ptr<EventLoop>> create();

  /// Watches a descriptor until forget. REQUIRES: the source outlives that, and watches nothing else.
  Result<> watch(int fd, std::uint32_t events, EventSource& source);
  void change(int fd, std::uint32_t events, EventSource& source);
  void forget(int fd, EventSource& source);
  /// Deletes it once nobody on the stack uses it any more.
  void bury(std::unique_ptr<EventSource> source) { buried_.push_back(std::move(source)); }

  /// Does something on the loop's thread, soon. May be called from any thread.
  void post(std::function<void()> task);

  /// Waits, at most `limit`, and handles what is ready.
  void run_once(Nanos limit);

 private:
  EventLoop(Poller poller, FileDescriptor wake) : poller_(std::move(poller)), wake_(std::move(wake)) {}
  void run_posted();

  /// Who stands at a place, and how often it was given away: an event that was on its way for the former one is none.
  struct Place {
    EventSource* source = nullptr;
    std::uint32_t generation = 0;
  };
  static constexpr std::uint64_t wake_token = ~std::uint64_t{0};

  Poller poller_;
  FileDescriptor wake_;
  std::vector<Place> places_;
  std::vector<std::uint32_t> free_;
  std::vector<std::unique_ptr<EventSource>> buried_;
  std::mutex mutex_;
  std::vector<std::function<void()>> posted_;
};

}  // namespace thaw
