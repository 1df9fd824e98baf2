#pragma once
// A client for tests that waits: one connection, one request after the other.

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <string_view>

#include "net/endpoint.h"
#include "net/http1_response.h"

namespace thaw {

/// An answer as tests look at it. Status 0: the connection ended without one.
struct Answer {
  int status = 0;
  std::string head, body;

  /// The value of a header, "" without one.
  [[nodiscard]] std::string header(std::string_view name) const {
    const std::size_t at = head.find("\r\n" + std::string(name) + ": ");
    if (at == std::string::npos) return {};
    const std::size_t begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

class HttpClient {
 public:
  explicit HttpClient(const std::string& url) : url_(parse_url(url).value()) {}

  /// Sends bytes as they are.
  void send_raw(std::string_view bytes) {
    if (!socket_.is_open()) connect();
    (void)::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }

  /// Whatever comes next; "" at the end.
  std::string read_raw() {
    std::array<char, 65536> buffer;
    ssize_t count = 0;
    do {
      count = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    } while (count < 0 && errno == EINTR);
    return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
  }

  /// Reads one answer.
  Answer read(bool has_no_body = false) {
    ResponseReader reader(64 << 20);
    reader.begin(has_no_body);
    std::array<char, 65536> buffer;
    pending_.erase(0, reader.feed(pending_));
    while (!reader.is_complete() && !reader.has_failed()) {
      const ssize_t count = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) {
        reader.end_of_stream();
        break;
      }
      const std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
      pending_ = bytes.substr(reader.feed(bytes));
    }
    if (!reader.is_complete()) {
      socket_.reset();
      return {};
    }
    Answer answer{reader.status(), std::string(reader.head()), std::string(reader.body())};
    if (!reader.keeps_alive()) socket_.reset();
    return answer;
  }

  Answer request(std::string_view method, std::string_view target, std::string_view body = {},
                 std::string_view headers = {}) {
    send_raw(fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n{}\r\n{}", method, target,
                         headers.find("Host:") == 0 ? "" : url_.authority(), body.size(), headers, body));
    return read(method == "HEAD");
  }
  Answer get(std::string_view target) { return request("GET", target); }
  Answer post(std::string_view target, std::string_view body = {}) { return request("POST", target, body); }
  Answer put(std::string_view target, std::string_view body) { return request("PUT", target, body); }

  /// Sends a request and does not wait for its answer.
  void begin(std::string_view target) {
    send_raw(fmt::format("POST {} HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n", target));
  }
  /// Ends the connection.
  void leave() { socket_.reset(); }

 private:
  void connect() {
    auto socket = begin_connect(resolve(url_.host, url_.port).value()).value();
    pollfd watched{socket.get(), POLLOUT, 0};
    ::poll(&watched, 1, 5000);
    if (connect_error(socket.get()) != 0) throw std::runtime_error("nobody listens at " + url_.authority());
    // A test that waits for ever tells nobody why.
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const int flags = ::fcntl(socket.get(), F_GETFL);
    ::fcntl(socket.get(), F_SETFL, flags & ~O_NONBLOCK);
    socket_ = std::move(socket);
  }

  Url url_;
  FileDescriptor socket_;
  std::string pending_;  ///< Of the next answers.
};

}  // namespace thaw
