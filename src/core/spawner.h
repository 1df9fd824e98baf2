#pragma once
// Who starts the measured processes. The kernel counts the memory of the process that calls exec into the peak of
// the program that follows (Linux, setmax_mm_hiwater_rss in exec), so children started by this program would never
// show less than its own ten megabytes. A small static process, thaw-spawn, starts them instead and makes them our
// children (CLONE_PARENT), so that we still wait for them and get their use of resources from the kernel.

#include <signal.h>

#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/spawn_helper.h"

namespace thaw {

/// Starts thaw-spawn and does not wait until it is there. Whoever knows early that children will be wanted calls this; then
/// the first one need not wait for it.
void call_spawner();

/// Runs the work on the thread that started thaw-spawn (see LaunchThread; here, if there is none) and returns when it is
/// done. A program that is started and awaited there, again and again, stays on one processor from the first time on.
void run_where_launched(const std::function<void()>& work);
template <class Work>
auto on_launch_thread(Work&& work) {
  std::optional<decltype(work())> result;
  run_where_launched([&] { result.emplace(work()); });
  return *std::move(result);
}

/// Starts all launches, together if there are several, by thaw-spawn where it is found, else directly.
/// REQUIRES: signals are blocked; `user_mask` is the mask that the children get; `place` is of the calling thread.
/// Errors: environment when a process cannot be created.
/// A single child has executed its program, or failed to, when this returns.
Result<std::vector<StartedChild>> start_children(std::span<const Launch> launches, const sigset_t& user_mask,
                                                 const ProcessorHold& place);

}  // namespace thaw
