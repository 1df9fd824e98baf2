#include "load/thread_rank.h"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "net/poller.h"

namespace thaw {
namespace {

/// How long the sending thread wants a processor at a time: the shortest that Linux takes, so that it is let in before a
/// thread with the usual turn of a millisecond or more has had its own (Linux 6.12 and later).
constexpr std::uint64_t sending_turn_ns = 100'000;
/// Where that is allowed. A thread that has to wait for its share gets it some time (EEVDF: an entity that has had less than
/// its share goes before one that has had more), and then keeps the processor until the next tick, up to 4 ms, whoever
/// wakes up. The share of SCHED_IDLE is 3 of 1027 beside an ordinary thread, 3 of 9551 beside one with this.
constexpr std::int32_t sending_nice = -10;

/// SCHED_FLAG_RESET_ON_FORK, which has no header either.
constexpr std::uint64_t reset_on_fork = 1;

/// sched_attr of sched_setattr(2), for which the C library has no header that goes with <sched.h>.
struct Rank {
  std::uint32_t size = 0;
  std::uint32_t policy = 0;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0, deadline = 0, period = 0;
};

}  // namespace

void go_first() {
  sleep_precisely();
  Rank rank;
  if (::syscall(SYS_sched_getattr, 0, &rank, sizeof rank, 0) != 0) return;
  // Whoever started us with a rank of his choice keeps it.
  if (rank.policy != SCHED_OTHER) return;
  rank.runtime = sending_turn_ns;
  const bool has_ordinary_nice = rank.nice == 0;
  // Threads and programs that this one starts are ordinary again.
  rank.flags |= reset_on_fork;
  if (has_ordinary_nice) rank.nice = sending_nice;
  if (::syscall(SYS_sched_setattr, 0, &rank, 0) == 0 || !has_ordinary_nice) return;
  rank.nice = 0;
  (void)::syscall(SYS_sched_setattr, 0, &rank, 0);
}

void stay_behind() {
  const sched_param none{};
  (void)::sched_setscheduler(0, SCHED_IDLE, &none);
}

}  // namespace thaw
