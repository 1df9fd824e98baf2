#pragma once
// Failures that the trace function shows on purpose, to test those who call it.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/units.h"

namespace thaw::functions {

enum class FaultKind : std::uint8_t {
  none,
  delay,     ///< delay=TIME: works that much later.
  status,    ///< status=N: answers with that status, without working.
  hang,      ///< Never answers.
  crash,     ///< The process ends by SIGABRT.
  exit,      ///< exit=N: the process ends with that code.
  garbage,   ///< Answers with bytes that are no HTTP, and closes.
  reset,     ///< Ends the connection (HTTP/1) or the stream (HTTP/2) without an answer.
  truncate,  ///< Announces a body, sends half of it, and closes. A reset over HTTP/2.
};

/// "status=503:5%": five of a hundred calls are answered with 503.
struct FaultRule {
  FaultKind kind = FaultKind::none;
  std::int64_t number = 0;  ///< Status or exit code.
  Nanos delay{};
  double share = 1;
};

/// What happens to one call: a delay, one of the others, or both.
struct Fault {
  FaultKind kind = FaultKind::none;
  std::int64_t number = 0;
  Nanos delay{};
};

/// Rules between commas: "delay=20ms:10%, crash:0.001". Errors: bad_usage.
Result<std::vector<FaultRule>> parse_faults(std::string_view text);

/// Draws what happens to the call with this index. The first rule that is drawn wins, delays add up.
Fault draw_fault(const std::vector<FaultRule>& rules, std::uint64_t seed, std::uint64_t index);

}  // namespace thaw::functions
