#include "cli/trace_options.h"

#include "core/units.h"

namespace thaw::cli {
namespace {

/// Months of the longest traces are in whole minutes; anything finer is as exact as nanoseconds.
Result<double> milliseconds(const std::string& text, double otherwise, const char* option) {
  if (text.empty()) return otherwise;
  auto duration = parse_duration(text);
  if (!duration) return tl::unexpected(std::move(duration).error().in(option));
  return to_seconds(*duration) * 1000;
}

}  // namespace

void add_trace_options(CLI::App& app, TraceOptions& options) {
  app.add_flag("--repair", options.repair, "Mend what can be mended, and count it")->group("Reading");
  app.add_option("--begin", options.begin, "Leave out what comes before, as 2h; times count from here")
      ->group("Reading");
  app.add_option("--end", options.end, "Leave out what comes at or after")->group("Reading");
  app.add_option("--day", options.day, "Which day of a folder that has several [default: the first]")
      ->group("Reading");
  app.add_option("--memory", options.memory, "Of functions whose form records none [default: 200MB]")
      ->group("Reading");
  app.add_flag("--all-functions", options.keeps_all,
               "Keep functions called fewer than twice (forms of counts)")
      ->group("Reading");
}

Result<ReadOptions> read_options(const TraceOptions& options) {
  ReadOptions result{.repair = options.repair};
  THAW_TRY(result.begin_ms, milliseconds(options.begin, result.begin_ms, "--begin"));
  THAW_TRY(result.end_ms, milliseconds(options.end, result.end_ms, "--end"));
  if (result.begin_ms >= result.end_ms) {
    return fail_at(ErrorKind::bad_usage, "the end must come after the begin", "--end");
  }
  if (options.day >= 0) result.day = options.day;
  if (!options.memory.empty()) {
    auto bytes = parse_bytes(options.memory);
    if (!bytes) return tl::unexpected(std::move(bytes).error().in("--memory"));
    result.default_memory_mb = static_cast<double>(bytes->count()) / 1e6;
  }
  if (options.keeps_all) result.selection = FunctionSelection::every;
  return result;
}

void warn_of_repairs(const TraceFile& file) {
  for (const Repair& repair : file.repairs()) {
    fmt::print(stderr, "thaw: warning: repaired: {} ({})\n", repair.what, repair.count);
  }
  for (const Repair& remark : file.remarks()) {
    fmt::print(stderr, "thaw: note: {} ({})\n", remark.what, remark.count);
  }
}

}  // namespace thaw::cli
