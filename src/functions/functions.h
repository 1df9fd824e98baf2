#pragma once
// The micro functions: small programs whose cost is known, to measure launchers and platforms with. Each runs from
// the command line or answers an HTTP request; both ways give the same text, whose line
// "@@@ Time NAME SECONDS" tells what the function itself measured.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/error.h"

namespace thaw::functions {

/// One call of a function.
struct Invocation {
  Clock& clock;
  std::vector<std::string> args;
  std::string body;           ///< The payload of a served call; on the command line stdin is the payload.
  std::uint64_t index = 0;    ///< How many calls this process had answered before.
  bool is_served = false;     ///< Called over HTTP.
  bool may_use_files = true;  ///< Whether the caller is trusted with file names.
};

/// A row of the registry; see functions.inc for the meaning of the texts.
struct Function {
  std::string_view name;
  std::string_view arguments;  ///< "[N=100]", for help and errors.
  std::string_view summary;
  bool takes_payload = false;  ///< The body of a request is its input, not its arguments.
  /// The whole output. Errors: bad_usage for its arguments, environment or run_failed for the rest.
  Result<std::string> (*run)(const Invocation&) = nullptr;
};

/// All functions, in help order.
std::span<const Function> functions();

/// The function of that name. Errors: bad_usage with the nearest name as advice.
Result<const Function*> find_function(std::string_view name);

/// Whether the registry has the name.
bool is_function(std::string_view name);

/// The line launchers look for, with nanosecond digits: "@@@ Time matmul 0.000712345\n".
std::string time_line(std::string_view name, Seconds time);

/// Measures one stretch of a function.
class Stopwatch {
 public:
  explicit Stopwatch(const Clock& clock) : clock_(clock), start_(clock.now()) {}
  [[nodiscard]] Seconds elapsed() const { return clock_.now() - start_; }

 private:
  const Clock& clock_;
  MonotonicTime start_;
};

}  // namespace thaw::functions
