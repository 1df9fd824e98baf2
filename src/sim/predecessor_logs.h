#pragma once
// The three logs of the research simulator, in its formats, so that scripts written for it read ours. Files
// are named `{policy}-{number of functions}-{memory}-{run}-` and then
//
//   performancelog.csv   lambda,time,meta                       a row per served invocation: miss or hit
//   memusagehist.csv     time,reason,mem_used,mem_size,extra    a row per change of memory
//   purecachehist.csv    time,used_mem,running_mem,pure_cache   a row per served invocation
//
// As there, the extra column is N/A or the list of victims, printed with commas and no quotes around it,
// which makes such rows longer than the header; readers drop them. Unlike there, a function's name with a
// comma or a quote is quoted (RFC 4180). Numbers look as Python prints them: whole ones without a fraction,
// except for priorities of policies that compute them in floating point.

#include <memory>
#include <string>

#include "core/error.h"
#include "core/files.h"
#include "sim/observer.h"
#include "sim/outcome.h"

namespace thaw {

class PredecessorLogs final : public SimulationObserver {
 public:
  /// Creates or replaces the files in a folder that exists; `run` is the trace's letter there. The functions
  /// outlive the logs. Errors: environment (cannot be written).
  static Result<PredecessorLogs> create(const Path& folder, const SimulationPoint& point,
                                        std::span<const TraceFunction> functions, std::string_view run = "a");

  void on_invocation(double time_ms, FunctionIndex function, Served served) override;
  void on_memory(double time_ms, std::string_view reason, double used_mb, double size_mb,
                 std::span<const EvictedContainer> victims) override;
  void on_served(double time_ms, double used_mb, double running_mb) override;

  /// Writes what is left. Call it at the end: it gives the first error of all writing. Errors: environment.
  Result<> close();

 private:
  struct Log {
    FileDescriptor file;
    std::string path;
    std::string pending;
  };

  PredecessorLogs(std::span<const TraceFunction> functions, bool has_float_priorities);
  static Result<Log> open(const Path& path, std::string_view header);
  void append(Log& log, std::string_view row);
  void flush(Log& log);
  [[nodiscard]] std::string victim_list(std::span<const EvictedContainer> victims) const;

  std::span<const TraceFunction> functions_;
  bool has_float_priorities_;
  std::vector<std::string> names_;  ///< By function, as fields.
  Log performance_;
  Log memory_;
  Log pure_cache_;
  Result<> written_;
};

}  // namespace thaw
