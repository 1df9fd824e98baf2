#pragma once
// The flags of `thaw bench`, bound to BenchOptions.

#include "bench/options.h"
#include "cli/cli.h"

namespace thaw::cli {

/// What the command line asks for beside the measurement itself.
struct BenchRequest {
  BenchOptions options;
  LogOptions log;
  std::string format = "table";
  std::string resume;  ///< A run to continue.
  std::string repro;   ///< A run to repeat.
  std::string list;    ///< "backends" or "rules": print them and stop.
  std::string show;    ///< A backend or rule to describe.
  bool is_explain = false;
  bool is_print_config = false;
  bool is_done = false;  ///< Help was printed.
};

/// Parses the command line, `---` between commands included. Flags win over THAW_… variables.
/// Errors: bad_usage.
Result<BenchRequest> parse_bench(const Arguments& arguments);

}  // namespace thaw::cli
