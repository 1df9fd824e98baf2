#pragma once
// Who starts the measured processes. The kernel counts the memory of the process that calls exec into the peak of
// the program that follows (Linux, setmax_mm_hiwater_rss in exec), so children started by this program would never
// show less than its own ten megabytes. A small static process, thaw-spawn, starts them instead and makes them our
// children (CLONE_PARENT), so that we still wait for them and get their use of resources from the kernel.

#include <signal.h>

#include <span>
#include <vector>

#include "core/process.h"

namespace thaw {

/// A child that has been started.
struct StartedChild {
  pid_t pid = -1;
  MonotonicTime started;
  WallTime started_wall;
  const int* exec_error = nullptr;  ///< Valid until the next start; read it when the child has ended.
};

/// Starts all launches, together if there are several, by thaw-spawn where it is found, else directly.
/// REQUIRES: signals are blocked; `user_mask` is the mask that the children get.
/// Errors: environment when a process cannot be created.
/// A single child has executed its program, or failed to, when this returns.
Result<std::vector<StartedChild>> start_children(std::span<const Launch> launches, const sigset_t& user_mask);

}  // namespace thaw
