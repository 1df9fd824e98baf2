#include "net/endpoint.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "core/text.h"

namespace thaw {
namespace {

std::uint16_t default_port(std::string_view scheme) {
  return scheme == "https" || scheme == "grpcs" ? 443 : 80;
}

tl::unexpected<Error> system_failure(std::string_view what, int code) {
  return fail(ErrorKind::environment, "{}: {}", what, std::strerror(code));
}

}  // namespace

std::string Url::authority() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  std::string text = is_ipv6 ? "[" + host + "]" : host;
  if (port != default_port(scheme)) text += fmt::format(":{}", port);
  return text;
}

Result<Url> parse_url(std::string_view text) {
  const auto bad = [&](std::string_view why) {
    return fail_at(ErrorKind::bad_usage, fmt::format("\"{}\" is no URL: {}", text, why), {},
                   "write for example http://127.0.0.1:8080/");
  };
  Url url;
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return bad("it has no scheme");
  url.scheme = to_lower(text.substr(0, colon));
  std::string_view rest = text.substr(colon + 3);
  const std::size_t slash = rest.find_first_of("/?#");
  std::string_view authority = rest.substr(0, slash);
  if (slash != std::string_view::npos) {
    url.target = rest.substr(slash);
    url.target.resize(std::min(url.target.size(), url.target.find('#')));
    if (url.target.empty() || url.target.front() != '/') url.target.insert(0, "/");
  }
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    return bad("names and passwords do not belong into a URL");
  }
  url.port = default_port(url.scheme);
  std::size_t port_at = authority.rfind(':');
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return bad("the bracket of the address is not closed");
    url.host = authority.substr(1, end - 1);
    port_at = authority.find(':', end);
  } else {
    url.host = authority.substr(0, port_at);
  }
  if (url.host.empty()) return bad("it has no host");
  if (port_at != std::string_view::npos) {
    const auto port = parse_integer(authority.substr(port_at + 1));
    if (!port || *port < 1 || *port > 65535) return bad("the port must be from 1 to 65535");
    url.port = static_cast<std::uint16_t>(*port);
  }
  return url;
}

bool Endpoint::is_loopback() const {
  if (address.ss_family == AF_INET) {
    return (ntohl(reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr) >> 24) == 127;
  }
  return address.ss_family == AF_INET6 &&
         IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
}

Result<Endpoint> resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int status = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  if (status != 0) {
    return fail_at(ErrorKind::environment,
                   fmt::format("host \"{}\" is not known: {}", host, ::gai_strerror(status)), {},
                   "check the spelling, or give the address itself");
  }
  Endpoint endpoint;
  std::memcpy(&endpoint.address, found->ai_addr, found->ai_addrlen);
  endpoint.length = found->ai_addrlen;
  return endpoint;
}

Result<FileDescriptor> begin_connect(const Endpoint& endpoint) {
  FileDescriptor socket(::socket(endpoint.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return system_failure("no socket is to be had", errno);
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const auto* address = reinterpret_cast<const sockaddr*>(&endpoint.address);
  if (::connect(socket.get(), address, endpoint.length) != 0 && errno != EINPROGRESS) {
    return system_failure("cannot connect", errno);
  }
  return socket;
}

int connect_error(int socket) {
  int code = 0;
  socklen_t size = sizeof code;
  ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &size);
  return code;
}

Result<FileDescriptor> listen_at(const Endpoint& endpoint, int backlog) {
  FileDescriptor socket(::socket(endpoint.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return system_failure("no socket is to be had", errno);
  const int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const auto* address = reinterpret_cast<const sockaddr*>(&endpoint.address);
  if (::bind(socket.get(), address, endpoint.length) != 0 || ::listen(socket.get(), backlog) != 0) {
    const int code = errno;
    return fail_at(ErrorKind::environment, fmt::format("cannot listen: {}", std::strerror(code)), {},
                   code == EADDRINUSE
                       ? "another program has the port; choose another one, or 0 for any free one"
                       : "choose another address or port");
  }
  return socket;
}

std::uint16_t local_port(int socket) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) != 0) return 0;
  return address.ss_family == AF_INET6 ? ntohs(reinterpret_cast<sockaddr_in6&>(address).sin6_port)
                                       : ntohs(reinterpret_cast<sockaddr_in&>(address).sin_port);
}

}  // namespace thaw
