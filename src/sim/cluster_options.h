#pragma once
// What servers a simulation has beyond one with unlimited cores.

#include <cstdint>
#include <optional>
#include <string>

#include "core/units.h"

namespace thaw {

/// What there is besides a point, whose memory is that of each server.
struct ClusterOptions {
  std::uint32_t servers = 1;
  std::string route = "hash";
  std::uint32_t cores = 0;             ///< Of each server; 0: unlimited, nobody waits for one.
  std::optional<std::uint32_t> queue;  ///< So many may wait at a server; without a value any number.
  std::optional<Nanos> longest_wait;   ///< Whoever has waited longer is dropped.
  bool waits_for_memory = false;  ///< Wait for running containers that leave no room, rather than be dropped.
};

}  // namespace thaw
