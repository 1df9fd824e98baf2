#pragma once
// What the parts of `thaw trace` share: the options by which they read a trace.

#include <string>

#include "cli/cli.h"
#include "trace/reader.h"

namespace thaw::cli {

/// The options by which every part reads a trace.
struct TraceOptions {
  std::string begin, end;  ///< Durations from the start of the trace; empty: all of it.
  int day = -1;            ///< -1: the first one.
  std::string memory;      ///< Of functions of a form that records none; empty: 200 MB.
  bool repair = false;
  bool keeps_all = false;
};
void add_trace_options(CLI::App& app, TraceOptions& options);
/// Errors: bad_usage for an impossible duration or amount of memory.
Result<ReadOptions> read_options(const TraceOptions& options);

/// Prints what was mended and remarked to stderr.
void warn_of_repairs(const TraceFile& file);

}  // namespace thaw::cli
