#pragma once
// Who wants to see a simulation step by step: log writers and tests. A model with no observer pays nothing.

#include <span>
#include <string_view>

#include "record/container_event.h"
#include "trace/trace.h"

namespace thaw {

enum class Served { warm, cold, dropped };

/// A container that an eviction took, as logs print it.
struct EvictedContainer {
  FunctionIndex function = 0;
  double priority = 0;
};

/// Told of everything that happens, in simulated order. Times in ms, memory in MB.
class SimulationObserver {
 public:
  virtual ~SimulationObserver() = default;
  /// Each invocation, once.
  virtual void on_invocation(double time_ms, FunctionIndex function, Served served) = 0;
  /// Each change of the memory in use. `reason` is the model's word: "Add", "TTL-purge", "HIST-TTL-purge",
  /// "HIST-prewarm", "Pre-eviction", "Post-eviction".
  virtual void on_memory(double time_ms, std::string_view reason, double used_mb, double size_mb,
                         std::span<const EvictedContainer> victims) = 0;
  /// After each served invocation: memory in use, and the part of it that is running.
  virtual void on_served(double time_ms, double used_mb, double running_mb) = 0;
  /// What happens to single containers, and drops, with the function in place of its name. The model `clean` only.
  virtual void on_container(FunctionIndex /*function*/, const ContainerEvent& /*event*/) {}
};

}  // namespace thaw
