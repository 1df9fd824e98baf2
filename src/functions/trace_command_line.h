#pragma once
// The command line and environment of thaw-fn, read into one plan.

#include <string>
#include <vector>

#include "functions/command_line.h"
#include "functions/trace_server.h"

namespace thaw::functions {

struct TracePlan {
  enum class Action { help, version, serve };

  Action action = Action::serve;
  TraceServerOptions server;
  TraceFunctionOptions function;
  Nanos cold_start{};  ///< Spent before listening, in the mode of calls that do not say.
};

/// Reads the words of a command line over the environment over the defaults. Errors: bad_usage, always with advice.
Result<TracePlan> read_trace_command_line(const std::vector<std::string>& words,
                                          const Environment& environment);

/// The text of --help.
std::string trace_help_text();

}  // namespace thaw::functions
