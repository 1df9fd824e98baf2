#include "cli/sizing_options.h"

#include <unistd.h>

#include "cli/trace_options.h"
#include "core/units.h"

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

Result<std::unique_ptr<TraceFile>> open_noted_trace(const SizingOptions& options) {
  THAW_TRY(auto file, open_trace(options.trace, options.reading));
  warn_of_repairs(*file);
  return file;
}

Result<std::vector<double>> parse_hit_ratios(std::span<const std::string> texts) {
  std::vector<double> ratios;
  for (const std::string& text : texts) {
    auto parsed = parse_fraction(text);
    if (!parsed) return tl::unexpected(std::move(parsed).error().in("--target"));
    const double ratio = *parsed;
    if (!(ratio > 0 && ratio <= 1))
      return fail_at(ErrorKind::bad_usage, fmt::format("\"{}\" is no hit ratio", text), "--target",
                     "give a ratio above 0 and at most 1: 0.9 or 90%");
    ratios.push_back(ratio);
  }
  return ratios;
}

}  // namespace thaw::cli
