#pragma once
// What one call asks of the trace function, and every form in which callers say it: query, headers, JSON, gRPC.

#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/units.h"
#include "net/http_message.h"

namespace thaw::functions {

/// The work of one call.
struct TraceCall {
  enum class Mode : std::uint8_t {
    cpu,    ///< Uses the processor for the asked time, however long that takes.
    wall,   ///< Uses the processor until the asked time is over.
    sleep,  ///< Waits.
  };
  Mode mode = Mode::cpu;
  Nanos runtime{};
  Bytes memory{};
  double io_share = 0;           ///< Of the runtime, spent waiting; 0 to 1.
  std::uint64_t multiplier = 0;  ///< Rounds of 100 square roots for each millisecond; 0: by the clock.
};

/// A call, and what its answer needs to know of it.
struct TraceRequest {
  TraceCall call;
  std::string function;       ///< As the caller names it; empty when it does not.
  std::string fault;          ///< Of the header X-Thaw-Fault.
  bool wants_base64 = false;  ///< The answer's JSON in base64, as OpenWhisk's clients expect it.
};

/// Reads a request over the defaults. Understood: the query (`?cpu=5&memory=128`, `?{"RuntimeInMilliSec": 5}`), the
/// headers requested_cpu, requested_memory, multiplier, io_percentage, function and X-Thaw-…, and a JSON body with any of
/// the names, also within {"value": …}. The query wins over the body, the body over the headers.
/// Errors: bad_usage (not a number, negative, too large, JSON that is none).
Result<TraceRequest> read_trace_request(const HttpRequest& request, const TraceCall& defaults);

/// "cpu", "wall", "sleep". Errors: bad_usage.
Result<TraceCall::Mode> parse_mode(std::string_view text);

}  // namespace thaw::functions
