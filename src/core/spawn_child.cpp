#include "core/spawn_child.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>

namespace thaw {
namespace {

/// The child's whole life before exec. With vfork semantics the memory is the parent's.
int child_main(void* argument) {
  const ChildSpec& spec = *static_cast<const ChildSpec*>(argument);
  ::setpgid(0, 0);
  // The guard ends a dead parent's children too; this closes the moment between fork and its knowing of them.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != spec.parent) ::_exit(127);
  for (int target = 0; target < 3; ++target) ::dup2(spec.fds[target], target);
  if (spec.cpus != nullptr) ::sched_setaffinity(0, sizeof *spec.cpus, spec.cpus);
  if (spec.resets_signals) reset_signals();
  ::sigprocmask(SIG_SETMASK, &spec.signal_mask, nullptr);
  if (spec.barrier_fd >= 0) {
    char byte = 1;
    if (::write(spec.ready_fd, &byte, 1) < 0) ::_exit(127);
    while (::read(spec.barrier_fd, &byte, 1) < 0 && errno == EINTR) {
    }
  }
  ::execvpe(spec.argv[0], spec.argv, spec.envp);
  *spec.exec_error = errno;
  ::_exit(errno == ENOENT ? 127 : 126);
}

int64_t now_ns(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

StartTimes times_now() {
  return {.monotonic_ns = now_ns(CLOCK_MONOTONIC), .wall_ns = now_ns(CLOCK_REALTIME)};
}

/// A stack for the one child that borrows our memory; kept for the next one.
void* borrowed_stack_top() {
  constexpr std::size_t size = 256 * 1024;
  thread_local void* const base =
      ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  return base == MAP_FAILED ? nullptr : static_cast<char*>(base) + size;
}

/// fork, with more flags: the system call itself, since the library's fork takes none.
pid_t fork_with(int flags) { return static_cast<pid_t>(::syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0)); }

void abandon(std::span<const pid_t> pids) {
  for (const pid_t pid : pids) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
}

bool transfer(int fd, std::size_t count, bool is_writing) {
  while (count > 0) {
    char bytes[64] = {};
    const std::size_t part = count < sizeof bytes ? count : sizeof bytes;
    const ssize_t n = is_writing ? ::write(fd, bytes, part) : ::read(fd, bytes, part);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    count -= static_cast<std::size_t>(n);
  }
  return true;
}

}  // namespace

void reset_signals() {
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (const int number : {SIGINT, SIGTERM, SIGPIPE, SIGHUP, SIGQUIT, SIGXFSZ})
    ::sigaction(number, &standard, nullptr);
}

pid_t start_alone(ChildSpec& spec, int flags, StartTimes& times) {
  void* const stack = borrowed_stack_top();
  times = times_now();
  const pid_t pid = ::clone(child_main, stack, CLONE_VM | CLONE_VFORK | SIGCHLD | flags, &spec);
  return pid < 0 ? -errno : pid;
}

int start_together(std::span<ChildSpec> specs, int flags, std::span<pid_t> pids, StartTimes& times) {
  int ready[2] = {-1, -1};
  int barrier[2] = {-1, -1};
  if (::pipe2(ready, O_CLOEXEC) != 0 || ::pipe2(barrier, O_CLOEXEC) != 0) return -errno;
  std::size_t made = 0;
  int error = 0;
  for (; made < specs.size() && error == 0; ++made) {
    specs[made].ready_fd = ready[1];
    specs[made].barrier_fd = barrier[0];
    const pid_t pid = fork_with(flags);
    if (pid == 0) child_main(&specs[made]);
    if (pid < 0) {
      error = errno;
      break;
    }
    ::setpgid(pid, pid);
    pids[made] = pid;
  }
  if (error == 0 && !transfer(ready[0], specs.size(), false)) error = EPIPE;
  times = times_now();
  // One byte for each child instead of end of file: they hold copies of the writing end until they exec.
  if (error == 0 && !transfer(barrier[1], specs.size(), true)) error = EPIPE;
  if (error != 0) abandon(pids.first(made));
  for (const int fd : {ready[0], ready[1], barrier[0], barrier[1]}) ::close(fd);
  return -error;
}

}  // namespace thaw
