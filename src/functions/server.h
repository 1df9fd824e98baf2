#pragma once
// A small HTTP/1.1 server: one thread per connection, up to a limit. A slow client holds one thread and nothing
// else, and only until its time is up.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/clock.h"
#include "core/error.h"
#include "core/units.h"
#include "net/http1_request.h"
#include "net/http_message.h"

namespace thaw::functions {

struct ServerOptions {
  std::string host = "127.0.0.1";  ///< A numeric IPv4 or IPv6 address, or "localhost".
  std::uint16_t port = 8080;       ///< 0: any free port.
  HttpLimits limits = {};
  Nanos read_timeout = std::chrono::seconds(10);  ///< For a request to arrive whole, and an answer to leave.
  Nanos idle_timeout = std::chrono::seconds(60);  ///< Between two requests of a connection.
  Nanos drain_timeout = std::chrono::seconds(5);  ///< For running requests, once asked to stop.
  int most_connections = 256;                     ///< One more is told 503.
};

/// Answers one request. Called from many threads at once.
using Handler = std::function<HttpResponse(const HttpRequest&)>;

class HttpServer {
 public:
  /// Binds and listens; connections wait until run(). Errors: bad_usage (the address), environment (cannot listen).
  static Result<HttpServer> listen(const ServerOptions& options, Clock& clock, Handler handler);

  /// The address in use, "http://127.0.0.1:8080".
  [[nodiscard]] const std::string& url() const;
  [[nodiscard]] std::uint16_t port() const;

  /// Serves until stop(), then lets running requests finish. False when some were still running at the drain
  /// timeout; their threads go on.
  bool run();

  /// Makes run() return soon. May be called from any thread and from a signal handler.
  void stop();

 private:
  struct State;
  explicit HttpServer(std::shared_ptr<State> state) : state_(std::move(state)) {}
  void admit();

  std::shared_ptr<State> state_;  ///< Shared with the connections, which may outlive the server.
};

}  // namespace thaw::functions
