#pragma once
// Where to connect to or to listen at: URLs, addresses, and sockets that never block.

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/files.h"

namespace thaw {

/// "http://127.0.0.1:8080/path?query".
struct Url {
  std::string scheme;  ///< In lower case: "http", "https", "grpc".
  std::string host;    ///< Without brackets.
  std::uint16_t port = 80;
  std::string target = "/";  ///< Path and query.

  /// Host and port as the Host header has them; the scheme's own port is left out.
  [[nodiscard]] std::string authority() const;
};

/// Reads an absolute URL; the port follows from the scheme when it is missing. Errors: bad_usage.
Result<Url> parse_url(std::string_view text);

/// An address that connect and bind take.
struct Endpoint {
  sockaddr_storage address{};
  socklen_t length = 0;
  [[nodiscard]] bool is_loopback() const;
};

/// Looks a host up; numeric addresses need no resolver. Errors: environment (unknown host).
Result<Endpoint> resolve(const std::string& host, std::uint16_t port);

/// Begins to connect; the descriptor is writable once that has ended, see connect_error. Small segments leave at once.
/// Errors: environment (no descriptors left, unreachable).
Result<FileDescriptor> begin_connect(const Endpoint& endpoint);
/// How connecting ended: 0, or the errno.
int connect_error(int socket);

/// A listening socket. Errors: environment (port in use, no permission), with what to do.
Result<FileDescriptor> listen_at(const Endpoint& endpoint, int backlog);
/// The port that a listening socket got.
std::uint16_t local_port(int socket);

}  // namespace thaw
