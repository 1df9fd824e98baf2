#pragma once
// The life of one cell: look-ups, resets, repetitions, rows, and the stopping rule's opinion.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/experiment.h"
#include "bench/plan.h"
#include "bench/probe.h"
#include "bench/repetition.h"
#include "bench/result.h"
#include "bench/stop_rule.h"
#include "record/samples.h"

namespace thaw {

/// The rows and values of one finished repetition.
struct RepetitionRecord {
  std::vector<SampleRow> rows;       ///< metrics are left empty; see columns.
  std::vector<MetricTable> metrics;  ///< One for each copy, in the order of the rows.
  bool has_failed = false;
  bool is_interrupted = false;
  std::string failure;  ///< Why it failed.
  std::string hint;
  bool is_hopeless = false;  ///< The program could not be started at all.
  MonotonicTime finished;
};

class CellRun {
 public:
  /// Errors: bad_usage (rule, probe).
  static Result<CellRun> create(const BenchPlan& plan, const BenchCell& cell, Clock& clock);

  /// Look-ups and warm-up. Errors: environment or run_failed, naming the layer.
  Result<> prepare();
  /// One repetition with everything before and after it.
  /// Errors: environment when nothing can be run any more; what failed in the repetition is in the record.
  Result<RepetitionRecord> repeat();
  /// Counts a repetition in and asks the rule.
  const Decision& absorb(const RepetitionRecord& record, Nanos elapsed);

  [[nodiscard]] bool is_finished() const { return is_finished_; }
  [[nodiscard]] const BenchCell& cell() const { return *cell_; }
  [[nodiscard]] CellResult& result() { return result_; }
  [[nodiscard]] const std::vector<MeasuredSeries>& result_series() const { return result_.series; }
  [[nodiscard]] std::size_t repetitions() const { return result_.repetitions; }
  [[nodiscard]] const Decision& decision() const { return decision_; }
  [[nodiscard]] double last_value() const { return last_value_; }
  void finish(std::string stopped_by, std::string reason);

 private:
  CellRun(const BenchPlan& plan, const BenchCell& cell, Clock& clock);

  [[nodiscard]] RunContext context(std::int64_t repetition) const;
  Result<> look_up();
  Result<> run_errands(const std::vector<Errand>& errands, std::string_view what) const;
  Result<> run_shell(const std::string& command, std::string_view flag, std::int64_t repetition) const;
  Result<> compose(const RunContext& run);
  Result<std::vector<CopyResult>> run_copies(const RunContext& run, std::string_view repetition_name);
  void extract_metrics(const std::vector<CopyResult>& copies, const RunContext& run,
                       RepetitionRecord& record);
  RepetitionRecord failed_before_start(std::string_view status, Error error);
  void collect(const std::vector<CopyResult>& copies, RepetitionRecord& record);

  const BenchPlan* plan_;
  const BenchCell* cell_;
  Clock* clock_;
  std::unique_ptr<StopRule> rule_;
  std::string rule_name_;
  std::vector<std::unique_ptr<Probe>> probes_;
  /// What a repetition runs, and what ends its leftovers when it is stopped.
  struct Composition {
    std::vector<Command> commands;  ///< The last variable of each is THAW_REPETITION.
    std::vector<Command> clean_up;
  };

  ResolvedValues resolved_;
  std::optional<Composition> composition_;  ///< Of the last repetition; none after a look-up.
  bool differs_by_repetition_;
  std::string tmp_parent_;
  RepetitionSetup setup_;
  OutputFiles output_files_;
  std::vector<MetricSpec> metrics_;
  CellResult result_;
  Decision decision_;
  double last_value_;
  bool is_finished_ = false;
};

/// What every process gives without any backend: outer_time, user_time, system_time, max_rss_bytes.
bool is_process_metric(std::string_view name);

}  // namespace thaw
