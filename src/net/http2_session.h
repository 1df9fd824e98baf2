#pragma once
// HTTP/2 (RFC 9113) without sockets: bytes go in, bytes come out. What both sides of a connection share is here;
// http2_server.h takes requests, http2_client.h sends them.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.h"

struct nghttp2_session;

namespace thaw {

/// What a connection begins with when its client knows beforehand that HTTP/2 is spoken (RFC 9113 section 3.4).
inline constexpr std::string_view http2_preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Whether the first bytes of a connection are HTTP/2; nullopt while they are too few to tell it from HTTP/1.
std::optional<bool> looks_like_http2(std::string_view first_bytes);

using Http2StreamId = std::int32_t;

/// Why a stream ended early (RFC 9113 section 7).
enum class Http2Code : std::uint32_t {
  no_error = 0,
  protocol_error = 1,
  internal_error = 2,
  refused_stream = 7,
  cancel = 8,
  enhance_your_calm = 11,
};

class Http2Fields;
template <class Session, class Stream>
struct Http2Engine;

/// One side of a connection. Not movable: the protocol engine points at it.
class Http2Session {
 public:
  Http2Session(const Http2Session&) = delete;
  Http2Session& operator=(const Http2Session&) = delete;
  virtual ~Http2Session();

  /// Appends what is to be sent now, and stops near `most_bytes`: call it again when those are sent. False when there
  /// was nothing.
  bool append_output(std::string& out, std::size_t most_bytes = 128 << 10);

  /// Says that no further streams are welcome; those that run may end.
  void shut_down();

  /// The other side broke the protocol, and the output that was appended last says so: send it, then close.
  [[nodiscard]] bool has_failed() const { return has_failed_; }

  /// Both sides have nothing more to say: the connection can be closed.
  [[nodiscard]] bool is_finished() const;

 protected:
  template <class Session, class Stream>
  friend struct Http2Engine;

  Http2Session();
  /// Errors: bad_input when the bytes are no HTTP/2 at all; close. Lesser offences show as has_failed() later.
  Result<> receive(std::string_view bytes);

  struct Release {
    void operator()(nghttp2_session* session) const;
  };
  std::unique_ptr<nghttp2_session, Release> session_;
  bool has_failed_ = false;
  std::unique_ptr<Http2Fields> fields_;  ///< Of the message that is being sent.
};

}  // namespace thaw
