#include "bench/cell_run.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/text.h"

namespace thaw {
namespace {

constexpr double no_value = std::numeric_limits<double>::quiet_NaN();
constexpr Nanos errand_patience = std::chrono::minutes(2);

struct ProcessMetric {
  std::string_view name;
  std::string_view unit;
  double (*get)(const ProcessReport&);
};

constexpr std::array process_metrics = {
    ProcessMetric{"outer_time", "s", [](const ProcessReport& report) { return to_seconds(report.wall); }},
    ProcessMetric{"user_time", "s", [](const ProcessReport& report) { return to_seconds(report.user); }},
    ProcessMetric{"system_time", "s", [](const ProcessReport& report) { return to_seconds(report.system); }},
    ProcessMetric{"max_rss_bytes", "bytes",
                  [](const ProcessReport& report) { return static_cast<double>(report.max_rss.count()); }},
};

/// The row of a process; ranks beyond the first of one process share its times, so theirs are missing.
SampleRow row_of(const BenchCell& cell, std::int64_t repetition, std::int64_t rank, const CopyResult& copy,
                 bool is_first_of_process) {
  const ProcessReport& report = copy.report;
  SampleRow row;
  row.launch_id = cell.launch_id;
  row.repetition = repetition;
  row.rank = rank;
  row.started_at = report.started_wall;
  row.exit_code = report.exit_code;
  row.status = std::string(copy.status());
  row.cell = cell.label;
  if (report.signal != 0) row.signal = report.signal;
  if (!is_first_of_process || report.outcome == Outcome::not_started) return row;
  row.outer_time = report.wall;
  row.user = report.user;
  row.system = report.system;
  row.max_rss = report.max_rss;
  row.minor_faults = report.minor_faults;
  row.major_faults = report.major_faults;
  row.voluntary_switches = report.voluntary_switches;
  row.involuntary_switches = report.involuntary_switches;
  return row;
}

std::string fill_placeholder(std::string_view text, std::string_view name, const std::string& value) {
  return expand_plain(text, [&](std::string_view found) -> std::optional<Substitution> {
    if (found == name) return Substitution{{value}};
    return std::nullopt;
  });
}

/// A command for a message: of a script the first line.
std::string shown(const Command& command) {
  const std::string text = shell_join(command.argv);
  const std::size_t end = text.find('\n');
  return end == std::string::npos ? text : text.substr(0, end) + " …";
}

}  // namespace

bool is_process_metric(std::string_view name) {
  return std::any_of(process_metrics.begin(), process_metrics.end(),
                     [&](const ProcessMetric& metric) { return metric.name == name; });
}

CellRun::CellRun(const BenchPlan& plan, const BenchCell& cell, Clock& clock)
    : plan_(&plan),
      cell_(&cell),
      clock_(&clock),
      differs_by_repetition_(cell.chain.differs_by_repetition()),
      tmp_parent_(cell.chain.tmp_parent()),
      setup_{.stdin_file = plan.options.stdin_file,
             .pin = plan.options.pin,
             .limits = {.timeout = cell.timeout, .adopts_abandoned = cell.chain.forgets_exit()},
             .failure_texts = cell.chain.failure_texts(),
             .keep_output = !cell.metrics.empty()},
      metrics_(cell.metrics),
      last_value_(no_value) {
  result_.launch_id = cell.launch_id;
  result_.label = cell.label;
  result_.command = cell.target.program;
  result_.command.insert(result_.command.end(), cell.target.args.begin(), cell.target.args.end());
  result_.factors = cell.factors;
  for (const ProcessMetric& metric : process_metrics) {
    result_.series_called(metric.name).unit = std::string(metric.unit);
  }
  for (const MetricSpec& metric : metrics_) {
    if (metric.extract.is_auto) continue;
    MeasuredSeries& series = result_.series_called(metric.name);
    series.unit = metric.unit;
    series.lower_is_better = metric.lower_is_better;
    series.is_text = metric.is_text;
  }
}

Result<CellRun> CellRun::create(const BenchPlan& plan, const BenchCell& cell, Clock& clock) {
  CellRun run(plan, cell, clock);
  THAW_TRY(run.rule_, make_stop_rule(cell.repeat, plan.options.seed));
  const std::string rule = run.rule_->describe();
  run.rule_name_ = rule.substr(0, rule.find(':'));
  for (const ProbeSpec& spec : cell.chain.probes()) {
    THAW_TRY(std::unique_ptr<Probe> probe, make_probe(spec.name, spec.options, clock));
    for (const ProbeMetric& metric : probe->metrics()) {
      MeasuredSeries& series = run.result_.series_called(metric.name);
      series.unit = std::string(metric.unit);
    }
    run.probes_.push_back(std::move(probe));
  }
  return run;
}

RunContext CellRun::context(std::int64_t repetition) const {
  return {.copies = cell_->copies, .repetition = repetition, .token = process_token(), .resolved = resolved_};
}

Result<> CellRun::run_errands(const std::vector<Errand>& errands, std::string_view what) const {
  for (const Errand& errand : errands) {
    THAW_TRY(const ToolOutput output, run_tool(errand.command, {}, errand_patience));
    if (output.succeeded()) continue;
    const FailureReport failure = explain_failure({output.report, output.out, output.err});
    return fail_at(ErrorKind::run_failed,
                   fmt::format("{} of backend {} failed: {}", what, errand.backend, failure.what),
                   shown(errand.command), failure.hint);
  }
  return {};
}

Result<> CellRun::look_up() {
  if (!cell_->chain.has_lookups()) return {};
  const auto run = [](const Errand& errand) -> Result<std::string> {
    THAW_TRY(const ToolOutput output, run_tool(errand.command, {}, errand_patience));
    if (output.succeeded()) return output.out;
    const FailureReport failure = explain_failure({output.report, output.out, output.err});
    return fail_at(ErrorKind::environment,
                   fmt::format("a look-up of backend {} failed: {}", errand.backend, failure.what),
                   shown(errand.command), failure.hint);
  };
  THAW_TRY(resolved_, cell_->chain.resolve(cell_->target, context(1), run));
  composition_.reset();
  return {};
}

Result<> CellRun::run_shell(const std::string& command, std::string_view flag,
                            std::int64_t repetition) const {
  if (command.empty()) return {};
  const Command shell{{"/bin/sh", "-c", fill_placeholder(command, "REPETITION", std::to_string(repetition))},
                      cell_->target.env};
  THAW_TRY(const ToolOutput output, run_tool(shell, {}, cell_->timeout.value_or(errand_patience)));
  if (output.succeeded()) return {};
  const FailureReport failure = explain_failure({output.report, output.out, output.err});
  return fail_at(ErrorKind::run_failed, fmt::format("the command of {} failed: {}", flag, failure.what),
                 std::string(flag), "run it by hand to see why");
}

Result<> CellRun::compose(const RunContext& run) {
  if (composition_ && !differs_by_repetition_) return {};
  Composition composed;
  THAW_TRY(composed.commands, cell_->chain.compose(cell_->target, run));
  for (Command& command : composed.commands) command.env.emplace_back("THAW_REPETITION", "");
  THAW_TRY(std::vector<Errand> errands, cell_->chain.on_timeout(cell_->target, run));
  for (Errand& errand : errands) composed.clean_up.push_back(std::move(errand.command));
  composition_ = std::move(composed);
  return {};
}

Result<std::vector<CopyResult>> CellRun::run_copies(const RunContext& run, std::string_view repetition_name) {
  THAW_CHECK(compose(run));
  for (Command& command : composition_->commands) command.env.back().second = repetition_name;
  const std::vector<Command>& clean_up = composition_->clean_up;
  if (!clean_up.empty()) set_guard_cleanup(clean_up);
  THAW_TRY(std::vector<CopyResult> copies, run_repetition(composition_->commands, setup_, output_files_));
  if (!clean_up.empty()) set_guard_cleanup({});
  const bool was_stopped = std::any_of(copies.begin(), copies.end(), [](const CopyResult& copy) {
    const Outcome outcome = copy.report.outcome;
    return outcome == Outcome::timed_out || outcome == Outcome::output_limit ||
           outcome == Outcome::interrupted;
  });
  // What these end may be gone already, so their own failures say nothing.
  if (was_stopped) {
    const int signal = interrupt_signal().exchange(0);
    for (const Command& command : clean_up) static_cast<void>(run_tool(command, {}, errand_patience));
    int none = 0;
    interrupt_signal().compare_exchange_strong(none, signal);
  }
  return copies;
}

Result<> CellRun::prepare() {
  THAW_CHECK(cell_->chain.check_programs());
  THAW_CHECK(look_up());
  const int warmups = plan_->options.warmup + (cell_->start == StartMode::warm ? 1 : 0);
  for (int i = 0; i < warmups && interrupt_signal() == 0; ++i) {
    THAW_CHECK(run_shell(plan_->options.prepare, "--prepare", 0));
    THAW_TRY(const std::vector<CopyResult> copies, run_copies(context(0), "warmup"));
    THAW_CHECK(run_shell(plan_->options.conclude, "--conclude", 0));
    for (const CopyResult& copy : copies) {
      if (copy.report.outcome != Outcome::not_started) continue;
      const FailureReport failure = explain_failure(copy);
      return fail_at(ErrorKind::environment, "the warm-up cannot run: " + failure.what,
                     shell_join(cell_->target.program), failure.hint);
    }
  }
  return {};
}

RepetitionRecord CellRun::failed_before_start(std::string_view status, Error error) {
  RepetitionRecord record;
  for (int copy = 0; copy < cell_->copies; ++copy) {
    SampleRow row;
    row.launch_id = cell_->launch_id;
    row.repetition = static_cast<std::int64_t>(result_.repetitions) + 1;
    row.rank = copy;
    row.started_at = clock_->wall();
    row.status = std::string(status);
    row.cell = cell_->label;
    record.rows.push_back(std::move(row));
    record.metrics.push_back({.rows = 1});
  }
  record.has_failed = true;
  record.failure = std::move(error.what);
  record.hint = std::move(error.hint);
  record.finished = clock_->now();
  return record;
}

Result<RepetitionRecord> CellRun::repeat() {
  const auto number = static_cast<std::int64_t>(result_.repetitions) + 1;
  if (auto prepared = run_shell(plan_->options.prepare, "--prepare", number); !prepared) {
    return failed_before_start("prepare_failed", std::move(prepared).error());
  }
  RunContext run = context(number);
  if (cell_->start == StartMode::cold) {
    THAW_TRY(const std::vector<Errand> resets, cell_->chain.resets(cell_->target, run));
    Result<> cold = run_errands(resets, "the reset");
    if (cold) cold = look_up();
    if (!cold) return failed_before_start("reset_failed", std::move(cold).error());
    run.resolved = resolved_;
  }
  std::optional<TemporaryDirectory> folder;
  if (!tmp_parent_.empty()) {
    THAW_TRY(TemporaryDirectory made, TemporaryDirectory::create("thaw-stats", tmp_parent_));
    run.tmp_path = made.path().string() + "/";
    folder.emplace(std::move(made));
  }
  for (const auto& probe : probes_) THAW_CHECK(probe->start());
  auto copies = run_copies(run, std::to_string(number));
  RepetitionRecord record;
  record.finished = clock_->now();
  std::vector<ProbeReading> readings;
  for (const auto& probe : probes_) readings.push_back(probe->stop());
  if (!copies) return tl::unexpected(std::move(copies).error());
  collect(*copies, record);
  extract_metrics(*copies, run, record);
  for (const ProbeReading& reading : readings) {
    for (const auto& [name, value] : reading.values) {
      ExtractedColumn column{name, MetricValues(record.metrics.front().rows)};
      if (value) column.values.front() = MetricValue(*value);
      record.metrics.front().columns.push_back(std::move(column));
    }
    if (!reading.problem.empty() && !record.has_failed) record.hint = reading.problem;
  }
  if (auto concluded = run_shell(plan_->options.conclude, "--conclude", number); !concluded) {
    record.hint = concluded.error().what;
  }
  return record;
}

void CellRun::collect(const std::vector<CopyResult>& copies, RepetitionRecord& record) {
  for (const CopyResult& copy : copies) {
    record.is_interrupted = record.is_interrupted || copy.report.outcome == Outcome::interrupted;
    if (copy.report.left_processes) {
      record.hint =
          "the program left processes running, which disturb the repetitions after it; let it wait for them";
    }
    record.is_hopeless = record.is_hopeless || copy.report.outcome == Outcome::not_started;
    if (copy.succeeded() || record.has_failed) continue;
    record.has_failed = true;
    FailureReport failure = explain_failure(copy);
    record.failure = std::move(failure.what);
    record.hint = std::move(failure.hint);
  }
}

void CellRun::extract_metrics(const std::vector<CopyResult>& copies, const RunContext& run,
                              RepetitionRecord& record) {
  std::int64_t rank = 0;
  const auto number = static_cast<std::int64_t>(result_.repetitions) + 1;
  for (const CopyResult& copy : copies) {
    const std::string output = copy.out + copy.err;
    const RunText text{
        .output = output,
        .out = copy.out,
        .err = copy.err,
        .expand = [&](std::string_view path) { return fill_placeholder(path, "TMP_PATH", run.tmp_path); },
        .shell = run_extract_shell};
    std::vector<ExtractedColumn> columns;
    std::optional<Error> problem;
    for (const MetricSpec& metric : metrics_) {
      auto found = extract(metric.extract, metric.name, text);
      if (!found) {
        problem = std::move(found).error();
        columns.push_back({metric.name, {}});
        continue;
      }
      std::move(found->begin(), found->end(), std::back_inserter(columns));
    }
    auto table = align_columns(std::move(columns));
    MetricTable aligned{.rows = 1};
    if (table) {
      aligned = *std::move(table);
    } else {
      problem = std::move(table).error();
    }
    const bool is_unreadable = copy.succeeded() && problem.has_value();
    for (std::size_t i = 0; i < aligned.rows; ++i) {
      SampleRow row = row_of(*cell_, number, rank++, copy, i == 0);
      if (is_unreadable) row.status = "bad_output";
      record.rows.push_back(std::move(row));
    }
    record.metrics.push_back(std::move(aligned));
    if (is_unreadable && !record.has_failed) {
      record.has_failed = true;
      record.failure = problem->what;
      record.hint = problem->hint;
    }
  }
  // A copy that ended early left the others alone on the machine: their times are not those of the full load.
  if (record.has_failed) {
    for (SampleRow& row : record.rows) {
      if (row.status == "ok") row.status = "peer_failed";
    }
  }
}

const Decision& CellRun::absorb(const RepetitionRecord& record, Nanos elapsed) {
  ++result_.repetitions;
  if (record.has_failed) ++result_.failed;
  std::vector<double> rule_values;
  if (!record.has_failed) {
    const auto take = [&](MeasuredSeries& series, double value) {
      series.values.push_back(value);
      if (series.name == plan_->options.metric) rule_values.push_back(value);
    };
    for (const SampleRow& row : record.rows) {
      if (!row.outer_time) continue;
      take(result_.series_called("outer_time"), to_seconds(*row.outer_time));
      if (row.user) take(result_.series_called("user_time"), to_seconds(*row.user));
      if (row.system) take(result_.series_called("system_time"), to_seconds(*row.system));
      if (row.max_rss)
        take(result_.series_called("max_rss_bytes"), static_cast<double>(row.max_rss->count()));
    }
    for (const MetricTable& table : record.metrics) {
      for (const std::string& name : table.absent) ++result_.series_called(name).absent;
      for (const ExtractedColumn& column : table.columns) {
        MeasuredSeries& series = result_.series_called(column.name);
        for (const auto& value : column.values) {
          if (!value) {
            ++series.missing;
          } else if (const double* number = std::get_if<double>(&*value)) {
            take(series, *number);
          } else {
            ++series.text_values;
            series.texts.insert(std::get<std::string>(*value));
            series.is_text = series.values.empty();
          }
        }
      }
    }
  }
  last_value_ = rule_values.empty() ? no_value : rule_values.back();
  decision_ = rule_->add(rule_values, elapsed);
  if (decision_.stop) finish(decision_.is_limit ? "max" : rule_name_, decision_.reason);
  return decision_;
}

void CellRun::finish(std::string stopped_by, std::string reason) {
  is_finished_ = true;
  result_.stopped_by = std::move(stopped_by);
  result_.reason = std::move(reason);
}

}  // namespace thaw
