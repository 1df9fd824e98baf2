#include <spdlog/spdlog.h>

#include <CLI/Config.hpp>
#include <CLI/Error.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cstdio>

#include "cli/cli.h"
#include "core/text.h"

namespace thaw::cli {
namespace {

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

/// One clear sentence for an exception of the parser.
Error parse_failure(const CLI::App& app, const CLI::ParseError& error) {
  Error failure{ErrorKind::bad_usage, error.what(), {}, fmt::format("see thaw {} --help", app.get_name())};
  return failure;
}

tl::unexpected<Error> unknown_option(const CLI::App& app, const std::string& word) {
  const std::string name = word.substr(0, word.find('='));
  return fail_at(ErrorKind::bad_usage, fmt::format("unknown option \"{}\"", name),
                 fmt::format("thaw {}", app.get_name()), suggest(name, option_names(app)));
}

/// Runs the parser; true when it printed help.
Result<bool> parse_words(CLI::App& app, Arguments words) {
  std::reverse(words.begin(), words.end());  // CLI11 takes the words from the back.
  try {
    app.parse(words);
  } catch (const CLI::CallForHelp&) {
    std::fputs(app.help().c_str(), stdout);
    return true;
  } catch (const CLI::ParseError& error) {
    return tl::unexpected(parse_failure(app, error));
  }
  return false;
}

/// The house's layout: purpose first, then usage, options by group, examples.
class HelpFormatter : public CLI::Formatter {
 public:
  explicit HelpFormatter(std::string usage) : usage_(std::move(usage)) { column_width(30); }
  std::string make_usage(const CLI::App* /*app*/, std::string /*name*/) const override {
    return fmt::format("Usage: {}\n", usage_);
  }

 private:
  std::string usage_;
};

}  // namespace

Result<bool> parse_operands(CLI::App& app, const Arguments& arguments) {
  app.allow_extras();
  THAW_TRY(const bool is_done, parse_words(app, arguments));
  if (is_done) return true;
  for (const std::string& word : app.remaining()) return unknown_option(app, word);
  return false;
}

Result<Parsed> parse(CLI::App& app, const Arguments& arguments) {
  Parsed parsed;
  app.prefix_command();
  const auto separator = std::find(arguments.begin(), arguments.end(), "--");
  THAW_TRY(parsed.is_done, parse_words(app, Arguments(arguments.begin(), separator)));
  if (parsed.is_done) return parsed;
  parsed.rest = app.remaining();
  if (!parsed.rest.empty() && parsed.rest.front().size() > 1 && parsed.rest.front().front() == '-') {
    return unknown_option(app, parsed.rest.front());
  }
  // A "--" after the program's name belongs to the program.
  const bool belongs_to_program = !parsed.rest.empty();
  parsed.has_separator = separator != arguments.end() && !belongs_to_program;
  if (separator != arguments.end()) {
    parsed.rest.insert(parsed.rest.end(), belongs_to_program ? separator : separator + 1, arguments.end());
  }
  return parsed;
}

void set_help(CLI::App& app, const HelpText& help) {
  app.description(std::string(help.purpose));
  app.formatter(std::make_shared<HelpFormatter>(std::string(help.usage)));
  std::string footer = fmt::format("\nExamples:\n{}", help.examples);
  if (!help.see_also.empty()) footer += fmt::format("\nSee also: {}\n", help.see_also);
  app.footer(footer);
}

void add_log_options(CLI::App& app, LogOptions& options) {
  app.add_flag("-v,--verbose", options.verbosity, "Say more on stderr; twice for everything")
      ->group("Output");
  app.add_flag("-q,--quiet", options.is_quiet, "Only errors on stderr")->group("Output");
}

void apply(const LogOptions& options) {
  if (options.is_quiet) spdlog::set_level(spdlog::level::err);
  if (options.verbosity == 1) spdlog::set_level(spdlog::level::debug);
  if (options.verbosity > 1) spdlog::set_level(spdlog::level::trace);
}

Result<> check_format(std::string_view format, std::span<const std::string_view> allowed) {
  if (std::find(allowed.begin(), allowed.end(), format) != allowed.end()) return {};
  const std::vector<std::string> names(allowed.begin(), allowed.end());
  return fail_at(ErrorKind::bad_usage, fmt::format("unknown format \"{}\"", format), "--format",
                 suggest(format, names));
}

}  // namespace thaw::cli
