#pragma once
// Starting children: the part between fork and exec, used by this program and by the small process that starts
// children for it (see spawner.h). Nothing here allocates, throws or uses more than system calls.

#include <sched.h>
#include <signal.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace thaw {

/// Everything a child needs, prepared before it exists.
struct ChildSpec {
  char* const* argv = nullptr;
  char* const* envp = nullptr;
  int fds[3] = {-1, -1, -1};        ///< What becomes stdin, stdout and stderr. REQUIRES: open.
  const cpu_set_t* cpus = nullptr;  ///< May run on these; null: on those of its parent.
  bool resets_signals = false;      ///< Its parent ignores signals or handles them.
  sigset_t signal_mask{};
  pid_t parent = 0;               ///< The child ends at once when this is no longer its parent.
  int32_t* exec_error = nullptr;  ///< errno of a failed exec, in memory that the parent sees.
  int ready_fd = -1;              ///< Set by start_together.
  int barrier_fd = -1;
};

/// When children began: just before the only one was made, or when the barrier opened.
struct StartTimes {
  int64_t monotonic_ns = 0;
  int64_t wall_ns = 0;
};

/// Gives the signals that Thaw handles or ignores their ordinary meaning: an ignored one stays ignored after exec.
void reset_signals();

/// Starts one child with vfork semantics. `flags` are added to those of clone (CLONE_PARENT, or 0). Returns its pid,
/// or -errno. REQUIRES: signals are blocked.
pid_t start_alone(ChildSpec& spec, int flags, StartTimes& times);

/// Starts all children, waits until each stands at a barrier, and lets them go together. Returns 0, or -errno, and
/// then none is left. `pids` gets one entry for each.
int start_together(std::span<ChildSpec> specs, int flags, std::span<pid_t> pids, StartTimes& times);

}  // namespace thaw
