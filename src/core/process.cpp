#include "core/process.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "core/interrupt.h"
#include "core/launch_series.h"
#include "core/process_guard.h"
#include "core/processor_hold.h"
#include "core/spawner.h"
#include "core/text.h"

namespace thaw {
namespace {

constexpr Nanos termination_grace = std::chrono::milliseconds(500);
constexpr Nanos output_check_interval = std::chrono::seconds(1);

struct Child {
  pid_t pid = -1;
  FileDescriptor pidfd;
  const int* exec_error = nullptr;
  bool is_reaped = false;
  std::optional<Outcome> stopped_as;
  ProcessReport report;
};

/// The kernel's count of processes killed for lack of memory, in any control group.
std::int64_t oom_kill_count() {
  const auto vmstat = read_file_if_any("/proc/vmstat");
  if (!vmstat) return 0;
  const std::size_t at = vmstat->find("\noom_kill ");
  if (at == std::string::npos) return 0;
  const std::string_view rest = std::string_view(*vmstat).substr(at + 10);
  return parse_integer(rest.substr(0, rest.find('\n'))).value_or(0);
}

Nanos to_nanos(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

/// One run of several children: the waiting, the limits and the stopping.
class Run {
 public:
  Run(std::vector<Child> children, std::span<const Launch> launches, const RunLimits& limits,
      const sigset_t& mask)
      : children_(std::move(children)), launches_(launches), limits_(limits), mask_(mask) {
    for (const Child& child : children_) guard_group(child.pid);
  }

  std::vector<ProcessReport> wait() {
    thread_local std::int64_t known_oom_kills = oom_kill_count();
    const MonotonicTime start = children_.front().report.started;
    const bool captures = std::any_of(launches_.begin(), launches_.end(), [](const Launch& launch) {
      return launch.stdout_fd >= 0 || launch.stderr_fd >= 0;
    });
    while (running() > 0) {
      std::optional<Nanos> patience;
      if (limits_.timeout) patience = *limits_.timeout - (system_clock().now() - start);
      if (patience && *patience <= Nanos(0)) {
        stop(Outcome::timed_out);
        break;
      }
      if (captures) patience = std::min(patience.value_or(output_check_interval), output_check_interval);
      SeriesHold* const series = SeriesHold::current();
      const bool is_held = series != nullptr && series->is_held();
      if (is_held) patience = std::min(patience.value_or(SeriesHold::longest), SeriesHold::longest);
      await_exits(patience);
      if (is_held && running() > 0) series->let_go();
      if (interrupt_signal().load() != 0 && running() > 0) {
        stop(Outcome::interrupted);
      } else if (captures && running() > 0 && output_exceeds_limit()) {
        stop(Outcome::output_limit);
      }
    }
    if (limits_.adopts_abandoned) adopt_abandoned();
    for (Child& child : children_) conclude(child, known_oom_kills);
    std::vector<ProcessReport> reports;
    for (Child& child : children_) reports.push_back(child.report);
    return reports;
  }

 private:
  [[nodiscard]] std::size_t running() const {
    return static_cast<std::size_t>(std::count_if(children_.begin(), children_.end(),
                                                  [](const Child& child) { return !child.is_reaped; }));
  }

  /// Sleeps until a child exits, a signal comes or the time is over, then reaps what has exited.
  void await_exits(std::optional<Nanos> patience) {
    std::vector<pollfd> waiting;
    for (const Child& child : children_) {
      if (!child.is_reaped) waiting.push_back({child.pidfd.get(), POLLIN, 0});
    }
    // Known once is enough. The kernel leaves out a descriptor of -1.
    waiting.push_back({interrupt_signal().load() == 0 ? interrupt_descriptor() : -1, POLLIN, 0});
    timespec time{};
    if (patience) {
      const Nanos left = std::max(*patience, Nanos(0));
      time.tv_sec = left.count() / 1'000'000'000;
      time.tv_nsec = left.count() % 1'000'000'000;
    }
    // The signal mask is the user's own only while we sleep, so no signal is lost between a check and the sleep.
    ::ppoll(waiting.data(), waiting.size(), patience ? &time : nullptr, &mask_);
    if (waiting.back().revents != 0 && interrupt_signal().load() == 0) forget_interrupt();
    for (Child& child : children_) {
      if (!child.is_reaped) reap(child);
    }
  }

  void reap(Child& child) {
    int status = 0;
    rusage usage{};
    const pid_t pid = ::wait4(child.pid, &status, WNOHANG, &usage);
    if (pid != child.pid) return;
    ProcessReport& report = child.report;
    report.finished = system_clock().now();
    child.is_reaped = true;
    release_group(child.pid);
    report.wall = report.finished - report.started;
    report.user = to_nanos(usage.ru_utime);
    report.system = to_nanos(usage.ru_stime);
    report.max_rss = Bytes{usage.ru_maxrss * 1024};
    report.minor_faults = usage.ru_minflt;
    report.major_faults = usage.ru_majflt;
    report.voluntary_switches = usage.ru_nvcsw;
    report.involuntary_switches = usage.ru_nivcsw;
    set_exit(report, status);
  }

  static void set_exit(ProcessReport& report, int status) {
    report.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    report.exit_code = WIFSIGNALED(status) ? 128 + report.signal : WEXITSTATUS(status);
  }

  /// What has ended behind the back of a child became ours when the child ended. A single child owns whatever comes
  /// (mpirun gives each rank a process group); of several each owns its group.
  void adopt_abandoned() {
    for (Child& child : children_) {
      const pid_t whose = children_.size() == 1 ? -1 : -child.pid;
      for (int status = 0; ::waitpid(whose, &status, WNOHANG) > 0;) {
        if (child.report.exit_code == 0) set_exit(child.report, status);
      }
    }
  }

  [[nodiscard]] bool output_exceeds_limit() const {
    for (const Launch& launch : launches_) {
      for (const int fd : {launch.stdout_fd, launch.stderr_fd}) {
        struct stat status {};
        if (fd >= 0 && ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
            status.st_size > limits_.output_limit.count()) {
          return true;
        }
      }
    }
    return false;
  }

  void signal_groups(int number) {
    for (const Child& child : children_) {
      if (!child.is_reaped) ::kill(-child.pid, number);
    }
  }

  /// Ends everything that still runs: politely, then by force, then whatever left its group.
  void stop(Outcome why) {
    for (Child& child : children_) {
      if (!child.is_reaped) child.stopped_as = why;
    }
    signal_groups(SIGTERM);
    const MonotonicTime deadline = system_clock().now() + termination_grace;
    while (running() > 0 && system_clock().now() < deadline) {
      await_exits(deadline - system_clock().now());
    }
    for (const Child& child : children_) {
      if (child.stopped_as) ::kill(-child.pid, SIGKILL);
    }
    kill_marked_processes(process_token());
    while (running() > 0) await_exits(std::nullopt);
  }

  void conclude(Child& child, std::int64_t& known_oom_kills) {
    ProcessReport& report = child.report;
    report.left_processes = !child.stopped_as && ::kill(-child.pid, 0) == 0;
    if (child.stopped_as) {
      report.outcome = *child.stopped_as;
    } else if (*child.exec_error != 0) {
      report.outcome = Outcome::not_started;
    } else if (report.signal == SIGKILL || report.exit_code == 128 + SIGKILL) {
      const std::int64_t now = oom_kill_count();
      report.outcome = now > known_oom_kills ? Outcome::out_of_memory
                       : report.signal != 0  ? Outcome::signalled
                                             : Outcome::exited;
      known_oom_kills = now;
    } else {
      report.outcome = report.signal != 0 ? Outcome::signalled : Outcome::exited;
    }
  }

  std::vector<Child> children_;
  std::span<const Launch> launches_;
  const RunLimits& limits_;
  sigset_t mask_;
};

/// Blocks the signals whose handlers must not run while a child borrows our memory; restores on destruction.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    ::sigfillset(&all);
    // Nobody handles it, and while it is blocked the kernel keeps one for later at each end of a child.
    ::sigdelset(&all, SIGCHLD);
    ::pthread_sigmask(SIG_SETMASK, &all, &former_);
  }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;
  ~BlockedSignals() { ::pthread_sigmask(SIG_SETMASK, &former_, nullptr); }
  [[nodiscard]] const sigset_t& former() const { return former_; }

 private:
  sigset_t former_{};
};

/// While it lives, and if asked for, processes whose parent ends become children of this process.
class Adoption {
 public:
  explicit Adoption(bool is_wanted) : is_wanted_(is_wanted) {
    if (is_wanted_) ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  }
  Adoption(const Adoption&) = delete;
  Adoption& operator=(const Adoption&) = delete;
  ~Adoption() {
    if (is_wanted_) ::prctl(PR_SET_CHILD_SUBREAPER, 0);
  }

 private:
  bool is_wanted_;
};

/// Without a series only the start is held: at the end of the child the kernel wakes us where it ran, on a processor that
/// was free.
Result<std::vector<StartedChild>> start_held(std::span<const Launch> launches, const sigset_t& user_mask) {
  const bool is_alone = launches.size() == 1;
  SeriesHold* const series = SeriesHold::current();
  if (series == nullptr || !is_alone) {
    if (series != nullptr) series->let_go();
    const ProcessorHold place(is_alone);
    return start_children(launches, user_mask, place);
  }
  auto started = start_children(launches, user_mask, series->place());
  series->count_start();
  return started;
}

/// Takes charge of children that run already.
Result<std::vector<Child>> adopt(const std::vector<StartedChild>& started) {
  std::vector<Child> children;
  for (const StartedChild& one : started) {
    Child child;
    child.pid = one.pid;
    child.exec_error = one.exec_error;
    child.report.started = one.started;
    child.report.started_wall = one.started_wall;
    child.pidfd = FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, child.pid, 0)));
    children.push_back(std::move(child));
  }
  return children;
}

}  // namespace

std::string_view outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::exited:
      return "exited";
    case Outcome::signalled:
      return "signalled";
    case Outcome::timed_out:
      return "timeout";
    case Outcome::out_of_memory:
      return "oom";
    case Outcome::output_limit:
      return "output_limit";
    case Outcome::interrupted:
      return "interrupted";
    case Outcome::not_started:
      return "not_started";
  }
  return "unknown";
}

Result<std::vector<ProcessReport>> run_processes(std::span<const Launch> launches, const RunLimits& limits) {
  THAW_ASSERT(!launches.empty(), "a run needs a process");
  for (const Launch& launch : launches) {
    if (launch.command.argv.empty() || launch.command.argv.front().empty()) {
      return fail_at(ErrorKind::bad_usage, "the command is empty", {}, "name a program after --");
    }
  }
  const BlockedSignals blocked;
  const Adoption adoption(limits.adopts_abandoned);
  THAW_TRY(const std::vector<StartedChild> started, start_held(launches, blocked.former()));
  THAW_TRY(std::vector<Child> children, adopt(started));
  return Run(std::move(children), launches, limits, blocked.former()).wait();
}

std::vector<int> allowed_processors() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  ::sched_getaffinity(0, sizeof allowed, &allowed);
  std::vector<int> processors;
  for (int number = 0; number < CPU_SETSIZE; ++number) {
    if (CPU_ISSET(static_cast<std::size_t>(number), &allowed)) processors.push_back(number);
  }
  return processors;
}

Result<FileDescriptor> memory_file(const char* name) {
  FileDescriptor file(::memfd_create(name, MFD_CLOEXEC));
  if (!file.is_open()) {
    return fail(ErrorKind::environment, "a memory file for {} cannot be made: {}", name,
                std::strerror(errno));
  }
  return file;
}

Result<ToolOutput> run_tool(const Command& command, std::string_view input, Nanos timeout) {
  THAW_TRY(const FileDescriptor out, memory_file("stdout"));
  THAW_TRY(const FileDescriptor err, memory_file("stderr"));
  THAW_TRY(const FileDescriptor in, memory_file("stdin"));
  THAW_CHECK(write_all(in.get(), input, "a tool's input"));
  ::lseek(in.get(), 0, SEEK_SET);
  const Launch launch{command, in.get(), out.get(), err.get(), {}};
  THAW_TRY(const std::vector<ProcessReport> reports,
           run_processes(std::span(&launch, 1), {.timeout = timeout}));
  return ToolOutput{reports.front(), read_all(out.get()), read_all(err.get())};
}

}  // namespace thaw
