#pragma once
// The trace function behind HTTP/1.1, clear-text HTTP/2 and gRPC on one port. One thread has all connections; work that
// is longer than handing it over goes to other threads, waiting goes to timers.

#include <functional>
#include <memory>
#include <string>

#include "core/clock.h"
#include "core/error.h"
#include "functions/trace_function.h"
#include "net/http1_request.h"

namespace thaw::functions {

struct TraceServerOptions {
  std::string host = "127.0.0.1";  ///< A numeric IPv4 or IPv6 address, or "localhost".
  std::uint16_t port = 8080;       ///< 0: any free port.
  HttpLimits limits = {};
  Nanos read_timeout = std::chrono::seconds(10);  ///< For a request to arrive whole, and an answer to leave.
  Nanos idle_timeout = std::chrono::seconds(60);  ///< Between two requests of a connection.
  Nanos drain_timeout = std::chrono::seconds(5);  ///< For running calls, once asked to stop.
  std::size_t most_connections = 4096;            ///< One more is closed at once.
  std::size_t most_threads = 64;                  ///< Calls that use the processor at a time; more wait.
  bool keeps_memory = true;                       ///< Between calls.
};

class TraceServer {
 public:
  /// Binds and listens; connections wait until run(). Errors: bad_usage (the address), environment (cannot listen).
  static Result<TraceServer> listen(const TraceServerOptions& options, TraceFunctionOptions function,
                                    Clock& clock);
  TraceServer(TraceServer&&) noexcept;
  ~TraceServer();

  /// The address in use, "http://127.0.0.1:8080".
  [[nodiscard]] const std::string& url() const;
  [[nodiscard]] std::uint16_t port() const;

  /// Serves until stop(), then lets running calls finish. False when some were still running at the drain timeout; then
  /// the process should end without destroying the server, which would wait for them.
  bool run();

  /// Makes run() return soon. May be called from any thread and from a signal handler.
  void stop();

 private:
  class Loop;
  explicit TraceServer(std::unique_ptr<Loop> loop);
  std::unique_ptr<Loop> loop_;
};

}  // namespace thaw::functions
