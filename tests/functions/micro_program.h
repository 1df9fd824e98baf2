#pragma once
// The thaw-micro program under test: run to its end, or as a server.

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "core/process.h"
#include "functions/running_program.h"

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

/// thaw-micro as a server on a free port of 127.0.0.1, ended with the object.
class RunningServer : public RunningProgram {
 public:
  explicit RunningServer(std::vector<std::string> args)
      : RunningProgram(
            command({THAW_MICRO, "--serve", "--port", "0", "--host", "127.0.0.1"}, std::move(args))) {}
};

}  // namespace thaw::functions
