#pragma once
// What this program and thaw-spawn tell each other, through one shared page range and one socket. A request lies in
// the memory; its descriptors (three for each child) come with a byte on the socket; the answer lies in the memory
// when a byte comes back.

#include <sched.h>
#include <signal.h>
#include <sys/types.h>

#include <cstdint>

#include "core/spawn_child.h"

namespace thaw {

inline constexpr int most_spawned_together =
    64;  ///< 3 × 64 descriptors fit into one message of the kernel's 253.
inline constexpr std::size_t spawn_memory_size = 1UL << 20;
inline constexpr int spawn_socket_fd = 3;
inline constexpr int spawn_memory_fd = 4;

/// One child in a request: its words follow one another in the text, each ended by NUL, arguments before variables.
struct SpawnChild {
  uint32_t text_begin;
  uint32_t argument_count;
  uint32_t variable_count;
  uint32_t has_cpus;  ///< 0: it gets those of thaw-spawn.
  cpu_set_t cpus;
  pid_t pid;           ///< Answer.
  int32_t exec_error;  ///< Answer, valid when the child has ended.
};

struct SpawnMemory {
  uint32_t first;  ///< The request's children begin here.
  int32_t count;
  pid_t parent;
  sigset_t signal_mask;
  int32_t error;  ///< Answer: 0 or errno; no child is left when it is not 0.
  StartTimes times;
  SpawnChild children[most_spawned_together];
};

/// Behind the rest: our PATH as "PATH=…" (empty when it is not set), then the words of all children.
inline char* text_of(SpawnMemory& memory) { return reinterpret_cast<char*>(&memory + 1); }
inline constexpr std::size_t spawn_text_room = spawn_memory_size - sizeof(SpawnMemory);

}  // namespace thaw
