#pragma once
// One sandbox, as a pool and its policies see it.

#include <cstdint>

#include "core/units.h"
#include "keepalive/policy.h"

namespace thaw {

/// One sandbox, one cache line.
struct alignas(64) Container {
  Instant busy_until{};        ///< End of its execution; `unknown_end` while a driver cannot know it.
  Instant started_at{};        ///< Begin of its last execution, or of its life.
  Nanos keep_alive{};          ///< How long it stays once idle.
  double priority = 0;         ///< The policy's own figure.
  std::uint64_t last_use = 0;  ///< Serial number of its last use: a total order of uses.
  FunctionId function = no_function;
  std::uint32_t uses = 0;            ///< Executions started in it.
  ContainerId next = no_container;   ///< Below it on the idle stack; RunningContainers' own while it runs.
  ContainerId other = no_container;  ///< Above it on the idle stack; RunningContainers' own while it runs.
  std::uint32_t generation = 0;      ///< Of the slot: tells its container from earlier ones.
  bool exists = false;
  bool is_stacked = false;    ///< On the idle stack of its function.
  bool is_watched = false;    ///< The policy wants to hear when it is idle.
  bool is_prewarmed = false;  ///< Started ahead of time and not used yet.
};
static_assert(sizeof(Container) == 64);

}  // namespace thaw
