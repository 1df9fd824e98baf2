#pragma once
// A strict reader of HTTP/1.1 requests (RFC 9112) that is fed bytes as they arrive. No sockets here.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_message.h"

namespace thaw {

struct HttpLimits {
  std::size_t head_bytes = 16 << 10;  ///< Request line and headers together; trailers again.
  std::size_t body_bytes = 1 << 20;
};

/// Why a request cannot be answered, as the response to send before closing.
struct HttpRefusal {
  int status = 400;
  std::string_view reason;
};

/// Turns a byte stream into requests. What it refuses stays refused: after an error the position of the next request
/// is unknown, so the connection has to end.
/// Cost: linear in the bytes fed, whatever the sizes of the pieces.
class RequestReader {
 public:
  explicit RequestReader(HttpLimits limits = {}) : limits_(limits) {}

  void feed(std::string_view bytes);

  [[nodiscard]] bool is_complete() const { return state_ == State::complete; }
  [[nodiscard]] const std::optional<HttpRefusal>& refusal() const { return refusal_; }
  /// No byte of a next request has arrived.
  [[nodiscard]] bool is_between_requests() const;
  /// True once per request whose client holds the body back until it sees "100 Continue".
  bool wants_continue();
  /// The complete request; reading goes on with the bytes that came behind it.
  /// REQUIRES: is_complete().
  HttpRequest take();
  /// The same into a request whose memory is used again: nothing is allocated once the two have seen the largest request.
  void take(HttpRequest& request);

 private:
  enum class State { request_line, headers, body, chunk_size, chunk, chunk_end, trailers, complete, refused };

  void advance();
  bool step();
  bool read_request_line();
  bool read_header();
  bool read_body();
  bool read_chunk_size();
  bool read_chunk_end();
  bool read_trailer();
  bool finish_headers();
  bool expect_body(std::size_t bytes);
  std::optional<std::string_view> take_line();
  bool refuse(int status, std::string_view reason);

  HttpLimits limits_;
  State state_ = State::request_line;
  HttpRequest request_;
  std::string pending_;  ///< Bytes not yet understood, from cursor_ on.
  std::size_t cursor_ = 0;
  std::size_t searched_ = 0;    ///< No line end between cursor_ and here.
  std::size_t head_bytes_ = 0;  ///< Used up of limits_.head_bytes.
  std::size_t wanted_ = 0;      ///< Bytes of the body or chunk still to come.
  bool wants_continue_ = false;
  std::optional<HttpRefusal> refusal_;
};

}  // namespace thaw
