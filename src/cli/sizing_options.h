#pragma once
// What the parts of `thaw sim` that size memory share: which trace they read, and the form in which they print.

#include <string>
#include <string_view>

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

}  // namespace thaw::cli
