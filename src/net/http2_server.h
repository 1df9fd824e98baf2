#pragma once
// The server's side of an HTTP/2 connection.

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http2_session.h"
#include "net/http_message.h"

namespace thaw {

struct Http2ServerLimits {
  std::uint32_t streams = 128;           ///< At once; the client is told, and more are refused.
  std::size_t head_bytes = 16 << 10;     ///< Of one request; more is answered with 431.
  std::size_t body_bytes = 1 << 20;      ///< Of one request; more is answered with 413.
  std::size_t waiting_bytes = 16 << 20;  ///< Of all bodies of the connection; more is answered with 503.
};

/// Turns bytes into requests and responses into bytes. Requests are handed out whole.
class Http2ServerSession final : public Http2Session {
 public:
  explicit Http2ServerSession(Http2ServerLimits limits = {});
  ~Http2ServerSession() override;

  /// Takes bytes from the client. Errors: bad_input when they are no HTTP/2 at all; see also has_failed().
  Result<> feed(std::string_view bytes);

  /// A complete request, oldest first; nullopt when there is none. Its stream wants one response.
  std::optional<Http2StreamId> take(HttpRequest& request);

  /// Answers a request. Nothing happens when its client has given it up in the meantime.
  void respond(Http2StreamId stream, const HttpResponse& response);

  /// Ends a stream without an answer.
  void reset(Http2StreamId stream, Http2Code code);

  /// A taken request whose client gave it up before it was answered; nullopt when there is none.
  std::optional<Http2StreamId> take_cancelled();

  /// Streams that are not over, taken or not.
  [[nodiscard]] std::size_t open_streams() const { return open_streams_; }

 private:
  struct Stream;
  struct Engine;  ///< The callbacks.
  friend struct Engine;

  Stream* begin_stream(Http2StreamId id);
  void end_stream(Stream& stream);
  void refuse(Stream& stream, int status, std::string_view reason);
  Stream* find(Http2StreamId id) const;

  Http2ServerLimits limits_;
  std::vector<std::unique_ptr<Stream>> streams_;  ///< Those that are over wait here for their next use.
  std::vector<Stream*> spare_;
  std::deque<Http2StreamId> complete_;
  std::deque<Http2StreamId> cancelled_;
  HttpResponse refusal_;
  std::size_t open_streams_ = 0;
  std::size_t waiting_bytes_ = 0;
};

}  // namespace thaw
