#include <cstdio>

#include "cli/trace_options.h"
#include "trace/writer.h"

namespace thaw::cli {
namespace {

constexpr HelpText help = {
    .usage = "thaw trace convert TRACE FOLDER --to FORM [options]",
    .purpose = "Writes a trace in another form.",
    .examples =
        "  thaw trace convert traces/azure2019 out                      # invocations one by one\n"
        "  thaw trace convert old.pckl out --gzip                       # a FaasCache pickle\n"
        "  thaw trace convert azure2019-20b out --to azure2019          # counts per minute\n"
        "  thaw trace convert week out --to pair --begin 12h --end 14h  # two hours of it\n",
    .see_also = "docs/traces.md"};

}  // namespace

Result<int> run_trace_convert(const Arguments& arguments) {
  CLI::App app("", "trace convert");
  set_help(app, help);
  TraceOptions reading;
  LogOptions log;
  std::string in, out, form = "pair";
  bool is_gzip = false;
  app.add_option("TRACE", in, "A folder, a file, or the common beginning of the files' names")->group("");
  app.add_option("FOLDER", out, "Where to write; is made")->group("");
  std::string forms = "One of";
  for (const WritableForm& one : writable_forms()) forms += fmt::format("\n{}: {}", one.name, one.summary);
  app.add_option("--to", form, forms + " [default: pair]")->group("Writing");
  app.add_flag("--gzip", is_gzip, "Compress the invocations")->group("Writing");
  add_trace_options(app, reading);
  add_log_options(app, log);
  THAW_TRY(const bool is_done, parse_operands(app, arguments));
  if (is_done) return 0;
  apply(log);
  if (in.empty() || out.empty()) {
    return fail_at(ErrorKind::bad_usage, "thaw trace convert takes a trace and a folder",
                   "thaw trace convert", "thaw trace convert TRACE FOLDER --to pair");
  }
  THAW_TRY(const ReadOptions options, read_options(reading));
  THAW_TRY(const std::unique_ptr<TraceFile> file, open_trace(in, options));
  if (!log.is_quiet) warn_of_repairs(*file);
  THAW_TRY(const std::uint64_t count, write_trace(*file, out, {.form = form, .is_gzip = is_gzip}));
  if (!log.is_quiet) {
    fmt::print(stderr, "thaw: {} functions and {} invocations written to {}\n", file->functions().size(),
               count, out);
  }
  return 0;
}

}  // namespace thaw::cli
