#include "cli/sizing_options.h"

#include <unistd.h>

namespace thaw::cli {

void add_sizing_options(CLI::App& app, SizingOptions& options) {
  app.add_option("-t,--trace", options.trace, "The trace: a folder, a file, or the beginning of their names")
      ->group("What");
  app.add_flag("--repair", options.reading.repair, "Mend what can be mended in the trace")->group("What");
  app.add_option("--format", options.format,
                 "table, md, csv, json or ndjson [default: table on a terminal, else json]")
      ->group("Output");
}

Result<TableFormat> sizing_format(std::string_view name) {
  if (name.empty()) return ::isatty(STDOUT_FILENO) == 1 ? TableFormat::text : TableFormat::json;
  return parse_table_format(name);
}

Result<TableFormat> check_sizing_options(const SizingOptions& options, std::string_view command) {
  THAW_TRY(const TableFormat format, sizing_format(options.format));
  if (options.trace.empty())
    return fail_at(ErrorKind::bad_usage, "there is no trace", std::string(command), "give one with --trace");
  return format;
}

}  // namespace thaw::cli
