#include "core/lasting_child.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>

#include "core/process_guard.h"
#include "core/spawner.h"
#include "core/text.h"

namespace thaw {
namespace {

struct Start {
  const Launch* launch = nullptr;
  Result<pid_t> child = 0;
  bool is_done = false;
};

Result<pid_t> start_one(const Launch& launch) {
  sigset_t all;
  ::sigfillset(&all);
  sigset_t none;
  ::sigemptyset(&none);
  sigset_t before;
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const auto started = start_children({&launch, 1}, none, ProcessorHold(false));
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (!started) return tl::unexpected(started.error());
  const StartedChild& child = started->front();
  if (const int code = *child.exec_error; code != 0) {
    ::waitpid(child.pid, nullptr, 0);
    return fail_at(
        ErrorKind::environment,
        fmt::format("\"{}\" cannot be executed: {}", launch.command.argv.front(), std::strerror(code)), {},
        code == ENOENT ? "check the spelling and the PATH" : "");
  }
  return child.pid;
}

/// The thread that starts all lasting children. It lives as long as the program.
class Starter {
 public:
  static Starter& instance() {
    // Never destroyed: its thread waits on it until the end.
    static auto* const starter = new Starter;
    return *starter;
  }

  Result<pid_t> start(const Launch& launch) {
    Start request{.launch = &launch};
    std::unique_lock lock(mutex_);
    waiting_.push_back(&request);
    changed_.notify_all();
    changed_.wait(lock, [&] { return request.is_done; });
    return std::move(request.child);
  }

 private:
  Starter() {
    std::thread([this] { run(); }).detach();
  }

  [[noreturn]] void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] { return !waiting_.empty(); });
      Start& request = *waiting_.front();
      waiting_.pop_front();
      lock.unlock();
      Result<pid_t> child = start_one(*request.launch);
      lock.lock();
      request.child = std::move(child);
      request.is_done = true;
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Start*> waiting_;
};

std::string describe(int status) {
  if (WIFSIGNALED(status)) return fmt::format("killed by signal {}", WTERMSIG(status));
  return fmt::format("exit code {}", WEXITSTATUS(status));
}

}  // namespace

LastingChild::LastingChild(pid_t pid, FileDescriptor descriptor)
    : pid_(pid), descriptor_(std::move(descriptor)) {}

LastingChild::LastingChild(LastingChild&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      descriptor_(std::move(other.descriptor_)),
      end_(std::move(other.end_)) {}

LastingChild::~LastingChild() {
  if (pid_ > 0) stop(Nanos::zero());
}

Result<LastingChild> LastingChild::start(const Launch& launch) {
  THAW_TRY(const pid_t pid, Starter::instance().start(launch));
  guard_group(pid);
  LastingChild child(pid, watch_process(pid));
  if (child.descriptor() < 0) {
    return fail(ErrorKind::environment, "a process cannot be watched: {}", std::strerror(errno));
  }
  return child;
}

void LastingChild::signal(int number) const {
  if (pid_ > 0) ::kill(-pid_, number);
}

std::optional<std::string> LastingChild::ended() {
  if (pid_ < 0) return end_;
  int status = 0;
  const pid_t waited = ::waitpid(pid_, &status, WNOHANG);
  if (waited == 0) return std::nullopt;
  end_ = waited == pid_ ? describe(status) : "ended";
  // Whatever else is left in its group has lost its leader.
  ::kill(-pid_, SIGKILL);
  release_group(pid_);
  pid_ = -1;
  return end_;
}

void LastingChild::stop(Nanos grace) {
  if (ended()) return;
  if (grace > Nanos::zero()) {
    signal(SIGTERM);
    pollfd watched{descriptor_.get(), POLLIN, 0};
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(grace).count();
    ::poll(&watched, 1, static_cast<int>(ms));
    if (ended()) return;
  }
  signal(SIGKILL);
  pollfd watched{descriptor_.get(), POLLIN, 0};
  while (!ended()) ::poll(&watched, 1, 1000);
}

FileDescriptor watch_process(pid_t pid) {
  return FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

std::optional<std::uint64_t> process_start_ticks(pid_t pid) {
  const auto text = read_file_if_any(fmt::format("/proc/{}/stat", pid));
  if (!text) return std::nullopt;
  // The name in brackets may hold blanks and brackets itself: what follows the last bracket is field 3 on.
  const std::size_t end = text->rfind(')');
  if (end == std::string::npos) return std::nullopt;
  const auto fields = split_fields(std::string_view(*text).substr(end + 1));
  if (fields.size() < 20 || fields[0] == "Z") return std::nullopt;
  const auto ticks = parse_integer(fields[19]);
  return ticks ? std::optional(static_cast<std::uint64_t>(*ticks)) : std::nullopt;
}

bool kill_left_behind(pid_t pid, std::uint64_t start_ticks) {
  if (pid <= 1 || process_start_ticks(pid) != start_ticks) return false;
  ::kill(-pid, SIGKILL);
  return ::kill(pid, SIGKILL) == 0;
}

}  // namespace thaw
