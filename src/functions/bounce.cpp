#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/text.h"
#include "core/units.h"
#include "functions/functions.h"

namespace thaw::functions {
namespace {

/// Everything on stdin. Errors: environment (unreadable), bad_input (too much).
Result<std::string> read_stdin() {
  constexpr std::size_t limit = std::size_t{1} << 30;
  std::string content;
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t n = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(ErrorKind::environment, "cannot read stdin: {}", std::strerror(errno));
    if (n == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(n));
    if (content.size() > limit) return fail(ErrorKind::bad_input, "the payload on stdin is over 1 GiB");
  }
}

}  // namespace

/// bounce: the payload goes out as it came in. The time is that of taking the payload in.
Result<std::string> run_bounce(const Invocation& call) {
  const Stopwatch watch(call.clock);
  std::string payload;
  if (!call.args.empty()) {
    payload = join(call.args, " ");
  } else if (call.is_served) {
    payload = call.body;
  } else {
    THAW_TRY(payload, read_stdin());
  }
  const Seconds time = watch.elapsed();

  if (!payload.empty() && payload.back() != '\n') payload += '\n';
  return payload + time_line("bounce", time);
}

}  // namespace thaw::functions
