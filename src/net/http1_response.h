#pragma once
// Reading HTTP/1.1 responses (RFC 9112) as they arrive, without copying what nobody asks for.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace thaw {

/// Takes one response after the other from a stream of bytes.
class ResponseReader {
 public:
  /// At most so many bytes of a body are kept for body(); the rest is counted only.
  explicit ResponseReader(std::size_t kept_body_bytes = 4096) : kept_body_bytes_(kept_body_bytes) {}

  /// The next bytes belong to a new response. `has_no_body`: it answers a HEAD request.
  void begin(bool has_no_body = false);
  /// Takes what belongs to the response and returns how much that was. Informational responses (1xx) are skipped.
  std::size_t feed(std::string_view bytes);
  /// The other side has closed: completes a body that ends with the connection.
  void end_of_stream();

  [[nodiscard]] bool is_complete() const { return state_ == State::complete; }
  [[nodiscard]] bool has_failed() const { return state_ == State::failed; }
  /// Whether a first byte has arrived.
  [[nodiscard]] bool has_begun() const { return has_begun_; }
  /// REQUIRES, here and below: the head has been read.
  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] bool keeps_alive() const { return keeps_alive_; }
  /// The value of a header; empty when absent. `name` in lower case.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  /// Status line and header lines, each with its end.
  [[nodiscard]] std::string_view head() const { return head_; }
  [[nodiscard]] std::string_view body() const { return body_; }
  /// Gives the body away for a text whose memory is used for the next one. REQUIRES: is_complete().
  void take_body(std::string& into) { body_.swap(into); }
  [[nodiscard]] std::uint64_t body_bytes() const { return body_bytes_; }

 private:
  enum class State : std::uint8_t {
    head,
    sized,
    until_close,
    chunk_size,
    chunk,
    chunk_end,
    trailer,
    complete,
    failed
  };

  std::size_t feed_head(std::string_view bytes);
  std::size_t feed_chunked(std::string_view bytes);
  std::size_t take_line(std::string_view bytes, bool& is_whole);
  void parse_head(std::string_view head);
  void keep(std::string_view bytes);

  std::size_t kept_body_bytes_;
  State state_ = State::complete;
  bool has_begun_ = false;
  bool has_no_body_ = false;
  bool keeps_alive_ = true;
  int status_ = 0;
  std::uint64_t left_ = 0;  ///< Of the body or chunk.
  std::uint64_t body_bytes_ = 0;
  std::string head_;
  std::string line_;  ///< A chunk's size or a trailer, while it is incomplete.
  std::string body_;
};

}  // namespace thaw
