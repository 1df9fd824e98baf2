#pragma once
// Limits on the memory and the processors of processes, by the kernel's control groups (version 1 or 2, whichever has the
// controller).

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/files.h"
#include "core/units.h"

namespace thaw {

struct GroupLimits {
  std::optional<Bytes> memory;  ///< Beyond it the kernel ends a process.
  double cpus = 0;              ///< Processor time per time; 0: no limit.
  [[nodiscard]] bool is_empty() const { return !memory && cpus == 0; }
};

/// One group with limits. Its destructor removes it; what is left in it must have ended by then.
class ControlGroup {
 public:
  /// Errors: environment when this machine or this user may not make groups.
  static Result<ControlGroup> create(const std::string& gateway_id, std::uint64_t instance,
                                     const GroupLimits& limits);
  ControlGroup(ControlGroup&&) noexcept = default;
  ControlGroup& operator=(ControlGroup&&) = delete;
  ControlGroup(const ControlGroup&) = delete;
  ControlGroup& operator=(const ControlGroup&) = delete;
  ~ControlGroup();

  /// What the process takes from now on counts. Errors: environment.
  Result<> add(pid_t process) const;
  /// Whether the kernel has ended a process because of the limit on memory.
  [[nodiscard]] bool was_memory_exceeded() const;

 private:
  ControlGroup() = default;
  std::vector<Path> folders_;  ///< One in each hierarchy; a moved-from group has none.
};

/// Removes the empty groups of gateways that no longer run.
void remove_left_behind_groups(const std::function<bool(std::string_view)>& is_alive);

}  // namespace thaw
