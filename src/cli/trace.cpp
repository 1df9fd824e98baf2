#include "cli/trace.h"

#include <cstdio>

#include "core/text.h"
#include "core/units.h"

namespace thaw::cli {

#define SUBCOMMAND(id, summary) Result<int> trace_##id(const Arguments& arguments);
#include "cli/trace_commands.inc"
#undef SUBCOMMAND

namespace {

constexpr CommandEntry subcommands[] = {
#define SUBCOMMAND(id, summary) CommandEntry{#id, summary, &trace_##id},
#include "cli/trace_commands.inc"
#undef SUBCOMMAND
};

/// Months of the longest traces are in whole minutes; anything finer is as exact as nanoseconds.
Result<double> milliseconds(const std::string& text, double otherwise, const char* option) {
  if (text.empty()) return otherwise;
  auto duration = parse_duration(text);
  if (!duration) return tl::unexpected(std::move(duration).error().in(option));
  return to_seconds(*duration) * 1000;
}

void print_help() {
  std::string text =
      "usage: thaw trace SUBCOMMAND [options]\n\nReads, describes and writes traces of invocations.\n\n";
  for (const CommandEntry& entry : subcommands)
    text += fmt::format("  {:<10} {}\n", entry.name, entry.summary);
  text +=
      "\nthaw trace SUBCOMMAND --help shows its options. The forms of traces: docs/traces.md\n"
      "\nExamples:\n"
      "  thaw trace info azure2019-20b                       # a folder, whatever its form\n"
      "  thaw trace convert azure2019-20b out --to azure2019\n";
  std::fwrite(text.data(), 1, text.size(), stdout);
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

Result<int> run_trace(const Arguments& arguments) {
  if (arguments.empty() || arguments.front() == "--help" || arguments.front() == "-h") {
    print_help();
    if (arguments.empty())
      return fail_at(ErrorKind::bad_usage, "thaw trace needs a subcommand", "thaw trace");
    return 0;
  }
  std::vector<std::string> names;
  for (const CommandEntry& entry : subcommands) {
    if (entry.name == arguments.front()) return entry.run({arguments.begin() + 1, arguments.end()});
    names.emplace_back(entry.name);
  }
  return fail_at(ErrorKind::bad_usage, fmt::format("unknown subcommand \"{}\"", arguments.front()),
                 "thaw trace", suggest(arguments.front(), names));
}

}  // namespace thaw::cli
