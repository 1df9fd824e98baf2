#pragma once
// A limit on the memory of processes, by the kernel's control groups (version 1 or 2, whichever has the memory).

#include <sys/types.h>

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "core/files.h"
#include "core/units.h"

namespace thaw {

/// One group with a limit. Its destructor removes it; what is left in it must have ended by then.
class MemoryLimit {
 public:
  /// Errors: environment when this machine or this user may not make groups.
  static Result<MemoryLimit> create(const std::string& gateway_id, std::uint64_t instance, Bytes most);
  MemoryLimit(MemoryLimit&& other) noexcept : folder_(std::exchange(other.folder_, {})) {}
  MemoryLimit& operator=(MemoryLimit&&) = delete;
  MemoryLimit(const MemoryLimit&) = delete;
  MemoryLimit& operator=(const MemoryLimit&) = delete;
  ~MemoryLimit();

  /// What the process takes from now on counts. Errors: environment.
  Result<> add(pid_t process) const;
  /// Whether the kernel has ended a process because of the limit.
  [[nodiscard]] bool was_exceeded() const;

 private:
  explicit MemoryLimit(Path folder) : folder_(std::move(folder)) {}
  Path folder_;
};

/// Removes the empty groups of gateways that no longer run.
void remove_left_behind_groups(const std::function<bool(std::string_view)>& is_alive);

}  // namespace thaw
