#include <cstdio>

#include "cli/trace_options.h"
#include "trace/trace_figure.h"

namespace thaw::cli {
namespace {

constexpr HelpText help = {.usage = "thaw trace plot TRACE -o FILE.svg [options]",
                           .purpose = "Draws a trace: rate over time, popularity, durations, memory.",
                           .examples =
                               "  thaw trace plot azure2019-20b -o 20b.svg\n"
                               "  thaw trace plot azure2019-20b --begin 12h --end 14h > noon.svg\n",
                           .see_also = "thaw trace info"};

}  // namespace

Result<int> run_trace_plot(const Arguments& arguments) {
  CLI::App app("", "trace plot");
  set_help(app, help);
  std::string trace, out;
  TraceOptions reading;
  LogOptions log;
  app.add_option("-t,--trace,TRACE", trace, "Folder, file or beginning of its files' names")->group("Input");
  app.add_option("-o,--out", out, "SVG file [default: stdout]")->group("Output");
  add_trace_options(app, reading);
  add_log_options(app, log);
  THAW_TRY(const bool is_done, parse_operands(app, arguments));
  if (is_done) return 0;
  apply(log);
  if (trace.empty())
    return fail_at(ErrorKind::bad_usage, "thaw trace plot needs a trace", "TRACE",
                   "thaw trace plot T -o t.svg");
  THAW_TRY(const ReadOptions options, read_options(reading));
  THAW_TRY(const std::unique_ptr<TraceFile> file, open_trace(trace, options));
  if (!log.is_quiet) warn_of_repairs(*file);
  THAW_TRY(const TraceProfile described, profile(*file));
  const std::string svg = draw_trace(described, file->functions());
  if (!out.empty()) {
    THAW_CHECK(write_file_atomically(out, svg));
  } else {
    std::fwrite(svg.data(), 1, svg.size(), stdout);
  }
  return 0;
}

}  // namespace thaw::cli
