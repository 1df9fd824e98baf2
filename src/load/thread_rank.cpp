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
  (void)::syscall(SYS_sched_setattr, 0, &rank, 0);
}

void stay_behind() {
  const sched_param none{};
  (void)::sched_setscheduler(0, SCHED_IDLE, &none);
}

}  // namespace thaw
