#include "cli/cli.h"

namespace thaw::cli {

#define COMMAND(id, summary) Result<int> run_##id(const Arguments& arguments);
#include "cli/commands.inc"
#undef COMMAND

std::span<const CommandEntry> commands() {
#define COMMAND(id, summary) CommandEntry{#id, summary, &run_##id},
  static constexpr CommandEntry table[] = {
#include "cli/commands.inc"
  };
#undef COMMAND
  return table;
}

}  // namespace thaw::cli
