#pragma once
// Waiting for many descriptors at once, with a limit in nanoseconds.

#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "core/error.h"
#include "core/files.h"
#include "core/units.h"

namespace thaw {

/// One epoll set, for one thread.
class Poller {
 public:
  /// Errors: environment (no descriptors left).
  static Result<Poller> create();

  /// Watches a descriptor for `events` (EPOLLIN, …); `token` comes back with them. Errors: environment.
  Result<> add(int fd, std::uint32_t events, std::uint64_t token);
  void change(int fd, std::uint32_t events, std::uint64_t token);
  void remove(int fd);
  /// Readable when something is ready; another poller may watch it.
  [[nodiscard]] int descriptor() const { return epoll_.get(); }

  /// What is ready, at most 256 at once; empty when `limit` has passed. nullopt: no limit; 0: only look.
  std::span<const epoll_event> wait(std::optional<Nanos> limit);

 private:
  explicit Poller(FileDescriptor epoll) : epoll_(std::move(epoll)) {}
  int wait_coarsely(std::optional<Nanos> limit);

  FileDescriptor epoll_;
  bool is_coarse_ = false;  ///< The kernel does not know waiting to the nanosecond.
  std::array<epoll_event, 256> events_{};
};

/// Lets this thread's sleeps end on time. By default the kernel may be 50 µs late, to save wake-ups.
void sleep_precisely();

}  // namespace thaw
