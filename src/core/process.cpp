#include "core/process.h"

#include <fcntl.h>
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
#include <new>

#include "core/process_guard.h"
#include "core/text.h"

extern char** environ;

namespace thaw {
namespace {

constexpr Nanos termination_grace = std::chrono::milliseconds(500);
constexpr Nanos output_check_interval = std::chrono::seconds(1);

/// Everything a child needs between fork and exec, prepared before, because a child may only make system calls.
struct ChildPlan {
  const Launch* launch = nullptr;
  std::vector<char*> argv;
  std::vector<char*> envp;
  std::vector<std::string> env_storage;
  cpu_set_t cpus{};
  sigset_t signal_mask{};
  int null_fd = -1;
  int ready_fd = -1;    ///< Written when the child waits at the barrier; -1: no barrier.
  int barrier_fd = -1;  ///< Read until end of file: the start signal.
  pid_t parent = 0;
  volatile int* exec_error = nullptr;  ///< errno of a failed exec; shared with the parent.
};

struct Child {
  pid_t pid = -1;
  FileDescriptor pidfd;
  bool is_reaped = false;
  std::optional<Outcome> stopped_as;
  ProcessReport report;
};

std::vector<std::string> merged_environment(const Command& command) {
  std::vector<std::string> merged;
  const auto is_overridden = [&](std::string_view entry) {
    const std::string_view name = entry.substr(0, entry.find('='));
    return name == "THAW_TOKEN" || std::any_of(command.env.begin(), command.env.end(),
                                               [&](const auto& pair) { return pair.first == name; });
  };
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!is_overridden(*entry)) merged.emplace_back(*entry);
  }
  for (std::size_t i = 0; i < command.env.size(); ++i) {
    const auto& [name, value] = command.env[i];
    const bool is_set_again =
        std::any_of(command.env.begin() + static_cast<std::ptrdiff_t>(i) + 1, command.env.end(),
                    [&name = name](const auto& later) { return later.first == name; });
    if (!is_set_again) merged.push_back(fmt::format("{}={}", name, value));
  }
  merged.push_back(fmt::format("THAW_TOKEN={}", process_token()));
  return merged;
}

ChildPlan plan_child(const Launch& launch, int null_fd, const sigset_t& mask) {
  ChildPlan plan;
  plan.launch = &launch;
  plan.null_fd = null_fd;
  plan.signal_mask = mask;
  plan.parent = ::getpid();
  for (const std::string& word : launch.command.argv) plan.argv.push_back(const_cast<char*>(word.c_str()));
  plan.argv.push_back(nullptr);
  plan.env_storage = merged_environment(launch.command);
  for (std::string& entry : plan.env_storage) plan.envp.push_back(entry.data());
  plan.envp.push_back(nullptr);
  CPU_ZERO(&plan.cpus);
  for (const int cpu : launch.cpus) CPU_SET(static_cast<std::size_t>(cpu), &plan.cpus);
  return plan;
}

/// Runs in the child. Only system calls: with vfork semantics the memory is the parent's.
int child_main(void* argument) {
  const ChildPlan& plan = *static_cast<const ChildPlan*>(argument);
  const Launch& launch = *plan.launch;
  ::setpgid(0, 0);
  // The guard does the same later; this closes the moment between fork and its registration.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != plan.parent) ::_exit(127);
  const std::array<int, 3> streams = {launch.stdin_fd, launch.stdout_fd, launch.stderr_fd};
  for (int target = 0; target < 3; ++target) {
    const int source = streams[static_cast<std::size_t>(target)];
    ::dup2(source >= 0 ? source : plan.null_fd, target);
  }
  if (!launch.cpus.empty()) ::sched_setaffinity(0, sizeof plan.cpus, &plan.cpus);
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (const int number : {SIGINT, SIGTERM, SIGPIPE, SIGHUP, SIGQUIT})
    ::sigaction(number, &standard, nullptr);
  ::sigprocmask(SIG_SETMASK, &plan.signal_mask, nullptr);
  if (plan.barrier_fd >= 0) {
    char byte = 1;
    if (::write(plan.ready_fd, &byte, 1) < 0) ::_exit(127);
    while (::read(plan.barrier_fd, &byte, 1) < 0 && errno == EINTR) {
    }
  }
  ::execvpe(plan.argv[0], plan.argv.data(), plan.envp.data());
  *plan.exec_error = errno;
  ::_exit(errno == ENOENT ? 127 : 126);
}

/// A stack for the one child that borrows our memory; kept for the next run.
void* vfork_stack_top() {
  constexpr std::size_t size = 256 * 1024;
  thread_local void* const base =
      ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  return base == MAP_FAILED ? nullptr : static_cast<char*>(base) + size;
}

tl::unexpected<Error> cannot_create(int error) {
  return fail_at(ErrorKind::environment, fmt::format("a process cannot be created: {}", std::strerror(error)),
                 {}, error == EAGAIN ? "the limit on processes is reached; see ulimit -u" : "");
}

Result<Child> spawn_alone(ChildPlan& plan) {
  Child child;
  int pidfd = -1;
  child.report.started_wall = system_clock().wall();
  child.report.started = system_clock().now();
  child.pid =
      ::clone(child_main, vfork_stack_top(), CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &plan, &pidfd);
  if (child.pid < 0) return cannot_create(errno);
  child.pidfd = FileDescriptor(pidfd);
  return child;
}

Result<Child> spawn_at_barrier(ChildPlan& plan) {
  Child child;
  child.pid = ::fork();
  if (child.pid < 0) return cannot_create(errno);
  if (child.pid == 0) child_main(&plan);
  ::setpgid(child.pid, child.pid);
  child.pidfd = FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, child.pid, 0)));
  return child;
}

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

  std::vector<ProcessReport> wait(std::span<volatile int> exec_errors) {
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
      await_exits(patience);
      if (interrupt_signal().load() != 0 && running() > 0) {
        stop(Outcome::interrupted);
      } else if (captures && output_exceeds_limit()) {
        stop(Outcome::output_limit);
      }
    }
    for (std::size_t i = 0; i < children_.size(); ++i)
      conclude(children_[i], exec_errors[i], known_oom_kills);
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
    timespec time{};
    if (patience) {
      const Nanos left = std::max(*patience, Nanos(0));
      time.tv_sec = left.count() / 1'000'000'000;
      time.tv_nsec = left.count() % 1'000'000'000;
    }
    // The signal mask is the user's own only while we sleep, so no signal is lost between a check and the sleep.
    ::ppoll(waiting.data(), waiting.size(), patience ? &time : nullptr, &mask_);
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
    report.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    report.exit_code = WIFSIGNALED(status) ? 128 + report.signal : WEXITSTATUS(status);
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

  void conclude(Child& child, int exec_error, std::int64_t& known_oom_kills) {
    ProcessReport& report = child.report;
    if (child.stopped_as) {
      report.outcome = *child.stopped_as;
    } else if (exec_error != 0) {
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

/// Errors of exec, one per child, in memory that forked children share with us.
class SharedErrors {
 public:
  explicit SharedErrors(std::size_t count) : size_(std::max<std::size_t>(count, 1) * sizeof(int)) {
    void* page = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    THAW_ASSERT(page != MAP_FAILED, "no memory for {} children", count);
    errors_ = std::span(static_cast<volatile int*>(page), count);
  }
  SharedErrors(const SharedErrors&) = delete;
  SharedErrors& operator=(const SharedErrors&) = delete;
  ~SharedErrors() { ::munmap(const_cast<int*>(errors_.data()), size_); }
  [[nodiscard]] std::span<volatile int> get() const { return errors_; }

 private:
  std::size_t size_;
  std::span<volatile int> errors_;
};

/// Blocks the signals whose handlers must not run while a child borrows our memory; restores on destruction.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &former_);
  }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;
  ~BlockedSignals() { ::pthread_sigmask(SIG_SETMASK, &former_, nullptr); }
  [[nodiscard]] const sigset_t& former() const { return former_; }

 private:
  sigset_t former_{};
};

void abandon(std::span<Child> children) {
  for (const Child& child : children) {
    ::kill(-child.pid, SIGKILL);
    ::waitpid(child.pid, nullptr, 0);
  }
}

/// Forks all children, waits until each stands at the barrier, and lets them go together.
Result<std::vector<Child>> spawn_together(std::span<ChildPlan> plans) {
  std::array<int, 2> ready{}, barrier{};
  if (::pipe2(ready.data(), O_CLOEXEC) != 0 || ::pipe2(barrier.data(), O_CLOEXEC) != 0)
    return cannot_create(errno);
  const FileDescriptor ready_read(ready[0]), ready_write(ready[1]), barrier_read(barrier[0]);
  FileDescriptor barrier_write(barrier[1]);
  std::vector<Child> children;
  for (ChildPlan& plan : plans) {
    plan.ready_fd = ready[1];
    plan.barrier_fd = barrier[0];
    auto child = spawn_at_barrier(plan);
    if (!child) {
      abandon(children);
      return tl::unexpected(std::move(child).error());
    }
    // A later child must not hold the starting end open, or closing it would not start the earlier ones.
    children.push_back(*std::move(child));
  }
  std::size_t arrived = 0;
  for (char byte = 0; arrived < children.size();) {
    const ssize_t n = ::read(ready_read.get(), &byte, 1);
    if (n > 0) ++arrived;
    if (n == 0 || (n < 0 && errno != EINTR)) break;
  }
  const WallTime wall = system_clock().wall();
  const MonotonicTime start = system_clock().now();
  // Bytes instead of end of file: children still hold copies of the writing end until they exec.
  const std::string go(children.size(), 'g');
  const Result<> released = write_all(barrier_write.get(), go, "start barrier");
  if (!released) {
    abandon(children);
    return tl::unexpected(released.error());
  }
  for (Child& child : children) {
    child.report.started = start;
    child.report.started_wall = wall;
  }
  return children;
}

void on_interrupt(int number) {
  int expected = 0;
  if (!interrupt_signal().compare_exchange_strong(expected, number)) ::_exit(128 + number);
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
  static const FileDescriptor null_file(::open("/dev/null", O_RDWR | O_CLOEXEC));
  for (const Launch& launch : launches) {
    if (launch.command.argv.empty() || launch.command.argv.front().empty()) {
      return fail_at(ErrorKind::bad_usage, "the command is empty", {}, "name a program after --");
    }
  }
  const BlockedSignals blocked;
  const SharedErrors errors(launches.size());
  std::vector<ChildPlan> plans;
  for (std::size_t i = 0; i < launches.size(); ++i) {
    plans.push_back(plan_child(launches[i], null_file.get(), blocked.former()));
    plans.back().exec_error = &errors.get()[i];
  }
  std::vector<Child> children;
  if (plans.size() == 1) {
    THAW_TRY(Child child, spawn_alone(plans.front()));
    children.push_back(std::move(child));
  } else {
    THAW_TRY(children, spawn_together(plans));
  }
  return Run(std::move(children), launches, limits, blocked.former()).wait(errors.get());
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

std::atomic<int>& interrupt_signal() {
  static std::atomic<int> signal_number = 0;
  return signal_number;
}

void install_interrupt_handlers() {
  interrupt_signal() = 0;
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

}  // namespace thaw
