#pragma once
// The part of the process guard that run_processes uses; see start_process_guard in process.h.

#include <sys/types.h>

#include <string_view>

namespace thaw {

/// Tells the guard that a process group is running, or that it has ended.
void guard_group(pid_t group);
void release_group(pid_t group);

/// Sends SIGKILL to every process that carries THAW_TOKEN=`token`, until none is left. Returns how many were found.
/// Async-signal-unsafe; called from ordinary code only.
int kill_marked_processes(std::string_view token);

}  // namespace thaw
