#pragma once
// A connection's bytes, in clear text or through TLS, without the difference showing.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/files.h"
#include "net/tls_stream.h"

namespace thaw {

/// A socket that does not block, and TLS over it where wanted.
class Channel {
 public:
  enum class Step {
    done,    ///< At least one byte, or the handshake is complete.
    later,   ///< The socket is to become readable or writable first.
    closed,  ///< The other side has left.
    failed,  ///< The connection is broken, or TLS was refused; see reason().
  };

  Channel() = default;
  /// In clear text.
  explicit Channel(FileDescriptor socket) : socket_(std::move(socket)) {}
  /// A client's end through TLS; `host` is what the certificate must be for. Errors: as TlsStream::connect.
  static Result<Channel> secure(FileDescriptor socket, const TlsContext& context, const std::string& host);

  /// Done at once in clear text.
  Step shake_hands();
  Step read(std::span<char> into, std::size_t& got);
  Step write(std::string_view bytes, std::size_t& put);
  void close();

  [[nodiscard]] int socket() const { return socket_.get(); }
  [[nodiscard]] bool is_secure() const { return tls_.has_value(); }
  /// What TLS agreed on; empty in clear text.
  [[nodiscard]] std::string_view protocol() const { return tls_ ? tls_->protocol() : std::string_view{}; }
  [[nodiscard]] std::string reason() const { return tls_ ? tls_->reason() : std::string(); }

 private:
  FileDescriptor socket_;
  std::optional<TlsStream> tls_;
};

}  // namespace thaw
