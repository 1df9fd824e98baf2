#pragma once
// What this machine can measure and what it cannot, with the way to mend it. Every check tries the real thing:
// a counter is read, a daemon is asked, a tool is run.

#include <string>
#include <vector>

#include "core/files.h"

namespace thaw {

enum class CheckStatus {
  works,    ///< Tried, and it worked.
  limited,  ///< Works in part; the detail says which part does not.
  absent,   ///< Not here; the hint says how to get it.
};
std::string_view name_of(CheckStatus status);

struct DoctorCheck {
  std::string area;  ///< "time", "host" or "backend".
  std::string name;  ///< What was checked: "perf", "cpu governor".
  CheckStatus status = CheckStatus::absent;
  std::string detail;  ///< What was found.
  std::string hint;    ///< What to do; empty when there is nothing to do.
};

/// Runs all checks, in a fixed order. `sysfs_root` is "/" but for tests.
/// Cost: below 2 s; every tool it asks has a limit of its own.
std::vector<DoctorCheck> examine_machine(const Path& sysfs_root = "/");

}  // namespace thaw
