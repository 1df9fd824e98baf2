#include "cli/sim.h"

#include <array>
#include <cstdio>

#include "core/text.h"

namespace thaw::cli {
namespace {

/// What `thaw sim ACTION` does.
struct SimAction {
  std::string_view name;
  std::string_view summary;
  Result<int> (*run)(const Arguments& arguments);
};

constexpr std::array actions = {
    SimAction{"curve", "hit ratio and cold-start cost against memory, in one pass", run_sim_curve},
    SimAction{"provision", "how much memory a trace needs, at once and over time", run_sim_provision},
    SimAction{"bounds", "policies beside the best that is possible", run_sim_bounds},
    SimAction{"score", "how much better than a baseline the policies of a sweep hit", run_sim_score}};

int print_help() {
  std::string text = "Keep-alive policies on a trace.\nUsage: thaw sim ACTION [options]\n\nActions:\n";
  for (const SimAction& action : actions) text += fmt::format("  {:<10} {}\n", action.name, action.summary);
  text += "\nSee also: thaw sim ACTION --help, docs/curves.md\n";
  std::fputs(text.c_str(), stdout);
  return 0;
}

}  // namespace

Result<int> run_sim(const Arguments& arguments) {
  const std::string name = arguments.empty() ? "" : arguments.front();
  if (name == "--help" || name == "-h") return print_help();
  std::vector<std::string> names;
  for (const SimAction& action : actions) {
    if (action.name == name) return action.run(Arguments(arguments.begin() + 1, arguments.end()));
    names.emplace_back(action.name);
  }
  return fail_at(ErrorKind::bad_usage,
                 name.empty() ? "thaw sim needs an action" : fmt::format("unknown action \"{}\"", name),
                 "thaw sim", suggest(name, names));
}

}  // namespace thaw::cli
