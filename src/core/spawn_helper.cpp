#include "core/spawn_helper.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <system_error>

#include "core/launch_setup.h"
#include "core/spawn_request.h"

namespace thaw {
namespace {

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

/// What thaw-spawn is started from.
struct SpawnStart {
  Path program;
  FileDescriptor socket;
  FileDescriptor memory;
  std::optional<cpu_set_t> cpus;  ///< Where it may run.

  /// The pid, or -1. The child borrows our memory until it executes the program.
  [[nodiscard]] pid_t start() const {
    alignas(std::max_align_t) std::array<std::byte, 64UL * 1024> stack;
    const auto run = [](void* from) -> int { static_cast<const SpawnStart*>(from)->execute(); };
    return ::clone(run, stack.data() + stack.size(), CLONE_VM | CLONE_VFORK | SIGCHLD,
                   const_cast<SpawnStart*>(this));
  }

 private:
  [[noreturn]] void execute() const {
    if (cpus) ::sched_setaffinity(0, sizeof *cpus, &*cpus);
    // Copies above the targets first, so that neither overwrites the other.
    const int high_socket = ::fcntl(socket.get(), F_DUPFD_CLOEXEC, 10);
    const int high_memory = ::fcntl(memory.get(), F_DUPFD_CLOEXEC, 10);
    ::dup2(high_socket, spawn_socket_fd);
    ::dup2(high_memory, spawn_memory_fd);
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; fd < 3; ++fd) ::dup2(null, fd);
    ::execl(program.c_str(), "thaw-spawn", nullptr);
    ::_exit(127);
  }
};

}  // namespace

StartedChild started_child(pid_t pid, const StartTimes& times, const int* exec_error) {
  return {.pid = pid,
          .started = MonotonicTime(Nanos(times.monotonic_ns)),
          .started_wall = WallTime(Nanos(times.wall_ns)),
          .exec_error = exec_error};
}

SpawnHelper::SpawnHelper(LaunchThread thread, std::future<pid_t> starting, FileDescriptor socket,
                         SpawnMemory* memory)
    : thread_(std::move(thread)),
      starting_(std::move(starting)),
      socket_(std::move(socket)),
      memory_(memory),
      owner_(::getpid()) {}

std::unique_ptr<SpawnHelper> SpawnHelper::start(const ProcessorHold& place) {
  auto program = find_spawn_program();
  std::array<int, 2> ends{};
  if (!program || ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) return nullptr;
  FileDescriptor ours(ends[0]), theirs(ends[1]);
  auto memory = memory_file("thaw-spawn");
  if (!memory || ::ftruncate(memory->get(), spawn_memory_size) != 0) return nullptr;
  void* const shared =
      ::mmap(nullptr, spawn_memory_size, PROT_READ | PROT_WRITE, MAP_SHARED, memory->get(), 0);
  if (shared == MAP_FAILED) return nullptr;
  auto start = std::make_shared<SpawnStart>(
      SpawnStart{*std::move(program), std::move(theirs), *std::move(memory), place.allowed()});
  auto made = std::make_shared<std::promise<pid_t>>();
  std::future<pid_t> pid = made->get_future();
  // Nobody else keeps the start: only thaw-spawn holds its end of the socket, so that we see when it ends.
  auto birth = [start = std::move(start), made = std::move(made)]() mutable {
    made->set_value(start->start());
    start.reset();
  };
  try {
    LaunchThread thread(std::move(birth), place);
    return std::unique_ptr<SpawnHelper>(new SpawnHelper(std::move(thread), std::move(pid), std::move(ours),
                                                        static_cast<SpawnMemory*>(shared)));
  } catch (const std::system_error&) {
    ::munmap(shared, spawn_memory_size);
    return nullptr;  // The limit on processes counts threads too.
  }
}

std::optional<Result<std::vector<StartedChild>>> SpawnHelper::spawn(std::span<const Launch> launches,
                                                                    const sigset_t& mask,
                                                                    const ProcessorHold& place) {
  if (starting_.valid()) pid_ = starting_.get();
  if (pid_ < 0) return std::nullopt;
  take_along(place);
  if (!write_request(launches, mask, place) || !exchange(launches)) return std::nullopt;
  if (memory_->error != 0) return cannot_create(memory_->error);
  std::vector<StartedChild> started;
  for (std::size_t i = 0; i < launches.size(); ++i) {
    const SpawnChild& child = memory_->children[memory_->first + i];
    started.push_back(started_child(child.pid, memory_->times, &child.exec_error));
  }
  return started;
}

/// Moves the sleeping thaw-spawn to where the requester runs, so that it wakes up there.
void SpawnHelper::take_along(const ProcessorHold& place) {
  if (!place.held() || CPU_EQUAL(&*place.held(), &cpus_)) return;
  if (::sched_setaffinity(pid_, sizeof cpus_, &*place.held()) == 0) cpus_ = *place.held();
}

/// Entries of our environment are never written over in place, so the same pointers are the same variables.
void SpawnHelper::prepare_environment(const Command& command) {
  std::size_t entries = 0;
  while (environ[entries] != nullptr) ++entries;
  if (environment_.count > 0 && environment_.own == command.env &&
      std::equal(environ, environ + entries, environment_.inherited.begin(), environment_.inherited.end())) {
    return;
  }
  environment_ = {.inherited = {environ, environ + entries}, .own = command.env};
  each_variable(command, [&](std::string_view entry) {
    environment_.text.append(entry).push_back('\0');
    ++environment_.count;
    return true;
  });
}

bool SpawnHelper::write_request(std::span<const Launch> launches, const sigset_t& mask,
                                const ProcessorHold& place) {
  if (launches.size() > most_spawned_together) return false;
  std::size_t used = 0;
  const auto add = [&](std::string_view word) {
    if (used + word.size() + 1 > spawn_text_room) return false;
    char* const end = std::copy(word.begin(), word.end(), text_of(*memory_) + used);
    *end = '\0';
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
    const Command& command = launches[i].command;
    const auto cpus = cpus_of(launches[i], place);
    SpawnChild& child = memory_->children[memory_->first + i];
    child = {.text_begin = static_cast<uint32_t>(used),
             .argument_count = static_cast<uint32_t>(command.argv.size()),
             .variable_count = 0,
             .has_cpus = cpus ? 1U : 0U,
             .cpus = cpus.value_or(cpu_set_t{})};
    if (!std::all_of(command.argv.begin(), command.argv.end(), add)) return false;
    prepare_environment(command);
    child.variable_count = environment_.count;
    if (used + environment_.text.size() > spawn_text_room) return false;
    std::copy(environment_.text.begin(), environment_.text.end(), text_of(*memory_) + used);
    used += environment_.text.size();
  }
  return true;
}

/// Sends the descriptors, which starts the children, and waits for the answer.
bool SpawnHelper::exchange(std::span<const Launch> launches) {
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

}  // namespace thaw
