#pragma once
// The command line: one table of commands, one file each. A command parses, calls a room and prints; nothing here
// computes.

#include <CLI/App.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace thaw::cli {

using Arguments = std::vector<std::string>;

/// A row of the table of commands. `run` gets what follows the command's name and returns the exit code.
struct CommandEntry {
  std::string_view name;
  std::string_view summary;
  Result<int> (*run)(const Arguments& arguments);
};

/// Every command, in help order.
std::span<const CommandEntry> commands();

/// What parse() found out beside the values bound to the options.
struct Parsed {
  bool is_done = false;        ///< Help was printed; the command has nothing left to do.
  Arguments rest;              ///< What follows the options, in order, without the separating "--".
  bool has_separator = false;  ///< Whether "--" came before the rest.
};

/// Parses a command's arguments. Options end at the first word that is none, or after "--".
/// Errors: bad_usage with the nearest option's name for an unknown one.
Result<Parsed> parse(CLI::App& app, const Arguments& arguments);

/// Parses a command whose operands may stand between its options (bound by the app as positionals).
/// Returns true when help was printed. Errors: bad_usage with the nearest option's name for an unknown one.
Result<bool> parse_operands(CLI::App& app, const Arguments& arguments);

/// An app with the house's help layout: `examples` are lines "thaw … # what it does".
struct HelpText {
  std::string_view usage;
  std::string_view purpose;
  std::string_view examples;
  std::string_view see_also = {};
};
void set_help(CLI::App& app, const HelpText& help);

/// Options that every command has: -v, -vv, -q, --color. Applied to the log by parse().
struct LogOptions {
  int verbosity = 0;
  bool is_quiet = false;
};
void add_log_options(CLI::App& app, LogOptions& options);
void apply(const LogOptions& options);

/// "table", "json", "csv", "md" or "ndjson". Errors: bad_usage naming the allowed ones.
Result<> check_format(std::string_view format, std::span<const std::string_view> allowed);

}  // namespace thaw::cli
