#pragma once
// The command line and environment of thaw-micro, read into one plan.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "functions/functions.h"
#include "functions/server.h"

namespace thaw::functions {

struct Plan {
  enum class Action { help, version, list, run, serve };

  Action action = Action::help;
  const Function* function = nullptr;  ///< To run; to serve, null means all.
  std::vector<std::string> args;       ///< Of the call; of served calls that bring none.
  ServerOptions server;
  bool may_use_files = false;  ///< Of clients.
};

/// An environment variable by name.
using Environment = std::function<std::optional<std::string>(std::string_view)>;

/// Reads the words of a command line. A program named like a function (a symbolic link, say) is that function and
/// all words are its arguments. When PORT is set, a function is served instead of run.
/// Errors: bad_usage, always with advice.
Result<Plan> read_command_line(const std::vector<std::string>& words, const Environment& environment);

/// The text of --help; of one function when given.
std::string help_text(const Function* function);

}  // namespace thaw::functions
