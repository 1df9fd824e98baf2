// What it costs to start children by a second, small process, as thaw-spawn does, beside starting them directly: a loop
// of vfork, exec and wait4, nothing else. Usage: handover [CHILDREN]; ways take turns in ten rounds, medians are printed.

#include <fmt/core.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <vector>

#include "core/clock.h"
#include "core/units.h"

namespace {

alignas(std::max_align_t) std::array<std::byte, 64UL * 1024> stack;
cpu_set_t all_processors;

int run_true(void*) {
  // Whoever starts children may be held on one processor; they are not.
  ::sched_setaffinity(0, sizeof all_processors, &all_processors);
  char name[] = "/bin/true";
  char* const words[] = {name, nullptr};
  ::execv(name, words);
  return 127;
}

pid_t start_child(int flags) {
  return ::clone(run_true, stack.data() + stack.size(), CLONE_VM | CLONE_VFORK | SIGCHLD | flags, nullptr);
}

void hold_here() {
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(static_cast<std::size_t>(::sched_getcpu()), &only);
  ::sched_setaffinity(0, sizeof only, &only);
}

/// A process that starts one child of ours for each byte and answers when it has executed its program.
class Starter {
 public:
  explicit Starter(bool is_held) {
    void* const shared =
        ::mmap(nullptr, sizeof(pid_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    std::array<int, 2> ends{};
    if (shared == MAP_FAILED || ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
      std::exit(1);
    child_ = static_cast<pid_t*>(shared);
    if (is_held) hold_here();
    process_ = ::fork();
    if (process_ != 0) {
      socket_ = ends[0];
      ::close(ends[1]);
      return;
    }
    ::close(ends[0]);
    for (char byte = 0; ::read(ends[1], &byte, 1) == 1;) {
      *child_ = start_child(CLONE_PARENT);
      if (::write(ends[1], &byte, 1) != 1) break;
    }
    ::_exit(0);
  }
  ~Starter() {
    ::close(socket_);
    ::waitpid(process_, nullptr, 0);
    ::munmap(child_, sizeof(pid_t));
    ::sched_setaffinity(0, sizeof all_processors, &all_processors);
  }
  Starter(const Starter&) = delete;
  Starter& operator=(const Starter&) = delete;

  [[nodiscard]] pid_t start() const {
    char byte = 's';
    if (::write(socket_, &byte, 1) != 1 || ::read(socket_, &byte, 1) != 1) return -1;
    return *child_;
  }

 private:
  pid_t* child_;
  pid_t process_;
  int socket_;
};

/// µs per child, its end included.
template <typename Start>
double time_children(int count, const Start& start) {
  const thaw::MonotonicTime begin = thaw::system_clock().now();
  for (int i = 0; i < count; ++i) {
    const pid_t child = start();
    rusage usage{};
    if (child < 0 || ::wait4(child, nullptr, 0, &usage) != child) std::exit(1);
  }
  return thaw::to_seconds(thaw::system_clock().now() - begin) * 1e6 / count;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::max(1, std::atoi(argv[1])) : 300;
  ::sched_getaffinity(0, sizeof all_processors, &all_processors);
  std::vector<double> direct, by_other, held;
  for (int round = 0; round < 10; ++round) {
    direct.push_back(time_children(count, [] { return start_child(0); }));
    for (const bool is_held : {false, true}) {
      const Starter starter(is_held);
      (is_held ? held : by_other).push_back(time_children(count, [&] { return starter.start(); }));
    }
  }
  fmt::print("directly {:.0f} us a child, by a second process {:.0f}, both held on one processor {:.0f}\n",
             median(direct), median(by_other), median(held));
}
