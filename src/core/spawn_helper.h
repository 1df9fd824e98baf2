#pragma once
// The running thaw-spawn: a small static process that starts children of this one (see spawner.h), asked through
// shared memory and a socket (see spawn_request.h).

#include <sched.h>
#include <signal.h>

#include <future>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/launch_thread.h"
#include "core/process.h"
#include "core/processor_hold.h"
#include "core/spawn_child.h"

namespace thaw {

struct SpawnMemory;

/// A child that has been started.
struct StartedChild {
  pid_t pid = -1;
  MonotonicTime started;
  WallTime started_wall;
  const int* exec_error = nullptr;  ///< Valid until the next start; read it when the child has ended.
};
StartedChild started_child(pid_t pid, const StartTimes& times, const int* exec_error);

class SpawnHelper {
 public:
  /// Starts it, without waiting until it is there; null when it is not installed or cannot run. It may run where `place`
  /// allows. REQUIRES: signals are blocked.
  static std::unique_ptr<SpawnHelper> start(const ProcessorHold& place);

  /// nullopt when the launches do not fit into a request or the helper is gone. Errors: environment.
  std::optional<Result<std::vector<StartedChild>>> spawn(std::span<const Launch> launches,
                                                         const sigset_t& mask, const ProcessorHold& place);

  /// What started thaw-spawn.
  [[nodiscard]] LaunchThread& thread() { return thread_; }

 private:
  SpawnHelper(LaunchThread thread, std::future<pid_t> starting, FileDescriptor socket, SpawnMemory* memory);
  void take_along(const ProcessorHold& place);
  void prepare_environment(const Command& command);
  bool write_request(std::span<const Launch> launches, const sigset_t& mask, const ProcessorHold& place);
  bool exchange(std::span<const Launch> launches);

  LaunchThread thread_;
  std::future<pid_t> starting_;  ///< Valid until the first request.
  pid_t pid_ = -1;
  FileDescriptor socket_;
  SpawnMemory* memory_;
  pid_t owner_;
  cpu_set_t cpus_{};  ///< Where thaw-spawn may run; empty: not set yet.
  std::uint32_t requests_ = 0;

  /// The variables of a child, made once for all children with the same.
  struct Environment {
    std::vector<const char*> inherited;  ///< The entries of our own environment that it was made from.
    std::vector<std::pair<std::string, std::string>> own;
    std::string text;  ///< Each ended by NUL.
    std::uint32_t count = 0;
  };
  Environment environment_;
};

}  // namespace thaw
