#include "functions/functions.h"
#include "functions/json_text.h"

namespace thaw::functions {

/// args: shows what arrived after every shell, launcher and protocol on the way has had its turn at quoting.
Result<std::string> run_args(const Invocation& call) {
  const Stopwatch watch(call.clock);
  std::string lines;
  for (const std::string& argument : call.args) lines += json_quote(argument) + "\n";
  return lines + time_line("args", watch.elapsed());
}

}  // namespace thaw::functions
