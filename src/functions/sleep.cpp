#include "functions/arguments.h"
#include "functions/functions.h"

namespace thaw::functions {

/// sleep: waits without using the processor.
Result<std::string> run_sleep(const Invocation& call) {
  Positionals args("sleep", call.args);
  THAW_TRY(const double seconds, args.number("seconds", 1.0, 0, 86400));
  THAW_CHECK(args.finish());

  const Stopwatch watch(call.clock);
  call.clock.sleep_until(call.clock.now() + from_seconds(seconds));
  return time_line("sleep", watch.elapsed());
}

}  // namespace thaw::functions
