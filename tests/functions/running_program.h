#pragma once
// A server program under test.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>
#include <vector>

#include "core/files.h"

namespace thaw::functions {

/// A program that serves and says where in the first line of its log. Ended with the object.
class RunningProgram {
 public:
  explicit RunningProgram(std::vector<std::string> args) {
    std::vector<char*> argv;
    argv.reserve(args.size() + 1);
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
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;
  ~RunningProgram() {
    if (pid_ > 0) end(SIGKILL);
  }

  static std::vector<std::string> command(std::vector<std::string> first, std::vector<std::string> rest) {
    first.insert(first.end(), rest.begin(), rest.end());
    return first;
  }

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const std::string& log() const { return line_; }
  void signal(int number) const { ::kill(pid_, number); }

  /// Signals the server and waits for it. Its exit code; -1 when the signal killed it.
  int end(int number) {
    ::kill(pid_, number);
    return wait();
  }

  /// Waits for the program's own end. Its exit code; -1 when a signal killed it.
  int wait() {
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

}  // namespace thaw::functions
