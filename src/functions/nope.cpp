#include "functions/arguments.h"
#include "functions/functions.h"

namespace thaw::functions {

/// nope: nothing at all, so that what a caller measures is its own cost and the platform's.
Result<std::string> run_nope(const Invocation& call) {
  THAW_CHECK(Positionals("nope", call.args).finish());

  const Stopwatch watch(call.clock);
  return time_line("nope", watch.elapsed());
}

}  // namespace thaw::functions
