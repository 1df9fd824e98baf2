#pragma once
// What the parts of `thaw sim` that size memory share: which trace they read, and the form in which they print.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/cli.h"
#include "core/error.h"
#include "record/table.h"
#include "trace/reader.h"

namespace thaw::cli {

/// The trace of a command, and how its answer is printed.
struct SizingOptions {
  std::string trace;
  ReadOptions reading;
  std::string format;
};
void add_sizing_options(CLI::App& app, SizingOptions& options);

/// A table for a person at a terminal, JSON for a program, or what `name` says. Errors: bad_usage.
Result<TableFormat> sizing_format(std::string_view name);

/// The form to print in, once it is certain that there is a trace. Errors: bad_usage; `command` is whose.
Result<TableFormat> check_sizing_options(const SizingOptions& options, std::string_view command);

/// Opens the trace and says what was mended in it or is worth knowing. Errors: as open_trace.
Result<std::unique_ptr<TraceFile>> open_noted_trace(const SizingOptions& options);

/// "0.9" or "90%", each above 0 and at most 1. Errors: bad_usage.
Result<std::vector<double>> parse_hit_ratios(std::span<const std::string> texts);

}  // namespace thaw::cli
