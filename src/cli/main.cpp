// The entry: sets up the log, finds the command in the table, prints its error, if any, and returns the exit code.

#include <signal.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "cli/cli.h"
#include "core/files.h"
#include "core/text.h"
#include "thaw/version.h"

namespace {

using thaw::cli::Arguments;
using thaw::cli::commands;

constexpr std::string_view exit_codes = R"(Exit codes of every command:
    0  it worked
    2  the command line or a configuration file is wrong; nothing was run
    3  a trace, record or result file is malformed
    4  a tool, host or permission is missing
    5  what was measured failed (thaw bench: see --allow-failures)
    6  it worked, but a threshold or comparison did not hold (--fail-if)
   70  a bug in Thaw; please report it
  130  interrupted (Ctrl-C); what was finished is kept
  143  terminated (SIGTERM); what was finished is kept
)";

void print_help() {
  fmt::print(
      "Thaw, a performance lab for serverless functions.\n\nUsage: thaw COMMAND [options] …\n\nCommands:\n");
  for (const auto& command : commands()) fmt::print("  {:<9} {}\n", command.name, command.summary);
  fmt::print(
      "\nExamples:\n"
      "  thaw bench -- sleep 0.1                 # repeat until the mean is known to 5 %\n"
      "  thaw bench -n md5 md5sum F --- -n sha sha1sum F   # compare two programs\n"
      "  thaw compare runs/misc/a runs/misc/b    # which record is better, and how sure is it\n"
      "\nthaw COMMAND --help tells more; thaw help exit-codes lists the exit codes.\n");
}

void set_up_log() {
  auto log =
      std::make_shared<spdlog::logger>("thaw", std::make_shared<spdlog::sinks::stderr_color_sink_st>());
  log->set_pattern("thaw: %^%l%$: %v");
  spdlog::set_default_logger(log);
}

int fail_with(const thaw::Error& error) {
  fmt::print(stderr, "{}", thaw::render(error));
  return static_cast<int>(error.kind);
}

int unknown_command(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& command : commands()) names.emplace_back(command.name);
  return fail_with({thaw::ErrorKind::bad_usage, fmt::format("unknown command \"{}\"", name), "thaw",
                    thaw::suggest(name, names)});
}

/// Runs the command that the words name; returns the exit code.
int run(Arguments arguments) {
  if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "-h" ||
      arguments == Arguments{"help"}) {
    print_help();
    return arguments.empty() ? static_cast<int>(thaw::ErrorKind::bad_usage) : 0;
  }
  if (arguments[0] == "--version") {
    fmt::print("thaw {}\n", thaw::version);
    return 0;
  }
  if (arguments[0] == "help") {
    if (arguments[1] == "exit-codes") {
      fmt::print("{}", exit_codes);
      return 0;
    }
    arguments = {arguments[1], "--help"};
  }
  for (const auto& command : commands()) {
    if (command.name != arguments[0]) continue;
    const auto code = command.run(Arguments(arguments.begin() + 1, arguments.end()));
    return code ? *code : fail_with(code.error());
  }
  return unknown_command(arguments[0]);
}

}  // namespace

int main(int argc, char** argv) {
  // A closed stdout (thaw … | head) or a full disk is an error of write, not a reason to die in the middle of a record.
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);
  set_up_log();
  const int code = run(Arguments(argv + 1, argv + argc));
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  // Whoever closed the pipe has seen enough.
  if (errno == EPIPE) return code;
  return fail_with({thaw::ErrorKind::environment,
                    fmt::format("cannot write the result: {}", std::strerror(errno)), "standard output",
                    "the record is complete all the same; see thaw runs show latest"});
}
