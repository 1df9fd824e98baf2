#pragma once
// One repetition of a composed command: its processes run together, with their output captured in memory.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/pattern.h"
#include "core/process.h"

namespace thaw {

/// How the processes of a repetition are started.
struct RepetitionSetup {
  std::optional<Path> stdin_file;  ///< Opened anew for every copy; none: /dev/null.
  /// Processors. One copy may use all of them; with several copies, copy k is pinned to the k-th (modulo their count).
  std::vector<int> pin;
  RunLimits limits;
  std::vector<Pattern> failure_texts;  ///< A copy in whose output one of them occurs has failed.
  bool keep_output = true;             ///< False: the output is only read of copies that failed.
};

/// One copy of the command in one repetition.
struct CopyResult {
  ProcessReport report;
  std::string out;  ///< stdout
  std::string err;  ///< stderr
  [[nodiscard]] bool succeeded() const { return report.outcome == Outcome::exited && report.exit_code == 0; }
  /// "ok", "failed", "signal", "timeout", "oom", "output_limit", "interrupted" or "not_started".
  [[nodiscard]] std::string_view status() const;
};

/// The memory files that take the output of a copy. A pair that nobody wrote into serves the next repetition too:
/// making a pair takes as long as everything else that is done between two short repetitions.
class OutputFiles {
 public:
  /// Makes `copies` open pairs. Errors: environment.
  Result<> open(std::size_t copies);
  [[nodiscard]] int out(std::size_t copy) const { return pairs_[copy].out.get(); }
  [[nodiscard]] int err(std::size_t copy) const { return pairs_[copy].err.get(); }
  /// Gives the pair up if something was written, or if a process may still write into it.
  void release(std::size_t copy, bool may_be_written);

 private:
  struct Pair {
    FileDescriptor out, err;
  };
  std::vector<Pair> pairs_;
};

/// Starts one process for each command, together, and waits for all.
/// Errors: environment when stdin_file cannot be read or no process can be created.
Result<std::vector<CopyResult>> run_repetition(std::span<const Command> commands,
                                               const RepetitionSetup& setup, OutputFiles& files);

/// Why a copy failed, in one sentence with the last line it printed, and what to do about the well-known causes
/// (no Docker daemon, host unreachable, missing program, …).
struct FailureReport {
  std::string what;
  std::string hint;
};
FailureReport explain_failure(const CopyResult& copy);

}  // namespace thaw
