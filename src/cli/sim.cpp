#include "cli/subcommands.h"

namespace thaw::cli {

#define SIM_PART(id, summary) Result<int> run_sim_##id(const Arguments& arguments);
#include "cli/sim_parts.inc"
#undef SIM_PART

Result<int> run_sim(const Arguments& arguments) {
#define SIM_PART(id, summary) CommandEntry{#id, summary, &run_sim_##id},
  static constexpr CommandEntry parts[] = {
#include "cli/sim_parts.inc"
  };
#undef SIM_PART
  return run_part({.name = "sim",
                   .purpose = "Simulates keep-alive policies over traces of invocations.",
                   .examples = "  thaw sim run --trace traces/20b --policy gd,lru,ttl --memory 1GB,2GB\n"
                               "  thaw sim sweep --trace traces/20b --policy all --memory 1GB:80GB:3GB\n"
                               "  thaw sim policies                            # what --policy may name\n",
                   .see_also = "thaw trace, docs/simulation.md, docs/policies.md",
                   .parts = parts},
                  arguments);
}

}  // namespace thaw::cli
