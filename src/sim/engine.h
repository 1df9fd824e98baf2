#pragma once
// Who does the work of a sweep: threads of this process, the ranks of an MPI job, the tasks of a Slurm array. An engine
// is one file in sim/engines/ and one line in engines.inc; whichever it is, the record comes out the same.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "sim/sweep.h"
#include "sim/sweep_record.h"

namespace thaw {

/// What the user asked of an engine; each takes what concerns it.
struct EngineSettings {
  SweepLimits limits;
  std::string version;                     ///< Of this program; all that take part must have the same.
  std::uint64_t points_per_task = 0;       ///< slurm: 0 for a number that keeps the array short.
  std::vector<std::string> slurm_options;  ///< slurm: further words for sbatch.
  bool is_awaited = true;                  ///< slurm: false returns after the submission.
};

/// Who is told while an engine works. Calls come from one thread at a time.
struct EngineObserver {
  SweepProgress on_progress;
  std::function<void(const std::string&)> on_state;  ///< What the engine waits for, for the progress line.
  std::function<void(const std::string&)> on_note;   ///< Worth a line in the log.
};

/// How an engine ended when it did not fail.
enum class EngineEnd {
  finished,      ///< Every point has its row.
  interrupted,   ///< By the user; what was finished is in the record.
  left_running,  ///< The work goes on elsewhere; resuming the record collects it.
};

/// Leads the experiment, or serves the process that does.
enum class EngineRole { leader, helper };

class SweepEngine {
 public:
  virtual ~SweepEngine() = default;
  /// Joins the other processes of the engine, if it has any. Called first, except for `describe`.
  /// Errors: environment.
  virtual Result<EngineRole> join() { return EngineRole::leader; }
  /// A helper's whole work; it keeps no record and prints nothing. Errors: environment (the leader is gone).
  virtual Result<> help(Clock& /*clock*/) { return {}; }
  /// A leader's: simulates the missing points of a record. Errors: those of the points, naming where they were met;
  /// environment.
  virtual Result<EngineEnd> run(SweepRecord& record, Clock& clock, const EngineObserver& observer) = 0;
  /// What `run` would do for these points, in sentences for the user.
  [[nodiscard]] virtual std::vector<std::string> describe(const SweepConfiguration& configuration,
                                                          std::span<const std::uint64_t> todo) const = 0;
};

/// A row of the table of engines.
struct EngineEntry {
  std::string_view name;
  std::string_view summary;
  std::unique_ptr<SweepEngine> (*make)(const EngineSettings& settings);
};
/// Every engine, in help order.
std::span<const EngineEntry> sweep_engines();
/// Errors: bad_usage with the nearest name.
Result<std::unique_ptr<SweepEngine>> make_engine(std::string_view name, const EngineSettings& settings);
/// The engine that continues a record when none is named: the one whose work may still be under way.
std::string_view engine_of(const Path& record);

}  // namespace thaw
