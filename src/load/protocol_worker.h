#pragma once
// What every protocol does for the pacer: takes invocations up at once, on connections that it opens and keeps, and hands
// each of them to a sink when it has ended. One worker is used by one thread.

#include <cstdint>
#include <string>

#include "core/clock.h"
#include "load/invocation.h"
#include "record/load_summary.h"

namespace thaw {

/// Takes the body of each good HTTP answer, right before its invocation ends. Called by the sender's thread.
class BodyListener {
 public:
  virtual ~BodyListener() = default;
  virtual void on_body(std::string_view body) = 0;
};

struct SenderOptions {
  std::size_t most_connections = 1024;     ///< Beyond it invocations wait for a connection (or a stream).
  std::size_t streams_per_connection = 1;  ///< HTTP/2: requests in flight on one connection.
  Nanos connect_timeout = std::chrono::seconds(15);
  Nanos function_timeout = std::chrono::seconds(90);
  /// https: the file of trusted certificates; empty: the system's. And whether certificates are checked at all.
  std::string trusted_certificates;
  bool verifies_certificates = true;
  BodyListener* bodies = nullptr;  ///< Outlives the worker; null: nobody wants them.
};

class ProtocolWorker {
 public:
  virtual ~ProtocolWorker() = default;

  /// Instants count from `anchor`; `sink` outlives the worker and gets everything submitted, exactly once.
  virtual void begin(MonotonicTime anchor, InvocationSink& sink) = 0;

  /// Takes up an invocation whose `dispatched_ns` is set: on an idle connection, on a new one, or as soon as one is free.
  /// The sink may be called before this returns, when it cannot be sent at all.
  virtual void submit(const Invocation& invocation) = 0;

  /// Handles what is ready, waiting for it at most `limit`. When `due_ns` has come meanwhile it may leave the rest for the
  /// next call, which then does not wait. Returns how many events there were.
  virtual std::size_t handle_ready(Nanos limit, std::int64_t due_ns) = 0;

  /// Fails what has outlived its limits. Called often; looks at most every few milliseconds.
  virtual void expire(std::int64_t now_ns) = 0;

  /// Hands everything that has not ended to the sink, without an end (censored), and closes all connections.
  virtual void censor_rest() = 0;

  /// Submitted and not yet handed to the sink.
  [[nodiscard]] virtual std::uint64_t in_flight() const = 0;
  [[nodiscard]] virtual SenderHealth health() const = 0;
};

}  // namespace thaw
