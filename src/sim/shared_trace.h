#pragma once
// A trace that many simulations read: in memory when it is short enough, else a stream that is opened for each pass. A
// part of its functions can be drawn.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "trace/reader.h"

namespace thaw {

/// One pass over a trace. Blocks in memory are lent, not copied.
class TracePass {
 public:
  virtual ~TracePass() = default;
  /// The next invocations, in `own` or elsewhere; empty at the end. Valid until the next call. Errors: the source's.
  virtual Result<const InvocationBlock*> next_block(InvocationBlock& own) = 0;
};

class SharedTrace {
 public:
  /// Opens a trace and reads it into memory unless it has more than `most_in_memory` invocations. With `functions` > 0
  /// so many of its functions take part, drawn without replacement by the seed; all when it has no more.
  /// Errors: as open_trace.
  static Result<std::unique_ptr<SharedTrace>> open(const std::string& path, const ReadOptions& options,
                                                   std::uint64_t most_in_memory, std::uint64_t functions,
                                                   std::uint64_t seed);

  [[nodiscard]] std::span<const TraceFunction> functions() const { return functions_; }
  [[nodiscard]] bool is_in_memory() const { return is_in_memory_; }
  /// Passes may run in different threads. Errors: environment (cannot be read).
  [[nodiscard]] Result<std::unique_ptr<TracePass>> pass() const;

 private:
  SharedTrace() = default;
  void draw_functions(std::uint64_t count, std::uint64_t seed);
  Result<> load(std::uint64_t most);

  std::unique_ptr<TraceFile> file_;
  std::vector<TraceFunction> functions_;
  std::vector<FunctionIndex> renumbered_;  ///< By the file's function; empty: all take part.
  std::vector<InvocationBlock> blocks_;
  bool is_in_memory_ = false;
};

}  // namespace thaw
