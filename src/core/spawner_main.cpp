// thaw-spawn: starts children for its parent, so that they begin in a small process; see core/spawner.h. Static and
// without allocation: its size is the least that a child's peak of memory can be.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/spawn_request.h"

namespace {

using thaw::SpawnChild;
using thaw::SpawnMemory;

constexpr std::size_t most_words = 1UL << 18;
char* words[most_words];  // Only the part in use takes memory.
thaw::ChildSpec specs[thaw::most_spawned_together];
pid_t pids[thaw::most_spawned_together];
int received[3 * thaw::most_spawned_together];

/// Waits for a request; false when the parent has gone.
bool receive_request() {
  alignas(cmsghdr) static char control[CMSG_SPACE(sizeof received)];
  char byte = 0;
  iovec part{&byte, 1};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t n = 0;
  do {
    n = ::recvmsg(thaw::spawn_socket_fd, &message, MSG_CMSG_CLOEXEC);
  } while (n < 0 && errno == EINTR);
  if (n <= 0) return false;
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS) return false;
  std::memcpy(received, CMSG_DATA(header), header->cmsg_len - CMSG_LEN(0));
  return true;
}

/// Makes the requester's PATH ours: exec looks there.
void take_search_path(SpawnMemory& memory) {
  static char* variables[2];
  char* const path = thaw::text_of(memory);
  variables[0] = *path == '\0' ? nullptr : path;
  ::environ = variables;
}

/// Points `words` at the texts of all children. Returns E2BIG when there are too many.
int lay_out(SpawnMemory& memory) {
  std::size_t next = 0;
  for (int i = 0; i < memory.count; ++i) {
    SpawnChild& child = memory.children[memory.first + static_cast<uint32_t>(i)];
    thaw::ChildSpec& spec = specs[i];
    if (next + child.argument_count + child.variable_count + 2 > most_words) return E2BIG;
    char* text = thaw::text_of(memory) + child.text_begin;
    const auto point = [&](uint32_t count) {
      char* const* const begin = words + next;
      for (uint32_t k = 0; k < count; ++k, text += std::strlen(text) + 1) words[next++] = text;
      words[next++] = nullptr;
      return begin;
    };
    spec.argv = point(child.argument_count);
    spec.envp = point(child.variable_count);
    for (int k = 0; k < 3; ++k) spec.fds[k] = received[3 * i + k];
    spec.cpus = child.has_cpus != 0 ? &child.cpus : nullptr;
    spec.signal_mask = memory.signal_mask;
    spec.parent = memory.parent;
    spec.exec_error = &child.exec_error;
    spec.ready_fd = spec.barrier_fd = -1;
  }
  return 0;
}

int start(SpawnMemory& memory) {
  if (const int error = lay_out(memory); error != 0) return error;
  take_search_path(memory);
  const auto count = static_cast<std::size_t>(memory.count);
  if (count == 1) {
    const pid_t pid = thaw::start_alone(specs[0], CLONE_PARENT, memory.times);
    memory.children[memory.first].pid = pid;
    return pid < 0 ? -pid : 0;
  }
  const int error = thaw::start_together({specs, count}, CLONE_PARENT, {pids, count}, memory.times);
  for (std::size_t i = 0; i < count; ++i) memory.children[memory.first + i].pid = pids[i];
  return -error;
}

}  // namespace

// It ends with its socket, that is with the process that started it. A signal at the parent's death would come as soon as
// the thread that happened to start it ends.
int main() {
  sigset_t all;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
  thaw::reset_signals();  // Once, for all children.
  void* const shared =
      ::mmap(nullptr, thaw::spawn_memory_size, PROT_READ | PROT_WRITE, MAP_SHARED, thaw::spawn_memory_fd, 0);
  if (shared == MAP_FAILED) return 1;
  // Not for the children.
  ::close(thaw::spawn_memory_fd);
  ::fcntl(thaw::spawn_socket_fd, F_SETFD, FD_CLOEXEC);
  auto& memory = *static_cast<SpawnMemory*>(shared);
  while (receive_request()) {
    memory.error = start(memory);
    for (int i = 0; i < 3 * memory.count; ++i) ::close(received[i]);
    if (::write(thaw::spawn_socket_fd, "s", 1) != 1) return 1;
  }
  return 0;
}
