#include "functions/listening_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace thaw::functions {
namespace {

constexpr int backlog = 1024;

/// A socket address of either family.
struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

/// Errors: bad_usage.
Result<Address> parse_address(const std::string& host, std::uint16_t port) {
  Address address;
  auto* const v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* const v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  const std::string& numeric = host == "localhost" ? std::string("127.0.0.1") : host;
  if (::inet_pton(AF_INET, numeric.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    address.size = sizeof(sockaddr_in);
    return address;
  }
  if (::inet_pton(AF_INET6, numeric.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    address.size = sizeof(sockaddr_in6);
    return address;
  }
  return fail_at(ErrorKind::bad_usage, fmt::format("\"{}\" is not a numeric address", host), "--host or HOST",
                 "write 127.0.0.1 for this machine only, or 0.0.0.0 for all addresses");
}

tl::unexpected<Error> cannot_listen(const std::string& host, std::uint16_t port, int error) {
  std::string hint;
  if (error == EADDRINUSE)
    hint = "another program has the port: choose one with --port, or --port 0 for any free one";
  if (error == EACCES) hint = "ports below 1024 need root: choose another with --port";
  return fail_at(ErrorKind::environment, fmt::format("cannot listen: {}", std::strerror(error)),
                 fmt::format("{} port {}", host, port), std::move(hint));
}

}  // namespace

Result<ListeningSocket> listen_at(const std::string& host, std::uint16_t port) {
  THAW_TRY(Address address, parse_address(host, port));
  FileDescriptor socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.is_open()) return cannot_listen(host, port, errno);
  const int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(socket.get(), address.get(), address.size) != 0 || ::listen(socket.get(), backlog) != 0) {
    return cannot_listen(host, port, errno);
  }
  ::getsockname(socket.get(), address.get(), &address.size);
  // Both families keep the port at the same place.
  const std::uint16_t taken = ntohs(reinterpret_cast<sockaddr_in*>(&address.storage)->sin_port);
  const bool is_v6 = address.storage.ss_family == AF_INET6;
  return ListeningSocket{std::move(socket), taken,
                         fmt::format("http://{}{}{}:{}", is_v6 ? "[" : "", host, is_v6 ? "]" : "", taken)};
}

}  // namespace thaw::functions
