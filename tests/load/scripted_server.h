#pragma once
// A server of bare sockets that does what a test tells it, however wrong: one thread for each connection.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "net/endpoint.h"

namespace thaw::tests {

/// One connection, as its script sees it. Reading ends when the client closes or the server is destroyed.
class Peer {
 public:
  explicit Peer(int fd) : fd_(fd) {}

  /// The head of the next request; empty when there is none.
  std::string read_head() {
    while (pending_.find("\r\n\r\n") == std::string::npos) {
      if (!receive()) return {};
    }
    const std::size_t end = pending_.find("\r\n\r\n") + 4;
    std::string head = pending_.substr(0, end);
    pending_.erase(0, end);
    return head;
  }
  std::string read_body(std::size_t bytes) {
    while (pending_.size() < bytes && receive()) {
    }
    std::string body = pending_.substr(0, bytes);
    pending_.erase(0, bytes);
    return body;
  }
  /// What has come; empty when nothing more does.
  std::string read_some() {
    if (pending_.empty()) receive();
    return std::exchange(pending_, {});
  }
  void send(std::string_view text) const { (void)::send(fd_, text.data(), text.size(), MSG_NOSIGNAL); }
  /// Returns when the client has closed.
  void wait_for_end() {
    while (receive()) pending_.clear();
  }
  /// Ends the connection with a reset instead of an orderly end.
  void reset() const {
    const linger now = {1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }

 private:
  bool receive() {
    char bytes[4096];
    const ssize_t got = ::recv(fd_, bytes, sizeof bytes, 0);
    if (got <= 0) return false;
    pending_.append(bytes, static_cast<std::size_t>(got));
    return true;
  }

  int fd_;
  std::string pending_;
};

class ScriptedServer {
 public:
  /// Runs `script` for each connection, with its number from 0; the connection is closed when it returns.
  using Script = std::function<void(Peer& peer, int number)>;

  explicit ScriptedServer(Script script) : script_(std::move(script)) {
    const Endpoint any = resolve("127.0.0.1", 0).value();
    listener_ = listen_at(any, 128).value();
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~ScriptedServer() {
    is_stopped_ = true;
    ::shutdown(listener_.get(), SHUT_RDWR);
    acceptor_.join();
    {
      const std::lock_guard lock(mutex_);
      for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  [[nodiscard]] std::string url(std::string_view path = "/") const {
    return fmt::format("http://127.0.0.1:{}{}", local_port(listener_.get()), path);
  }
  [[nodiscard]] int connections() const { return connections_.load(); }

 private:
  void accept_all() {
    while (!is_stopped_) {
      pollfd ready = {listener_.get(), POLLIN, 0};
      ::poll(&ready, 1, -1);
      const int fd = ::accept(listener_.get(), nullptr, nullptr);
      if (fd < 0) continue;
      const std::lock_guard lock(mutex_);
      open_.push_back(fd);
      threads_.emplace_back([this, fd, number = connections_.fetch_add(1)] {
        Peer peer(fd);
        script_(peer, number);
        const std::lock_guard closing(mutex_);
        std::erase(open_, fd);
        ::close(fd);
      });
    }
  }

  Script script_;
  FileDescriptor listener_;
  std::thread acceptor_;
  std::atomic<bool> is_stopped_{false};
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  std::vector<int> open_;
  std::vector<std::thread> threads_;
};

/// Answers every request with the same text.
inline ScriptedServer::Script answering(std::string text) {
  return [text = std::move(text)](Peer& peer, int) {
    while (!peer.read_head().empty()) peer.send(text);
  };
}

inline const std::string ok_answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

}  // namespace thaw::tests
