// One row per invocation, with its end and duration in seconds: the Azure Functions trace 2021 (Zhang et al., SOSP
// 2021), and the IBM trace 2026, which has the start and the duration in milliseconds. Neither is sorted by start,
// so the trace is held in memory.

#include <algorithm>
#include <cmath>

#include "trace/forms.h"
#include "trace/function_table.h"
#include "trace/loaded_trace.h"

namespace thaw::forms {
namespace {

/// The IBM trace counts its seconds from 4:59:59 before its first day.
constexpr double ibm_zero_s = 4 * 3600 + 59 * 60 + 59;

/// Where the columns are, and how their numbers become a start and a duration.
struct RowForm {
  std::string_view name;
  std::size_t app = 0, function = 0, time = 0, duration = 0;
  double zero_s = 0;
  double duration_to_ms = 1000;
  bool is_end = true;  ///< Whether the time is the invocation's end.
};

struct TimedRow {
  double start_ms = 0;
  double duration_ms = 0;
};

Result<TimedRow> read_times(const CsvTable& table, const RowForm& form) {
  THAW_TRY(const double time, table.number(form.time));
  THAW_TRY(const double duration, table.number(form.duration));
  TimedRow row;
  row.duration_ms = duration * form.duration_to_ms;
  row.start_ms = form.is_end ? (time - duration) * 1000 : (time - form.zero_s) * 1000;
  return row;
}

/// What is wrong with a row, and under which name its repair is counted.
struct Flaw {
  std::string what;
  std::string_view repair;
};

std::optional<Flaw> flaw_of(const TimedRow& row) {
  if (!is_possible_time(row.duration_ms)) {
    return Flaw{fmt::format("the duration is {} ms, a number from 0 to 4e12 is needed", row.duration_ms),
                repairs::bad_duration};
  }
  if (!is_possible_time(row.start_ms)) {
    return Flaw{
        fmt::format("the invocation starts at {} ms, a number from 0 to 4e12 is needed", row.start_ms),
        repairs::bad_time};
  }
  return std::nullopt;
}

/// Collects the invocations and what they tell of their functions.
class Collector {
 public:
  explicit Collector(const ReadOptions& options) : memory_mb_(options.default_memory_mb) {}

  void add(std::string_view app, std::string_view name, const TimedRow& row) {
    // The same function name under two apps is two functions.
    key_ = name;
    if (app != name) key_.insert(0, "/").insert(0, app);
    if (names_.add(key_)) {
      TraceFunction function;
      function.name = key_;
      function.app = app;
      function.memory_mb = memory_mb_;
      trace_.functions.push_back(std::move(function));
      calls_.push_back(0);
    }
    const FunctionIndex index = names_.find(key_);
    TraceFunction& function = trace_.functions[index];
    function.cold_ms = std::max(function.cold_ms, row.duration_ms);
    function.warm_ms += row.duration_ms;
    ++calls_[index];
    trace_.invocations.time_ms.push_back(row.start_ms);
    trace_.invocations.function.push_back(index);
    trace_.invocations.duration_ms.push_back(row.duration_ms);
  }

  /// Cold is the longest duration of a function and warm the mean one.
  Trace finish() {
    for (std::size_t i = 0; i < calls_.size(); ++i) trace_.functions[i].warm_ms /= calls_[i];
    sort_by_time(trace_.invocations);
    return std::move(trace_);
  }

 private:
  double memory_mb_;
  Trace trace_;
  FunctionNames names_;
  std::vector<double> calls_;
  std::string key_;
};

Result<std::unique_ptr<TraceFile>> open_rows(CsvTable table, const RowForm& form, const ReadOptions& options,
                                             ReadingNotes notes) {
  if (!is_possible_memory(options.default_memory_mb)) {
    return fail(ErrorKind::bad_usage, "the memory of a function must be above 0, got {} MB",
                options.default_memory_mb);
  }
  Collector collector(options);
  std::uint64_t rows = 0;
  for (;;) {
    THAW_TRY(const bool has_row, table.next(notes));
    if (!has_row) break;
    auto row = read_times(table, form);
    std::optional<Flaw> flaw;
    if (row) flaw = flaw_of(*row);
    if (!row && !notes.repair)
      return tl::unexpected(std::move(row).error().with_hint(repair_hint(repairs::bad_time)));
    if (flaw && !notes.repair) {
      return fail_at(ErrorKind::bad_input, flaw->what, table.place(), repair_hint(flaw->repair));
    }
    if (!row || flaw) {
      notes.repairs.note(flaw ? flaw->repair : repairs::bad_time);
      continue;
    }
    if (++rows > options.most_invocations_in_memory) {
      return fail_at(ErrorKind::bad_input, "the trace has too many invocations to be sorted in memory",
                     table.place());
    }
    collector.add(table.field(form.app), table.field(form.function), *row);
  }
  return make_loaded_trace(form.name, collector.finish(), options, std::move(notes));
}

}  // namespace

Result<std::unique_ptr<TraceFile>> open_azure2021(const InputFile& file, const ReadOptions& options) {
  ReadingNotes notes{.repair = options.repair};
  THAW_TRY(CsvTable table, CsvTable::open(file, notes));
  RowForm form{.name = "azure2021"};
  THAW_TRY(form.app, table.column({"app"}));
  THAW_TRY(form.function, table.column({"func"}));
  THAW_TRY(form.time, table.column({"end_timestamp"}));
  THAW_TRY(form.duration, table.column({"duration"}));
  return open_rows(std::move(table), form, options, std::move(notes));
}

Result<std::unique_ptr<TraceFile>> open_ibm2026(const InputFile& file, const ReadOptions& options) {
  ReadingNotes notes{.repair = options.repair};
  THAW_TRY(CsvTable table, CsvTable::open(file, notes));
  RowForm form{.name = "ibm2026", .zero_s = ibm_zero_s, .duration_to_ms = 1, .is_end = false};
  THAW_TRY(form.app, table.column({"NamespaceHash"}));
  THAW_TRY(form.function, table.column({"AppHash"}));
  THAW_TRY(form.time, table.column({"InvocationTimes"}));
  THAW_TRY(form.duration, table.column({"AppExecTimes"}));
  return open_rows(std::move(table), form, options, std::move(notes));
}

}  // namespace thaw::forms
