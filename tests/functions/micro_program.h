#pragma once
// The thaw-micro program under test: run to its end, or as a server.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "core/files.h"
#include "core/process.h"

namespace thaw::functions {

/// While it lives, children built with the address sanitizer report no leaks: MPI libraries release little at exit.
class LeaksAllowed {
 public:
  LeaksAllowed() { ::setenv("ASAN_OPTIONS", "detect_leaks=0", 1); }
  LeaksAllowed(const LeaksAllowed&) = delete;
  LeaksAllowed& operator=(const LeaksAllowed&) = delete;
  ~LeaksAllowed() { ::unsetenv("ASAN_OPTIONS"); }
};

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

}  // namespace thaw::functions
