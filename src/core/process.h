#pragma once
// Starting and measuring child processes. Times come from the kernel's own report of the exit (pidfd and wait4),
// never from polling; use of resources comes with it.

#include <sys/types.h>

#include <atomic>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/error.h"
#include "core/files.h"
#include "core/shell.h"
#include "core/units.h"

namespace thaw {

/// A command as an argument vector, never a shell string, with additions to the environment.
struct Command {
  Argv argv;
  std::vector<std::pair<std::string, std::string>>
      env;  ///< Set in this order over the inherited environment.
};

/// One process to start.
struct Launch {
  Command command;
  int stdin_fd = -1;      ///< -1: /dev/null.
  int stdout_fd = -1;     ///< -1: /dev/null.
  int stderr_fd = -1;     ///< -1: /dev/null.
  std::vector<int> cpus;  ///< Pinned to these processors; empty: not pinned.
};

struct RunLimits {
  std::optional<Nanos> timeout;     ///< Counted from the start.
  Bytes output_limit{256LL << 20};  ///< A process whose captured output grows beyond this is stopped.
  /// The processes may end without having waited for what they started (perf stat does). The failure of such an
  /// abandoned process then counts as that of the one that should have waited.
  bool adopts_abandoned = false;
};

enum class Outcome {
  exited,         ///< By itself; see exit_code.
  signalled,      ///< By a signal that Thaw did not send; see signal.
  timed_out,      ///< Stopped by Thaw at the timeout.
  out_of_memory,  ///< Killed by the kernel's OOM killer while it ran.
  output_limit,   ///< Stopped by Thaw: too much output.
  interrupted,    ///< Stopped by Thaw because the user asked it to end.
  not_started,    ///< The program could not be executed; see exit_code (126 or 127).
};
std::string_view outcome_name(Outcome outcome);

/// What the kernel reported about one finished process and the descendants it waited for.
struct ProcessReport {
  Outcome outcome = Outcome::exited;
  int exit_code = 0;  ///< 128 + signal when signalled.
  int signal = 0;
  Nanos wall{};  ///< From just before the spawn (or the release of the barrier) to the reaped exit.
  Nanos user{};
  Nanos system{};
  Bytes max_rss{};
  std::int64_t minor_faults = 0;
  std::int64_t major_faults = 0;
  std::int64_t voluntary_switches = 0;
  std::int64_t involuntary_switches = 0;
  bool left_processes = false;  ///< Others of its process group still run.
  MonotonicTime started;
  MonotonicTime finished;
  WallTime started_wall;
};

/// Starts all processes and waits for all of them. More than one start together from one barrier, each with its
/// own times.
///
/// Each process leads its own process group. When time, output or an interrupt ends the run, the groups get
/// SIGTERM, then SIGKILL, and so does every process that inherited this program's marker (environment variable
/// THAW_TOKEN), so that nothing that escaped its group survives.
///
/// Errors: environment when no process could be created at all (a program that cannot be executed is a report with
/// Outcome::not_started, not an error).
/// Cost: about the kernel's own cost of fork, exec and wait; a single process is started with vfork semantics.
Result<std::vector<ProcessReport>> run_processes(std::span<const Launch> launches,
                                                 const RunLimits& limits = {});

/// While one lives, this thread starts single processes in quick succession: it may stay on one processor from one short
/// process to the next, and saves the calls that let it go and hold it again (see ProcessorHold). One for a thread.
/// REQUIRES: the thread starts no other thread meanwhile, which would be kept there, too.
class LaunchSeries {
 public:
  LaunchSeries();
  LaunchSeries(const LaunchSeries&) = delete;
  LaunchSeries& operator=(const LaunchSeries&) = delete;
  ~LaunchSeries();
};

/// The processors that this program may run on, ascending.
std::vector<int> allowed_processors();

/// Captured output of a small tool run for its text.
struct ToolOutput {
  ProcessReport report;
  std::string out;  ///< stdout
  std::string err;  ///< stderr
  [[nodiscard]] bool succeeded() const { return report.outcome == Outcome::exited && report.exit_code == 0; }
};
/// Runs a tool with its output captured and, if given, `input` on its stdin.
Result<ToolOutput> run_tool(const Command& command, std::string_view input = {},
                            Nanos timeout = std::chrono::seconds(30));

/// An anonymous file in memory that can take a child's output. Errors: environment.
Result<FileDescriptor> memory_file(const char* name);

/// Stops everything this program started, at once, if this program is killed: a small guard process waits for our
/// end, kills the process groups and marked processes then running, and runs the clean-up commands. Call once,
/// before the first run and before any thread.
Result<> start_process_guard();

/// What the guard runs, without a shell, if this program is killed (removing a container, say). Replaces the former
/// list; commands beyond 16 KiB of text are left out.
void set_guard_cleanup(std::span<const Command> commands);

/// Set by the signal handlers; run_processes stops its children when it becomes non-zero (the signal's number).
/// A second signal ends the program at once.
std::atomic<int>& interrupt_signal();
/// Routes SIGINT and SIGTERM to interrupt_signal().
void install_interrupt_handlers();

/// The marker that all children of this program carry in THAW_TOKEN.
const std::string& process_token();

}  // namespace thaw
