#pragma once
// One client's connection to the trace function: HTTP/1.1 or HTTP/2, told apart by its first bytes.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/files.h"
#include "net/http1_request.h"
#include "net/http2_server.h"

namespace thaw::functions {

/// Reads requests, writes answers, never blocks. Which request an answer belongs to is its stream; HTTP/1 has one, 0.
class TraceConnection {
 public:
  TraceConnection(FileDescriptor socket, const HttpLimits& limits, MonotonicTime now);

  /// Reads what has come. False when the client has left.
  bool receive(MonotonicTime now);
  /// The next complete request; nullopt when there is none, or the answer of the one before is still to come.
  std::optional<Http2StreamId> take(HttpRequest& request);
  /// Answers the request of a stream; `is_last`: the connection ends with it.
  void answer(Http2StreamId stream, const HttpResponse& response, bool is_last);
  /// Breaks the answer off: bytes that are sent as they are (HTTP/1 only), then the end. Empty: a reset.
  void break_off(Http2StreamId stream, std::string_view bytes);
  /// Writes what goes. False when the client has left, or the connection is over.
  bool flush(MonotonicTime now);
  /// Takes no more requests and ends when the running ones are answered.
  void drain();

  /// EPOLL… events to wait for.
  [[nodiscard]] std::uint32_t wanted_events() const;
  [[nodiscard]] int socket() const { return socket_.get(); }
  /// Whether a request is being worked on.
  [[nodiscard]] bool is_busy() const { return running_ > 0; }
  /// Has been waited for too long; an idle one may wait longer than one in the middle of a request.
  [[nodiscard]] bool is_overdue(MonotonicTime now, Nanos read_timeout, Nanos idle_timeout) const;

  std::uint32_t watched_events = 0;  ///< For the owner of the poller.

 private:
  enum class Protocol : std::uint8_t { unknown, http1, http2 };

  bool feed(std::string_view bytes);
  void refuse_if_malformed();

  FileDescriptor socket_;
  HttpLimits limits_;
  Protocol protocol_ = Protocol::unknown;
  std::string first_bytes_;  ///< Until the protocol is known.
  RequestReader http1_;
  std::unique_ptr<Http2ServerSession> http2_;
  std::string output_;
  std::size_t sent_ = 0;
  std::size_t running_ = 0;
  bool keeps_alive_ = true;  ///< HTTP/1: of the request that is being worked on.
  bool is_head_ = false;
  bool ends_after_output_ = false;
  bool is_draining_ = false;
  bool is_farewell_ = false;  ///< The end has been announced; what still comes is thrown away.
  std::size_t farewell_bytes_ = 0;
  MonotonicTime last_progress_;
};

}  // namespace thaw::functions
