#pragma once
// The client's side of an HTTP/2 connection: many requests at once, answered in any order.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/http2_session.h"
#include "net/http_message.h"

namespace thaw {

/// One request, as it is sent. Everything is copied before send() returns.
struct Http2Call {
  std::string_view method = "GET";
  std::string_view scheme = "http";
  std::string_view authority;
  std::string_view target = "/";
  const HttpHeaders* headers = nullptr;  ///< Null: none beyond the usual ones.
  std::string_view body;
};

/// What came of a request.
struct Http2Answer {
  std::uint64_t tag = 0;  ///< As given to send().
  bool is_complete = false;
  Http2Code code = Http2Code::no_error;  ///< Why the stream ended; matters when the answer is not complete.
  bool was_not_processed = false;        ///< The server has not looked at it: it may be sent again.
  int status = 0;                        ///< 0: no answer has begun.
  HttpHeaders headers;                   ///< Names in lower case.
  HttpHeaders trailers;
  std::string body;  ///< As much of it as is kept.
  std::uint64_t body_bytes = 0;
  std::int64_t began_at = -1;  ///< The instant given to feed() with its first byte.
};

struct Http2ClientOptions {
  std::size_t kept_body_bytes = 64 << 10;    ///< More of an answer's body is only counted.
  std::size_t most_header_bytes = 64 << 10;  ///< More fields of one answer are left out.
  std::uint32_t stream_window = 1 << 20;     ///< What a server may send on one stream before we have read it.
  std::int32_t connection_window = 16 << 20;  ///< The same for all streams together.
};

class Http2ClientSession final : public Http2Session {
 public:
  explicit Http2ClientSession(Http2ClientOptions options = {});
  ~Http2ClientSession() override;

  /// Begins a request; its bytes come with append_output. nullopt when this connection takes no more requests (the
  /// server said so, or all stream numbers are used up): open another.
  std::optional<Http2StreamId> send(const Http2Call& call, std::uint64_t tag);

  /// How many more requests would go out at once, by the server's limit.
  [[nodiscard]] std::size_t free_streams() const;

  /// Whether send() can succeed.
  [[nodiscard]] bool takes_requests() const;

  /// Takes bytes from the server; `now` is remembered as the first byte's instant of answers that begin with them.
  /// Errors: bad_input when they are no HTTP/2 at all; see also has_failed().
  Result<> feed(std::string_view bytes, std::int64_t now = 0);

  /// An answer that has ended, oldest first; null when there is none. Valid until the next call on this object.
  const Http2Answer* next_answer();

  /// Gives a request up; its answer is not reported any more.
  void cancel(Http2StreamId stream);

  /// The connection has ended: every request that is not answered ends with `code`. Only next_answer() may follow.
  void end(Http2Code code = Http2Code::cancel);

  [[nodiscard]] std::size_t open_streams() const { return open_streams_; }

 private:
  struct Stream;
  struct Engine;  ///< The callbacks.
  friend struct Engine;

  Stream& begin_stream();
  void release(Stream& stream);

  Http2ClientOptions options_;
  std::vector<std::unique_ptr<Stream>> streams_;
  std::vector<Stream*> spare_;
  std::vector<Stream*> ended_;
  std::size_t next_ended_ = 0;
  std::int64_t now_ = 0;
  std::size_t open_streams_ = 0;
  bool has_goaway_ = false;
};

}  // namespace thaw
