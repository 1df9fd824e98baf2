#pragma once
// The thaw-micro program under test: run to its end, or as a server, and a client to talk to it.

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "core/files.h"
#include "core/process.h"

namespace thaw::functions {

/// Runs the program and waits for it.
inline ToolOutput run_micro(std::vector<std::string> args, std::string_view input = {},
                            std::vector<std::pair<std::string, std::string>> env = {{"PORT", ""}},
                            const std::string& program = THAW_MICRO) {
  args.insert(args.begin(), program);
  auto output = run_tool({std::move(args), std::move(env)}, input);
  EXPECT_TRUE(output) << render(output.error());
  return output ? *std::move(output) : ToolOutput{};
}

/// A served program on a free port of 127.0.0.1, ended with the object.
class RunningServer {
 public:
  explicit RunningServer(std::vector<std::string> args) {
    args.insert(args.begin(), {THAW_MICRO, "--serve", "--port", "0", "--host", "127.0.0.1"});
    std::vector<char*> argv;
    for (std::string& word : args) argv.push_back(word.data());
    argv.push_back(nullptr);
    std::array<int, 2> log{};
    EXPECT_EQ(::pipe2(log.data(), O_CLOEXEC), 0);
    log_ = FileDescriptor(log[0]);
    const FileDescriptor log_end(log[1]);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, log_end.get(), STDERR_FILENO);
    EXPECT_EQ(::posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ), 0);
    ::posix_spawn_file_actions_destroy(&actions);
    read_port();
  }
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;
  ~RunningServer() {
    if (pid_ > 0) end(SIGKILL);
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const std::string& log() const { return line_; }
  void signal(int number) const { ::kill(pid_, number); }

  /// Signals the server and waits for it. Its exit code; -1 when the signal killed it.
  int end(int number) {
    ::kill(pid_, number);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  /// The first line of the log ends with ":PORT".
  void read_port() {
    char c = 0;
    while (::read(log_.get(), &c, 1) == 1 && c != '\n') line_ += c;
    const std::size_t colon = line_.rfind(':');
    ASSERT_NE(colon, std::string::npos) << line_;
    port_ = static_cast<std::uint16_t>(std::stoi(line_.substr(colon + 1)));
  }

  pid_t pid_ = -1;
  FileDescriptor log_;
  std::string line_;
  std::uint16_t port_ = 0;
};

struct Reply {
  int status = 0;  ///< 0: the connection ended without one.
  std::string head;
  std::string body;
};

/// A raw connection: sends what it is told, however wrong.
class Client {
 public:
  explicit Client(const RunningServer& server) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience = {20, 0};  // A server that hangs fails the test, not the test run.
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server.port());
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
