#pragma once
// The options of `thaw load`, as typed, and what they mean.

#include <optional>
#include <string>
#include <vector>

#include "cli/cli.h"
#include "cli/load_embedded.h"
#include "load/load_request.h"

namespace thaw::cli {

/// The command line of `thaw load`, read.
struct LoadCommand {
  bool is_done = false;  ///< Help was printed.
  LoadRequest request;
  std::optional<EmbeddedOptions> embedded;  ///< The target is a platform that this load starts.
  Path functions;                           ///< Settings of single functions on a platform; empty: none.
  nlohmann::ordered_json configuration;     ///< As resolved; --config reads it again.
  std::string format = "table";
  bool is_dry_run = false;
  bool is_print_config = false;
  bool by_function = false;
  LogOptions log;
  std::vector<std::string> notes;  ///< About a predecessor's configuration file.
};

/// Parses and resolves. A configuration file, or the record of --repro, comes before what is typed.
/// Errors: bad_usage, bad_input.
Result<LoadCommand> parse_load(const Arguments& arguments);

}  // namespace thaw::cli
