#include "platform/event_loop.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace thaw {

Result<std::unique_ptr<EventLoop>> EventLoop::create() {
  THAW_TRY(Poller poller, Poller::create());
  FileDescriptor wake(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!wake.is_open()) {
    return fail(ErrorKind::environment, "an event descriptor cannot be made: {}", std::strerror(errno));
  }
  THAW_CHECK(poller.add(wake.get(), EPOLLIN, wake_token));
  return std::unique_ptr<EventLoop>(new EventLoop(std::move(poller), std::move(wake)));
}

Result<> EventLoop::watch(int fd, std::uint32_t events, EventSource& source) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(places_.size()));
    places_.emplace_back();
  }
  const std::uint32_t place = free_.back();
  const std::uint64_t token = (std::uint64_t{places_[place].generation} << 32) | place;
  THAW_CHECK(poller_.add(fd, events, token));
  free_.pop_back();
  places_[place].source = &source;
  source.place_ = place;
  return {};
}

void EventLoop::change(int fd, std::uint32_t events, EventSource& source) {
  const std::uint32_t place = source.place_;
  poller_.change(fd, events, (std::uint64_t{places_[place].generation} << 32) | place);
}

void EventLoop::forget(int fd, EventSource& source) {
  if (source.place_ == EventSource::unwatched) return;
  poller_.remove(fd);
  Place& place = places_[source.place_];
  place.source = nullptr;
  // Below all ones, which is the token of a wake-up.
  place.generation = (place.generation + 1) & 0x7fffffff;
  free_.push_back(source.place_);
  source.place_ = EventSource::unwatched;
}

void EventLoop::post(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(task));
    if (posted_.size() > 1) return;
  }
  const std::uint64_t one = 1;
  (void)!::write(wake_.get(), &one, sizeof one);
}

void EventLoop::run_posted() {
  std::uint64_t count = 0;
  (void)!::read(wake_.get(), &count, sizeof count);
  std::vector<std::function<void()>> tasks;
  {
    const std::lock_guard lock(mutex_);
    tasks.swap(posted_);
  }
  for (const auto& task : tasks) task();
}

void EventLoop::run_once(Nanos limit) {
  bool is_woken = false;
  for (const epoll_event& event : poller_.wait(limit)) {
    if (event.data.u64 == wake_token) {
      is_woken = true;
      continue;
    }
    const auto place = static_cast<std::uint32_t>(event.data.u64);
    const auto generation = static_cast<std::uint32_t>(event.data.u64 >> 32);
    if (places_[place].source == nullptr || places_[place].generation != generation) continue;
    places_[place].source->on_events(event.events);
  }
  if (is_woken) run_posted();
  buried_.clear();
}

}  // namespace thaw
