#pragma once
// An HTTP client of bare sockets, for talking to a server of this machine as wrongly as a test needs.

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "core/files.h"

namespace thaw::functions {

struct Reply {
  int status = 0;  ///< 0: the connection ended without one.
  std::string head;
  std::string body;
};

/// A raw connection: sends what it is told, however wrong.
class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience = {20, 0};  // A server that hangs fails the test, not the test run.
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return;  // The server may have refused already.
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  /// The next response.
  Reply receive() {
    Reply reply;
    while (pending_.find("\r\n\r\n") == std::string::npos) {
      if (!receive_some()) return reply;
    }
    const std::size_t end = pending_.find("\r\n\r\n") + 4;
    reply.head = pending_.substr(0, end);
    reply.status = std::stoi(reply.head.substr(9, 3));
    const std::size_t length = reply.head.find("Content-Length: ");
    const std::size_t size = length == std::string::npos ? 0 : std::stoul(reply.head.substr(length + 16));
    while (pending_.size() < end + size && receive_some()) {
    }
    reply.body = pending_.substr(end, size);
    pending_.erase(0, end + size);
    return reply;
  }

  Reply post(std::string_view target, std::string_view body, std::string_view headers = {}) {
    send(fmt::format("POST {} HTTP/1.1\r\nHost: x\r\n{}Content-Length: {}\r\n\r\n{}", target, headers,
                     body.size(), body));
    return receive();
  }

  Reply get(std::string_view target) {
    send(fmt::format("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", target));
    return receive();
  }

  /// What has come, at least one byte; empty when the connection has ended.
  std::string receive_bytes() {
    if (pending_.empty()) receive_some();
    return std::exchange(pending_, {});
  }

  /// Everything until the connection ends.
  std::string receive_all() {
    while (receive_some()) {
    }
    return std::exchange(pending_, {});
  }

  /// Whether the server has closed the connection, waiting for it or for a byte.
  bool is_closed() { return pending_.empty() && !receive_some(); }

 private:
  bool receive_some() {
    std::array<char, 65536> buffer;
    const ssize_t n = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (n > 0) pending_.append(buffer.data(), static_cast<std::size_t>(n));
    return n > 0;
  }

  FileDescriptor socket_;
  std::string pending_;
};

}  // namespace thaw::functions
