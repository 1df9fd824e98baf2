#pragma once
// What the words and the file of `thaw serve` ask for, and the platform's options that follow from it.

#include <string>
#include <vector>

#include "cli/cli.h"
#include "platform/function_spec.h"
#include "platform/gateway_options.h"
#include "trace/trace.h"

namespace thaw::cli {

/// A value as text, by its key in the file; the option is the same with dashes.
struct ServeSetting {
  std::string_view key;
  std::string_view fallback;
  std::string_view help;
  std::string_view group;
};

struct ServeRequest {
  std::string file;   ///< Of functions and settings; empty: none.
  std::string trace;  ///< Whose functions are served; empty: none.
  std::string begin, end, speedup = "1", mode = "cpu";
  bool keeps_all = false;
  bool pauses = false;
  bool is_dry_run = false;
  bool prints_configuration = false;
  bool lists_sandboxes = false;
  std::string format;
  std::vector<std::string> values;  ///< In the order of the settings; empty: not given.
  LogOptions log;
};

void add_serve_options(CLI::App& app, ServeRequest& request);

/// Everything resolved: words before file before defaults.
struct ServePlan {
  GatewayOptions options;
  std::vector<FunctionSpec> functions;
  std::vector<std::string> values;  ///< In the order of the settings, as they hold.
  bool pauses = false;
};

/// Reads the file and the trace. Errors: bad_usage, bad_input, environment.
Result<ServePlan> plan_service(const ServeRequest& request);

/// A function of a trace, played by the trace function: its memory, and its durations divided by `speedup`.
/// `mode`: how it spends them, "cpu", "wall" or "sleep".
FunctionSpec trace_function_spec(const TraceFunction& function, const FunctionSpec& defaults, double speedup,
                                 std::string_view mode);

/// The plan as a file that `thaw serve` reads.
std::string configuration_text(const ServePlan& plan);

}  // namespace thaw::cli
