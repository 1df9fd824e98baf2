#include "core/spawner.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

#include "core/spawn_request.h"

extern char** environ;

namespace thaw {
namespace {

/// A launch as words: what the child gets, on this side.
struct Prepared {
  std::vector<std::string> variables;
  cpu_set_t cpus{};
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

std::vector<Prepared> prepare(std::span<const Launch> launches) {
  std::vector<Prepared> prepared;
  for (const Launch& launch : launches) {
    Prepared one{merged_environment(launch.command), {}};
    CPU_ZERO(&one.cpus);
    for (const int cpu : launch.cpus) CPU_SET(static_cast<std::size_t>(cpu), &one.cpus);
    prepared.push_back(std::move(one));
  }
  return prepared;
}

tl::unexpected<Error> cannot_create(int error) {
  return fail_at(ErrorKind::environment, fmt::format("a process cannot be created: {}", std::strerror(error)),
                 {}, error == EAGAIN ? "the limit on processes is reached; see ulimit -u" : "");
}

int null_descriptor() {
  static const FileDescriptor null_file(::open("/dev/null", O_RDWR | O_CLOEXEC));
  return null_file.get();
}

std::array<int, 3> descriptors_of(const Launch& launch) {
  const auto or_null = [](int fd) { return fd >= 0 ? fd : null_descriptor(); };
  return {or_null(launch.stdin_fd), or_null(launch.stdout_fd), or_null(launch.stderr_fd)};
}

StartedChild started_child(pid_t pid, const StartTimes& times, const int* exec_error) {
  return {.pid = pid,
          .started = MonotonicTime(Nanos(times.monotonic_ns)),
          .started_wall = WallTime(Nanos(times.wall_ns)),
          .exec_error = exec_error};
}

/// Beside the program, in the installed tree, or in the build tree.
std::optional<Path> find_spawn_program() {
  std::error_code error;
  const Path self = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  for (const char* place : {"thaw-spawn", "../libexec/thaw/thaw-spawn", "../core/thaw-spawn",
                            "../../src/core/thaw-spawn", "../src/core/thaw-spawn"}) {
    if (auto found = find_program((self / place).string())) return found;
  }
  return std::nullopt;
}

/// Forks on a thread of its own that lives as long as this process, and there calls `child_main`, which never returns,
/// in the child. The kernel takes the forking thread, not its process, for the parent of thaw-spawn and of everything
/// it starts, and sends all of them their death signal (PR_SET_PDEATHSIG) when that thread ends.
/// Returns the pid, or -1. REQUIRES: signals are blocked, so that none is delivered to that thread.
template <typename ChildMain>
pid_t fork_for_life(const ChildMain& child_main) {
  std::promise<pid_t> made;
  std::future<pid_t> pid = made.get_future();
  try {
    std::thread([&child_main, made = std::move(made)]() mutable {
      const pid_t child = ::fork();
      if (child == 0) child_main();
      made.set_value(child);
      while (true) ::pause();
    }).detach();
  } catch (const std::system_error&) {
    return -1;  // The limit on processes counts threads too.
  }
  return pid.get();
}

/// The running thaw-spawn of this process.
class SpawnHelper {
 public:
  /// Starts it; null when it is not installed or cannot run.
  static std::unique_ptr<SpawnHelper> start() {
    const auto program = find_spawn_program();
    std::array<int, 2> ends{};
    if (!program || ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) return nullptr;
    FileDescriptor ours(ends[0]);
    const FileDescriptor theirs(ends[1]);
    const auto memory = memory_file("thaw-spawn");
    if (!memory || ::ftruncate(memory->get(), spawn_memory_size) != 0) return nullptr;
    void* const shared =
        ::mmap(nullptr, spawn_memory_size, PROT_READ | PROT_WRITE, MAP_SHARED, memory->get(), 0);
    if (shared == MAP_FAILED) return nullptr;
    const pid_t pid =
        fork_for_life([&, helper = theirs.get()] { exec_helper(*program, helper, memory->get()); });
    if (pid < 0) return nullptr;
    return std::unique_ptr<SpawnHelper>(
        new SpawnHelper(pid, std::move(ours), static_cast<SpawnMemory*>(shared)));
  }

  /// nullopt when the launches do not fit into a request or the helper is gone.
  std::optional<Result<std::vector<StartedChild>>> spawn(std::span<const Launch> launches,
                                                         std::span<const Prepared> prepared,
                                                         const sigset_t& mask) {
    if (!write_request(launches, prepared, mask) || !exchange(launches)) return std::nullopt;
    if (memory_->error != 0) return cannot_create(memory_->error);
    std::vector<StartedChild> started;
    for (std::size_t i = 0; i < launches.size(); ++i) {
      const SpawnChild& child = memory_->children[memory_->first + i];
      started.push_back(started_child(child.pid, memory_->times, &child.exec_error));
    }
    return started;
  }

 private:
  SpawnHelper(pid_t pid, FileDescriptor socket, SpawnMemory* memory)
      : pid_(pid), socket_(std::move(socket)), memory_(memory), owner_(::getpid()) {}

  [[noreturn]] static void exec_helper(const Path& program, int socket, int memory) {
    // Copies above the targets first, so that neither overwrites the other.
    const int high_socket = ::fcntl(socket, F_DUPFD_CLOEXEC, 10);
    const int high_memory = ::fcntl(memory, F_DUPFD_CLOEXEC, 10);
    ::dup2(high_socket, spawn_socket_fd);
    ::dup2(high_memory, spawn_memory_fd);
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; fd < 3; ++fd) ::dup2(null, fd);
    ::execl(program.c_str(), "thaw-spawn", nullptr);
    ::_exit(127);
  }

  bool write_request(std::span<const Launch> launches, std::span<const Prepared> prepared,
                     const sigset_t& mask) {
    if (launches.size() > most_spawned_together) return false;
    std::size_t used = 0;
    const auto add = [&](const std::string& word) {
      if (used + word.size() + 1 > spawn_text_room) return false;
      std::memcpy(text_of(*memory_) + used, word.c_str(), word.size() + 1);
      used += word.size() + 1;
      return true;
    };
    // Programs are looked for where this process says, even if that changed since the helper started.
    const char* const path = ::getenv("PATH");
    if (!add(path == nullptr ? std::string() : std::string("PATH=") + path)) return false;
    // A single child's place is not used again soon: another thread may still want to know how its exec went.
    const bool is_single = launches.size() == 1;
    memory_->first = is_single ? ++requests_ % most_spawned_together : 0;
    memory_->count = static_cast<int32_t>(launches.size());
    memory_->parent = owner_;
    memory_->signal_mask = mask;
    for (std::size_t i = 0; i < launches.size(); ++i) {
      const Argv& argv = launches[i].command.argv;
      SpawnChild& child = memory_->children[memory_->first + i];
      child = {.text_begin = static_cast<uint32_t>(used),
               .argument_count = static_cast<uint32_t>(argv.size()),
               .variable_count = static_cast<uint32_t>(prepared[i].variables.size()),
               .is_pinned = launches[i].cpus.empty() ? 0U : 1U,
               .cpus = prepared[i].cpus};
      if (!std::all_of(argv.begin(), argv.end(), add)) return false;
      if (!std::all_of(prepared[i].variables.begin(), prepared[i].variables.end(), add)) return false;
    }
    return true;
  }

  /// Sends the descriptors, which starts the children, and waits for the answer.
  bool exchange(std::span<const Launch> launches) {
    std::vector<int> fds;
    for (const Launch& launch : launches) {
      for (const int fd : descriptors_of(launch)) fds.push_back(fd);
    }
    const std::size_t bytes = fds.size() * sizeof(int);
    std::vector<std::max_align_t> control(CMSG_SPACE(bytes) / sizeof(std::max_align_t) + 1);
    char byte = 's';
    iovec part{&byte, 1};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(bytes);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(bytes);
    std::memcpy(CMSG_DATA(header), fds.data(), bytes);
    if (::sendmsg(socket_.get(), &message, MSG_NOSIGNAL) != 1) return false;
    return ::read(socket_.get(), &byte, 1) == 1;
  }

  pid_t pid_;
  FileDescriptor socket_;
  SpawnMemory* memory_;
  pid_t owner_;
  uint32_t requests_ = 0;
};

/// Without the helper: the children's peak of memory then shows at least our own.
Result<std::vector<StartedChild>> start_directly(std::span<const Launch> launches,
                                                 std::span<const Prepared> prepared, const sigset_t& mask) {
  struct Words {
    std::vector<char*> argv, envp;
  };
  std::vector<Words> words(launches.size());
  std::vector<ChildSpec> specs(launches.size());
  const std::size_t size = launches.size() * sizeof(int);
  // Forked children report a failed exec through memory that is really shared; it is small and rarely needed.
  void* const shared = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return cannot_create(errno);
  thread_local std::unique_ptr<int, std::function<void(int*)>> errors;
  errors = {static_cast<int*>(shared), [size](int* memory) { ::munmap(memory, size); }};
  for (std::size_t i = 0; i < launches.size(); ++i) {
    for (const std::string& word : launches[i].command.argv)
      words[i].argv.push_back(const_cast<char*>(word.c_str()));
    for (const std::string& word : prepared[i].variables)
      words[i].envp.push_back(const_cast<char*>(word.c_str()));
    words[i].argv.push_back(nullptr);
    words[i].envp.push_back(nullptr);
    ChildSpec& spec = specs[i];
    spec.argv = words[i].argv.data();
    spec.envp = words[i].envp.data();
    const auto fds = descriptors_of(launches[i]);
    std::copy(fds.begin(), fds.end(), spec.fds);
    spec.cpus = launches[i].cpus.empty() ? nullptr : &prepared[i].cpus;
    spec.signal_mask = mask;
    spec.parent = ::getpid();
    spec.exec_error = errors.get() + i;
  }
  StartTimes times;
  std::vector<pid_t> pids(launches.size());
  if (launches.size() == 1) {
    pids[0] = start_alone(specs[0], 0, times);
    if (pids[0] < 0) return cannot_create(-pids[0]);
  } else if (const int error = start_together(specs, 0, pids, times); error != 0) {
    return cannot_create(-error);
  }
  std::vector<StartedChild> started;
  for (std::size_t i = 0; i < pids.size(); ++i)
    started.push_back(started_child(pids[i], times, errors.get() + i));
  return started;
}

}  // namespace

Result<std::vector<StartedChild>> start_children(std::span<const Launch> launches,
                                                 const sigset_t& user_mask) {
  static std::mutex mutex;
  static std::unique_ptr<SpawnHelper> helper;
  static pid_t tried_by = 0;
  const std::vector<Prepared> prepared = prepare(launches);
  const std::lock_guard lock(mutex);
  // A process forked from this one (a test, say) needs a helper of its own.
  if (tried_by != ::getpid()) {
    tried_by = ::getpid();
    helper = SpawnHelper::start();
  }
  if (helper) {
    if (auto started = helper->spawn(launches, prepared, user_mask)) return *std::move(started);
  }
  return start_directly(launches, prepared, user_mask);
}

}  // namespace thaw
