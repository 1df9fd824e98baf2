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

/// For kernels before 5.11 and sandboxes without the precise call: milliseconds, rounded down so as never to be late.
int Poller::wait_coarsely(std::optional<Nanos> limit) {
  constexpr auto longest = std::chrono::milliseconds(std::chrono::hours(1));
  const auto floor =
      limit ? std::chrono::floor<std::chrono::milliseconds>(*limit) : std::chrono::milliseconds(-1);
  const auto ms = limit ? std::clamp(floor, std::chrono::milliseconds(0), longest) : floor;
  return ::epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()),
                      static_cast<int>(ms.count()));
}

std::span<const epoll_event> Poller::wait(std::optional<Nanos> limit) {
  timespec time{};
  if (limit) {
    const auto ns = std::max<std::int64_t>(limit->count(), 0);
    time.tv_sec = ns / 1'000'000'000;
    time.tv_nsec = ns % 1'000'000'000;
  }
  // glibc 2.35 has a wrapper, older ones only the call itself.
  long count = -1;
  if (!is_coarse_) {
    count = ::syscall(SYS_epoll_pwait2, epoll_.get(), events_.data(), static_cast<int>(events_.size()),
                      limit ? &time : nullptr, nullptr, 0);
    is_coarse_ = count < 0 && errno == ENOSYS;
  }
  if (is_coarse_) count = wait_coarsely(limit);
  return {events_.data(), static_cast<std::size_t>(std::max(count, 0L))};
}

void sleep_precisely() { ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); }

}  // namespace thaw
