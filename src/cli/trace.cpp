#include "cli/subcommands.h"

namespace thaw::cli {

#define TRACE_PART(id, summary) Result<int> run_trace_##id(const Arguments& arguments);
#include "cli/trace_parts.inc"
#undef TRACE_PART

Result<int> run_trace(const Arguments& arguments) {
#define TRACE_PART(id, summary) CommandEntry{#id, summary, &run_trace_##id},
  static constexpr CommandEntry parts[] = {
#include "cli/trace_parts.inc"
  };
#undef TRACE_PART
  return run_part(
      {.name = "trace",
       .purpose = "Reads, describes, converts and plans traces of invocations.",
       .examples = "  thaw trace info azure2019-20b                        # a folder, whatever its form\n"
                   "  thaw trace convert azure2019-20b out --to azure2019\n",
       .see_also = "thaw sim, docs/traces.md",
       .parts = parts},
      arguments);
}

}  // namespace thaw::cli
