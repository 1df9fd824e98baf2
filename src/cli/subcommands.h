#pragma once
// Commands with parts: "thaw sim sweep". The first word chooses the part; each has its own options and its own help.

#include <span>
#include <string_view>

#include "cli/cli.h"

namespace thaw::cli {

/// What `thaw COMMAND --help` says; the list of parts follows from the table. A part without a summary is called by
/// Thaw itself: it works, but help does not show it.
struct CommandFamily {
  std::string_view name;  ///< "sim"
  std::string_view purpose;
  std::string_view examples;
  std::string_view see_also;
  std::span<const CommandEntry> parts;
};

/// Runs the part that the first argument names, or prints help. Errors: bad_usage with the nearest name.
Result<int> run_part(const CommandFamily& family, const Arguments& arguments);

}  // namespace thaw::cli
