#pragma once
// TLS (1.2 and 1.3) over sockets that never block.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/files.h"

struct ssl_st;
struct ssl_ctx_st;

namespace thaw {

struct TlsClientOptions {
  bool verifies = true;           ///< The certificate's chain and the host's name.
  Path ca_file;                   ///< Trusted besides the system's authorities; empty: none.
  std::vector<std::string> alpn;  ///< Protocols offered, the best first: "h2", "http/1.1".
};

/// What the connections of one client or server share.
class TlsContext {
 public:
  /// Errors: bad_input (the file of authorities), environment.
  static Result<TlsContext> client(const TlsClientOptions& options);
  /// A server with its certificate and key (PEM). The first protocol of `alpn` that the client offers is taken.
  /// Errors: bad_input (certificate or key).
  static Result<TlsContext> server(const Path& certificate, const Path& key, std::vector<std::string> alpn);

 private:
  friend class TlsStream;
  struct Release {
    void operator()(ssl_ctx_st* context) const;
  };
  using Owned = std::unique_ptr<ssl_ctx_st, Release>;
  explicit TlsContext(Owned context) : context_(std::move(context)) {}
  Owned context_;
  bool verifies_ = false;
  std::shared_ptr<std::string> alpn_;  ///< In wire form; the server's callback points at it.
};

/// One connection. It does not own the socket, which has to outlive it.
class TlsStream {
 public:
  enum class Step { done, wants_read, wants_write, closed, failed };

  /// A client's end; `host` is what the certificate must be for, a name or an address.
  static Result<TlsStream> connect(const TlsContext& context, int socket, const std::string& host);
  static Result<TlsStream> accept(const TlsContext& context, int socket);

  /// Goes on with the handshake. done: it is complete. Call it again when the socket is ready.
  Step shake_hands();
  /// Reads what is there. done: `got` bytes, at least one. Read on until it wants more from the socket.
  Step read(std::span<char> into, std::size_t& got);
  /// Writes what goes. done: `put` bytes, at least one. After wants_…, repeat with the same bytes.
  Step write(std::string_view bytes, std::size_t& put);
  /// Tells the other side that this was all.
  void say_goodbye();

  /// The protocol that both sides agreed on; empty without one. REQUIRES: the handshake is complete.
  [[nodiscard]] std::string_view protocol() const;
  /// Why the last step failed, in words.
  [[nodiscard]] const std::string& reason() const { return reason_; }

 private:
  struct Release {
    void operator()(ssl_st* ssl) const;
  };
  using Owned = std::unique_ptr<ssl_st, Release>;
  explicit TlsStream(Owned ssl) : ssl_(std::move(ssl)) {}
  Step step_of(int result);
  static Result<TlsStream> create(const TlsContext& context, int socket);

  Owned ssl_;
  std::string reason_;
};

}  // namespace thaw
