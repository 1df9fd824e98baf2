#pragma once
// Opens traces of every form that docs/traces.md lists. The form is found by content, never by the file's name; every
// file may be compressed with gzip. Invocations stream: memory grows with the functions, not with the invocations,
// unless a form is not sorted by time (Azure 2021, FaasCache pickles, and a trace that `repair` has to sort).

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/files.h"
#include "trace/trace.h"

namespace thaw {

/// Which functions of a trace of counts (Azure 2019, Huawei 2023) take part.
enum class FunctionSelection {
  called,  ///< As FaasCache selects: called at least twice, with durations and memory. The others are noted.
  every,  ///< All, in file order; a function without durations or memory is an error, as a load plan needs them.
};

/// How a trace is read.
struct ReadOptions {
  /// Mends what can be mended instead of refusing it; TraceFile::repairs tells what and how often.
  bool repair = false;
  /// Invocations that start within [begin_ms, end_ms) are kept and their times counted from begin_ms. Forms of counts
  /// take whole columns only.
  double begin_ms = 0;
  double end_ms = std::numeric_limits<double>::infinity();
  /// Which of a folder's days, by the number in its files' names; the first one when not given.
  std::optional<int> day;
  /// MB of every function of a form that records no memory.
  double default_memory_mb = 200;
  FunctionSelection selection = FunctionSelection::called;
  /// load_trace refuses a longer trace instead of exhausting the memory.
  std::uint64_t most_invocations_in_memory = 2'000'000'000;
};

/// One kind of mending or remark, and how often it was needed.
struct Repair {
  std::string what;  ///< "rows with a negative time dropped"
  std::uint64_t count = 0;
};

/// An opened trace: its functions, and as many passes over its invocations as wanted.
class TraceFile {
 public:
  virtual ~TraceFile() = default;

  /// "pair", "azure2019", "azure2021", "faascache", "huawei2023" or "ibm2026".
  [[nodiscard]] virtual std::string_view form() const = 0;
  [[nodiscard]] virtual const std::vector<TraceFunction>& functions() const = 0;

  /// Starts a pass. Passes are independent and may run in different threads; they must not outlive the TraceFile.
  /// Errors: environment (cannot be read).
  [[nodiscard]] virtual Result<std::unique_ptr<InvocationSource>> open() const = 0;

  /// The counts of a form that holds counts, else nullopt. A whole table: 4 bytes a function and column.
  [[nodiscard]] virtual std::optional<ArrivalCounts> counts() const { return std::nullopt; }

  /// Number of invocations where it is known without a pass.
  [[nodiscard]] virtual std::optional<std::uint64_t> invocations() const { return std::nullopt; }

  /// Whether blocks carry the duration of each invocation.
  [[nodiscard]] virtual bool has_durations() const { return false; }

  /// What was mended. Complete once open_trace has returned; empty without ReadOptions::repair.
  [[nodiscard]] virtual const std::vector<Repair>& repairs() const = 0;

  /// What was read without complaint but is worth knowing: byte order marks, CRLF line ends, functions left out.
  [[nodiscard]] virtual const std::vector<Repair>& remarks() const = 0;
};

/// Opens a trace: a folder, one file, one file of a pair or of a set, or the common beginning of their names
/// ("traces/20" for traces/20_inv.csv, traces/20_run.csv and traces/20_mem.csv); or the name of a synthetic trace
/// (trace/synthetic_name.h).
/// Errors: environment (absent, unreadable), bad_input with file and line, bad_usage for an impossible selection.
/// Cost: reads the functions; a form of counts and an unsorted form are read whole; `repair` makes one pass more.
Result<std::unique_ptr<TraceFile>> open_trace(const Path& path, const ReadOptions& options = {});

/// A whole trace in memory. Errors: as open_trace and InvocationSource::next; bad_input when it is too long.
Result<Trace> load_trace(const Path& path, const ReadOptions& options = {});

/// The invocations of an opened trace in memory. Errors: as load_trace.
Result<Trace> load_trace(const TraceFile& file, const ReadOptions& options = {});

}  // namespace thaw
