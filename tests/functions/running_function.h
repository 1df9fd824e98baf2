#pragma once
// thaw-fn under test.

#include "functions/running_program.h"

namespace thaw::functions {

/// thaw-fn on a free port of 127.0.0.1.
class RunningFunction : public RunningProgram {
 public:
  explicit RunningFunction(std::vector<std::string> args = {})
      : RunningProgram(
            command({THAW_FN, "--port", "0", "--host", "127.0.0.1", "--machine", "here"}, std::move(args))) {}
};

}  // namespace thaw::functions
