#pragma once
// Children that run beside this program for as long as they like: servers, sandboxes. run_processes waits for its
// children; here the caller watches a descriptor instead, from any event loop.

#include <sys/types.h>

#include <optional>
#include <string>

#include "core/process.h"

namespace thaw {

/// A child process, the leader of its own process group. It dies with this program, whatever kills that (see
/// start_process_guard), and with this object.
class LastingChild {
 public:
  /// Starts it. May be called from any thread: the kernel's signal at the parent's death is that of the starting
  /// *thread*, so one thread that never ends starts them all.
  /// Errors: environment (no process can be created, the program cannot be executed).
  static Result<LastingChild> start(const Launch& launch);

  LastingChild(LastingChild&& other) noexcept;
  LastingChild& operator=(LastingChild&&) = delete;
  LastingChild(const LastingChild&) = delete;
  LastingChild& operator=(const LastingChild&) = delete;
  /// Ends the whole group at once if it still runs.
  ~LastingChild();

  [[nodiscard]] pid_t pid() const { return pid_; }
  /// Readable once the child has ended.
  [[nodiscard]] int descriptor() const { return descriptor_.get(); }
  /// Sends a signal to its group.
  void signal(int number) const;
  /// "exit code 3", "killed by signal 9", once the child has ended; nullopt before. Frees the process table's entry.
  std::optional<std::string> ended();
  /// SIGTERM, and SIGKILL when it still runs after `grace`; returns when it has ended.
  void stop(Nanos grace);

 private:
  LastingChild(pid_t pid, FileDescriptor descriptor);
  pid_t pid_ = -1;  ///< -1 once it was waited for.
  FileDescriptor descriptor_;
  std::string end_;
};

/// A descriptor that is readable once the process has ended, whoever started it. Not open when that is not allowed.
FileDescriptor watch_process(pid_t pid);

/// When a process was started, in clock ticks since boot: with the pid it names a process for good. nullopt when there
/// is no such process.
std::optional<std::uint64_t> process_start_ticks(pid_t pid);

/// Sends SIGKILL to the group of a process that an earlier run left behind, unless the pid belongs to another by now.
/// Returns whether there was one.
bool kill_left_behind(pid_t pid, std::uint64_t start_ticks);

}  // namespace thaw
