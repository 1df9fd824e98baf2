#include "bench/experiment.h"

#include <algorithm>
#include <cmath>
#include <future>
#include <set>
#include <utility>

#include "bench/cell_run.h"
#include "bench/noise_report.h"
#include "bench/sample_file.h"
#include "core/processor_hold.h"
#include "core/spawner.h"
#include "core/text.h"
#include "record/catalogue.h"
#include "record/disturbance.h"
#include "record/host_context.h"
#include "record/provenance.h"
#include "record/redact.h"
#include "record/run_folder.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;

/// Whether a layer changes the machine: it runs what is inside elsewhere or has a way in of its own (mpirun may start
/// its ranks on other hosts).
bool changes_machine(const Chain& chain) {
  const auto& layers = chain.layers();
  const bool has_way_in = std::any_of(layers.begin(), layers.end(),
                                      [](const BackendSpec& layer) { return layer.spec.has_value(); });
  return has_way_in || !chain.runs_program_here();
}

/// Facts about the machine where the program runs, when that may be another one.
Json target_context(const BenchCell& cell, std::vector<std::string>& warnings) {
  if (!changes_machine(cell.chain)) return nullptr;
  const RunContext context{.copies = 1, .token = process_token()};
  const auto command = cell.chain.compose_spec({"sh", "-c", fact_script()}, cell.target, context);
  if (!command) {
    warnings.push_back("no facts about the host behind the backends: " + command.error().what);
    return nullptr;
  }
  const auto output = run_tool(*command, {}, std::chrono::seconds(20));
  if (!output) return nullptr;
  const auto facts = parse_fact_bundle(output->out);
  if (facts) return host_context(**facts);
  const FailureReport failure = explain_failure({output->report, output->out, output->err});
  warnings.push_back(fmt::format("no facts about the host behind the backends: {}",
                                 output->succeeded() ? facts.error().what : failure.what));
  return nullptr;
}

class Experiment {
 public:
  Experiment(const BenchPlan& plan, const BenchLaunch& launch, Clock& clock, const BenchObserver& observer)
      : plan_(plan),
        launch_(launch),
        clock_(clock),
        observer_(observer),
        schedule_(plan.options.order, plan.cells.size(), plan.options.seed) {}

  Result<BenchResult> run() {
    for (const BenchCell& cell : plan_.cells) {
      THAW_TRY(CellRun made, CellRun::create(plan_, cell, clock_));
      cells_.push_back(std::move(made));
    }
    for (const std::string& warning : plan_.warnings) warn(warning);
    THAW_CHECK(open_record());
    return conclude(on_launch_thread([this] { return measure(); }));
  }

 private:
  Result<> open_record() {
    document_.id = plan_.launch;
    document_.command = "bench";
    document_.experiment = plan_.options.experiment;
    document_.task = plan_.options.task;
    document_.started = clock_.wall();
    document_.command_line = redact_words(launch_.command_line);
    document_.seed = plan_.options.seed;
    document_.configuration = redact_json(to_json(plan_.options));
    const bool is_continued = launch_.resume.has_value() || plan_.options.is_append;
    if (is_continued) {
      THAW_CHECK(continue_record());
    } else {
      RunPlace place{.root = plan_.options.directory,
                     .experiment = plan_.options.experiment,
                     .task = plan_.options.task,
                     .started = document_.started};
      if (!plan_.options.out.empty()) place.folder = plan_.options.out;
      THAW_TRY(RunFolder folder, RunFolder::create(place));
      folder_.emplace(std::move(folder));
    }
    samples_.emplace(*folder_, sample_columns());
    if (!plan_.options.skip_context) collect_context();
    document_.columns = describe_columns(samples_->columns());
    return folder_->write(document_);
  }

  /// Takes up a record that has rows: resuming counts them in, appending leaves them alone.
  Result<> continue_record() {
    const Path path = launch_.resume ? *launch_.resume : plan_.options.out;
    THAW_TRY(RunFolder folder, RunFolder::reopen(path));
    folder_.emplace(std::move(folder));
    THAW_TRY(const RunRecord record, read_run(path));
    if (launch_.resume) {
      if (const auto started = record.document.find("started");
          started != record.document.end() && started->is_string()) {
        THAW_TRY(document_.started, parse_utc(started->get<std::string>()));
      }
      THAW_CHECK(count_in(record));
    } else {
      document_.launches = record.document.value("launches", Json::array());
      Json earlier = record.document;
      earlier.erase("launches");
      document_.launches.push_back(std::move(earlier));
    }
    THAW_TRY(known_columns_, metric_columns_from(record.document.value("columns", Json::array())));
    return {};
  }

  /// Lets the cells take the record's repetitions in the order in which the schedule gave them out, so that the next
  /// one is the same as without the interruption.
  Result<> count_in(const RunRecord& record) {
    std::vector<std::vector<RepetitionRecord>> finished;
    std::optional<WallTime> begin;
    for (const CellRun& cell : cells_) {
      THAW_TRY(finished.emplace_back(), read_repetitions(record, cell.cell().launch_id));
      if (finished.back().empty()) continue;
      const WallTime first = finished.back().front().rows.front().started_at;
      begin = std::min(begin.value_or(first), first);
    }
    std::vector<std::size_t> taken(cells_.size());
    const auto take = [&](std::size_t index) {
      const RepetitionRecord& repetition = finished[index][taken[index]++];
      const SampleRow& last = repetition.rows.back();
      const Nanos elapsed = last.started_at - *begin + last.outer_time.value_or(Nanos(0));
      resumed_elapsed_ = std::max(resumed_elapsed_, elapsed);
      if (!cells_[index].is_finished()) cells_[index].absorb(repetition, elapsed);
      if (cells_[index].is_finished()) schedule_.finish(index);
    };
    while ((interrupted_ = schedule_.next())) {
      if (taken[*interrupted_] == finished[*interrupted_].size()) break;
      take(*interrupted_);
    }
    // A record that was not written in this order is counted all the same.
    for (std::size_t index = 0; index < cells_.size(); ++index) {
      while (taken[index] < finished[index].size()) take(index);
    }
    return {};
  }

  [[nodiscard]] std::vector<SampleColumn> sample_columns() const {
    if (!known_columns_.empty()) return known_columns_;
    std::vector<SampleColumn> columns;
    for (const auto& [name, value] : plan_.cells.front().factors) {
      columns.push_back(
          {.name = name, .type = FieldType::text, .description = "set by the sweep", .is_factor = true});
    }
    std::set<std::string> seen;
    for (const CellRun& cell : cells_) {
      for (const MeasuredSeries& series : cell.result_series()) {
        if (is_process_metric(series.name) || !seen.insert(series.name).second) continue;
        columns.push_back({.name = series.name,
                           .unit = series.unit,
                           .type = series.is_text ? FieldType::text : FieldType::number,
                           .lower_is_better = series.lower_is_better});
      }
    }
    return columns;
  }

  void collect_context() {
    const BenchCell& cell = plan_.cells.front();
    std::optional<Path> program;
    if (cell.chain.runs_program_here()) program = find_program(cell.target.program.front());
    const auto learn_program = [this, program] {
      RunProvenance provenance = run_provenance(launch_.version, std::filesystem::current_path(), program);
      if (provenance.git) provenance.git->is_dirty = git_is_dirty(provenance.git->tree);
      return provenance;
    };
    // Takes about as long as all facts, so both go on at once.
    std::future<RunProvenance> provenance = std::async(std::launch::async, learn_program);
    document_.context["run"] = nullptr;  // Keeps its place.
    document_.context["host"] = host_context(facts_);
    {
      // Waiting must not take this busy thread to the processor that children would else be free to stay on.
      const ProcessorHold here(true);
      document_.context["run"] = to_json(run_provenance_fields(), provenance.get());
    }
    std::vector<std::string> problems;
    document_.context["target"] = target_context(cell, problems);
    for (std::string& problem : problems) warn(std::move(problem));
    before_ = read_disturbance(facts_);
  }

  Result<> measure() {
    // Threads of a probe would be kept on our processor with us.
    const bool is_watched = std::any_of(plan_.cells.begin(), plan_.cells.end(),
                                        [](const BenchCell& cell) { return !cell.chain.probes().empty(); });
    std::optional<LaunchSeries> series;
    if (!is_watched) series.emplace();
    const MonotonicTime start = clock_.now() - resumed_elapsed_;
    std::vector<bool> is_prepared(cells_.size());
    while (interrupt_signal() == 0) {
      const auto index = interrupted_ ? std::exchange(interrupted_, std::nullopt) : schedule_.next();
      if (!index) break;
      CellRun& cell = cells_[*index];
      if (cell.is_finished()) {
        schedule_.finish(*index);
        continue;
      }
      if (!is_prepared[*index]) {
        THAW_CHECK(cell.prepare());
        is_prepared[*index] = true;
        if (interrupt_signal() != 0) break;
      }
      THAW_TRY(const RepetitionRecord record, cell.repeat());
      if (record.is_interrupted) break;
      THAW_CHECK(samples_->write(record, factor_values(cell.cell())));
      report_failure(cell, record);
      if (record.is_hopeless) {
        return fail_at(
            ErrorKind::environment,
            fmt::format("\"{}\" cannot run: {}", shell_join(cell.cell().target.program), record.failure), {},
            record.hint);
      }
      cell.absorb(record, record.finished - start);
      if (cell.is_finished()) schedule_.finish(*index);
      report_progress(cell);
    }
    return {};
  }

  static std::vector<std::string> factor_values(const BenchCell& cell) {
    std::vector<std::string> values;
    for (const auto& [name, value] : cell.factors) values.push_back(value);
    return values;
  }

  void report_failure(const CellRun& cell, const RepetitionRecord& record) {
    if (record.has_failed) {
      // The same failure again says nothing new.
      if (!told_failures_.insert(record.failure).second) return;
      const std::string name = cell.cell().label.empty() ? "" : cell.cell().label + ": ";
      std::string text =
          fmt::format("{}repetition {} failed: {}", name, record.rows.front().repetition, record.failure);
      if (!record.hint.empty()) text += fmt::format(" (hint: {})", record.hint);
      warn(std::move(text));
    } else if (!record.hint.empty() && told_failures_.insert(record.hint).second) {
      warn(record.hint);
    }
  }

  void report_progress(const CellRun& cell) const {
    observer_.on_progress(
        {.label = cell.cell().label,
         .repetitions = cell.repetitions(),
         .cells_done = static_cast<std::size_t>(std::count_if(
             cells_.begin(), cells_.end(), [](const CellRun& one) { return one.is_finished(); })),
         .cells = cells_.size(),
         .last = cell.last_value(),
         .progress = cell.decision().progress,
         .reason = cell.decision().reason});
  }

  void warn(std::string text) {
    observer_.on_warning(text);
    warnings_.push_back(std::move(text));
  }

  void warn_of_missing_metrics() {
    for (const CellRun& cell : cells_) {
      const std::string name = cell.cell().label.empty() ? "" : cell.cell().label + ": ";
      std::vector<std::string> absent, unmeasured;
      for (const MeasuredSeries& series : cell.result_series()) {
        const bool is_empty = series.values.empty() && series.text_values == 0;
        if (is_empty && series.absent > 0) {
          absent.push_back(series.name);
        } else if (is_empty && series.missing > 0) {
          unmeasured.push_back(series.name);
        } else if (series.missing > 0) {
          warn(fmt::format("{}metric {} is missing in {} of {} rows", name, series.name, series.missing,
                           series.missing + series.values.size() + series.text_values));
        }
      }
      if (!absent.empty()) {
        warn(fmt::format(
            "{}no output shows {}: missing (null), not 0; check the metric's extract and that the program "
            "prints it",
            name, join(absent, ", ")));
      }
      if (!unmeasured.empty()) {
        warn(fmt::format("{}this machine cannot measure {}: missing (null), not 0; see thaw doctor", name,
                         join(unmeasured, ", ")));
      }
    }
  }

  Result<BenchResult> conclude(const Result<>& measured) {
    BenchResult result;
    result.signal = interrupt_signal().load();
    for (CellRun& cell : cells_) {
      if (!cell.is_finished())
        cell.finish(result.signal != 0 ? "interrupt" : "error", cell.decision().reason);
    }
    result.status = !measured            ? RunStatus::failed
                    : result.signal != 0 ? RunStatus::interrupted
                                         : RunStatus::completed;
    warn_of_missing_metrics();
    if (!plan_.options.skip_context) {
      document_.context["disturbance"] = to_json(disturbance_fields(), read_disturbance(facts_) - before_);
    }
    for (CellRun& cell : cells_) {
      for (std::string& text : noise_warnings(cell.result(), plan_.options)) warn(std::move(text));
      result.cells.push_back(std::move(cell.result()));
    }
    for (std::string& text : machine_warnings(plan_.options, document_.context)) warn(std::move(text));
    result.out = folder_->path();
    result.warnings = warnings_;
    const Result<> finished = samples_->finish();
    document_.ended = clock_.wall();
    document_.status = result.status;
    document_.columns = describe_columns(samples_->columns());
    document_.summary = to_json(result);
    document_.warnings = warnings_;
    const Json document = to_json(document_);
    const Result<> written = folder_->write_json(document);
    if (!measured) return tl::unexpected(measured.error());
    if (!finished) return tl::unexpected(finished.error());
    if (!written) return tl::unexpected(written.error());
    enter_into_catalogue(document);
    return result;
  }

  /// The catalogue only points to records: trouble with it costs a warning, never a measurement.
  void enter_into_catalogue(const Json& document) const {
    const Result<> put = thaw::enter_into_catalogue(plan_.options.directory, folder_->path(), document);
    if (!put)
      observer_.on_warning(
          fmt::format("the catalogue was not updated: {} ({})", put.error().what, put.error().hint));
  }

  const BenchPlan& plan_;
  const BenchLaunch& launch_;
  Clock& clock_;
  const BenchObserver& observer_;
  SweepSchedule schedule_;
  std::vector<CellRun> cells_;
  std::optional<RunFolder> folder_;
  std::optional<SampleFile> samples_;
  std::vector<SampleColumn> known_columns_;
  RunDocument document_;
  LocalFacts facts_;
  Disturbance before_;
  Nanos resumed_elapsed_{};
  std::optional<std::size_t> interrupted_;  ///< The cell whose turn it was when the resumed run ended.
  std::vector<std::string> warnings_;
  std::set<std::string> told_failures_;
};

}  // namespace

Result<BenchResult> run_bench(const BenchPlan& plan, const BenchLaunch& launch, Clock& clock,
                              const BenchObserver& observer) {
  return Experiment(plan, launch, clock, observer).run();
}

}  // namespace thaw
