#include "cli/subcommands.h"

#include <cstdio>

#include "core/text.h"

namespace thaw::cli {
namespace {

void print_help(const CommandFamily& family) {
  std::string text =
      fmt::format("{}\n\nUsage: thaw {} COMMAND [options]\n\nCommands:\n", family.purpose, family.name);
  for (const CommandEntry& part : family.parts) {
    if (!part.summary.empty()) text += fmt::format("  {:<10} {}\n", part.name, part.summary);
  }
  text += fmt::format("\nthaw {} COMMAND --help tells its options.\n", family.name);
  if (!family.examples.empty()) text += fmt::format("\nExamples:\n{}", family.examples);
  if (!family.see_also.empty()) text += fmt::format("\nSee also: {}\n", family.see_also);
  std::fwrite(text.data(), 1, text.size(), stdout);
}

}  // namespace

Result<int> run_part(const CommandFamily& family, const Arguments& arguments) {
  if (arguments.empty() || arguments.front() == "--help" || arguments.front() == "-h" ||
      arguments.front() == "help") {
    if (!arguments.empty()) {
      print_help(family);
      return 0;
    }
    return fail_at(ErrorKind::bad_usage, fmt::format("thaw {} needs a command", family.name), {},
                   fmt::format("thaw {} --help lists them", family.name));
  }
  std::vector<std::string> names;
  for (const CommandEntry& part : family.parts) {
    if (part.name == arguments.front()) return part.run(Arguments(arguments.begin() + 1, arguments.end()));
    if (!part.summary.empty()) names.emplace_back(part.name);
  }
  return fail_at(ErrorKind::bad_usage,
                 fmt::format("thaw {} has no command \"{}\"", family.name, arguments.front()), {},
                 suggest(arguments.front(), names));
}

}  // namespace thaw::cli
