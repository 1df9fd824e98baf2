#pragma once
// From the name that the user gave to what is measured: a file, a function that ships with the program, a program on
// PATH, or a service that only has a name.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/chain.h"
#include "core/error.h"
#include "core/files.h"

namespace thaw {

/// The program whose functions ship with Thaw (thaw-micro), called as PROGRAM NAME ARGUMENTS.
struct ShippedFunctions {
  Path program;
  std::vector<std::string> names;
};

/// What the user asked for.
struct TargetRequest {
  std::string name;  ///< A path or a name.
  Argv args;
  std::string function;  ///< $FN if it is not to follow from the name.
  std::string task;      ///< $TASK; empty: the last part of the name.
  std::string fn_path;   ///< Folder of the functions where the program runs: $CMD is FN_PATH/NAME.py.
  std::vector<std::pair<std::string, std::string>> env;
};

/// Finds the program where the chain runs it. On this machine: a path, else a shipped function, else a file of the
/// current folder, else a program on PATH. Elsewhere a path is left as it is; a service keeps its name.
/// Errors: bad_usage without a name; environment when there is no such program, with the nearest function.
Result<Target> resolve_target(const TargetRequest& request, const Chain& chain,
                              const ShippedFunctions& shipped);

}  // namespace thaw
