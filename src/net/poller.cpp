#include "net/poller.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

namespace thaw {

Result<Poller> Poller::create() {
  FileDescriptor epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.is_open()) return fail(ErrorKind::environment, "cannot watch sockets: {}", std::strerror(errno));
  return Poller(std::move(epoll));
}

Result<> Poller::add(int fd, std::uint32_t events, std::uint64_t token) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = token;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0) return {};
  return fail(ErrorKind::environment, "cannot watch a socket: {}", std::strerror(errno));
}

void Poller::change(int fd, std::uint32_t events, std::uint64_t token) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = token;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void Poller::remove(int fd) { ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr); }

std::span<const epoll_event> Poller::wait(std::optional<Nanos> limit) {
  timespec time{};
  if (limit) {
    const auto ns = std::max<std::int64_t>(limit->count(), 0);
    time.tv_sec = ns / 1'000'000'000;
    time.tv_nsec = ns % 1'000'000'000;
  }
  // glibc 2.35 has a wrapper, older ones only the call itself.
  const long count = ::syscall(SYS_epoll_pwait2, epoll_.get(), events_.data(),
                               static_cast<int>(events_.size()), limit ? &time : nullptr, nullptr, 0);
  return {events_.data(), static_cast<std::size_t>(std::max(count, 0L))};
}

void sleep_precisely() { ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); }

}  // namespace thaw
