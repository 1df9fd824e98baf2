#include "load/run.h"

#include <algorithm>

#include "load/load_record.h"
#include "load/run_watch.h"
#include "load/usage_meter.h"
#include "load/workers.h"

namespace thaw {
namespace {

/// Between the anchor's choice and the first instant: the plan is read ahead meanwhile.
constexpr Nanos lead = std::chrono::milliseconds(20);
constexpr std::int64_t check_step_ns = 1'000'000'000;

/// One load from its plan to its summary.
class LoadRun {
 public:
  LoadRun(const LoadRequest& request, const LoadLaunch& launch, Clock& clock, const LoadObserver& observer)
      : request_(request), launch_(launch), clock_(clock), observer_(observer) {}

  Result<LoadResult> run() {
    THAW_TRY(plan_, choose_plan(request_.plan));
    for (const Repair& remark : plan_.remarks) warn(fmt::format("{} ({})", remark.what, remark.count));
    TargetOptions called = request_.target;
    if (request_.start_target) {
      THAW_CHECK(start_target(called));
    }
    called.has_traceparent = called.has_traceparent || has_spans();
    auto result = call(called);
    if (!result && record_) (void)record_->finish(LoadSummary(), RunStatus::failed, clock_);
    return result;
  }

 private:
  Result<LoadResult> call(const TargetOptions& called) {
    THAW_TRY(LoadTarget target, LoadTarget::create(called, plan_.functions));
    SenderOptions sender = request_.sender;
    if (!request_.async.url.empty()) {
      THAW_TRY(AsyncAnswers answers, AsyncAnswers::create(request_.async));
      async_.emplace(std::move(answers));
      sender.bodies = &*async_;
    }
    if (request_.plan.connections > 0) sender.most_connections = request_.plan.connections;
    for (const std::string& advice : prepare_limits(sender.most_connections, target.is_loopback()))
      warn(advice);
    THAW_TRY(const auto worker, make_worker(target, sender, clock_));
    THAW_CHECK(open_record());
    return send(*worker);
  }

  Result<> open_record() {
    if (!request_.has_record || record_) return {};
    THAW_TRY(record_, LoadRecord::create(request_, launch_, plan_, clock_));
    for (const std::string& text : warnings_) record_->warn(text);
    return {};
  }

  /// Starts the target that this load brings along, and says how it is called.
  Result<> start_target(TargetOptions& called) {
    THAW_CHECK(open_record());
    auto started = request_.start_target(plan_.functions, record_ ? record_->folder() : Path());
    if (!started) {
      if (record_) (void)record_->finish(LoadSummary(), RunStatus::failed, clock_);
      return tl::unexpected(std::move(started).error());
    }
    if (record_) THAW_CHECK(record_->note_platform(started->platform));
    executions_ = std::move(started->executions);
    called.url = std::move(started->url);
    called.urls = std::move(started->urls);
    called.function_headers = std::move(started->headers);
    return {};
  }

  void warn(const std::string& text) {
    if (record_) {
      record_->warn(text);
    } else {
      warnings_.push_back(text);
    }
    if (observer_.on_warning) observer_.on_warning(text);
  }

  [[nodiscard]] bool has_spans() const {
    return !request_.exports.otlp_url.empty() || !request_.exports.zipkin_url.empty();
  }
  [[nodiscard]] bool is_stopped_outside() const { return observer_.is_stopped && observer_.is_stopped(); }

  /// The begin of the plan; waits until it is near.
  MonotonicTime choose_anchor() {
    if (!request_.start_at) return clock_.now() + lead;
    const MonotonicTime anchor = clock_.now() + (*request_.start_at - clock_.wall());
    if (anchor < clock_.now()) warn("--start-at has passed: everything planned before now is late");
    while (anchor - clock_.now() > lead && !is_stopped_outside())
      clock_.sleep_until(std::min(anchor - lead, clock_.now() + std::chrono::milliseconds(100)));
    return anchor;
  }

  /// Whether the run is to end before its plan does.
  bool must_end(const Recorder& recorder, std::int64_t now_ns) {
    if (is_stopped_outside()) return true;
    if (recorder.has_failed()) return true;
    if (request_.abort_on.empty() || now_ns < next_check_ns_) return false;
    next_check_ns_ = now_ns + check_step_ns;
    const double seconds = static_cast<double>(now_ns) / 1e9 - plan_.warmup_s;
    for (const Condition& condition : request_.abort_on) {
      if (!condition.holds(recorder.measured(), seconds)) continue;
      result_.broken.push_back("aborted: " + condition.explain(recorder.measured(), seconds));
      result_.was_aborted = true;
    }
    return result_.was_aborted;
  }

  [[nodiscard]] RecorderOptions recording_from(MonotonicTime anchor) const {
    RecorderOptions recording;
    recording.rows.functions = &plan_.functions;
    recording.rows.has_seconds = plan_.has_seconds;
    recording.rows.anchor_epoch_us = std::chrono::duration_cast<std::chrono::microseconds>(
                                         (clock_.wall() + (anchor - clock_.now())).time_since_epoch())
                                         .count();
    recording.executions = executions_;
    recording.warmup_ns = static_cast<std::int64_t>(plan_.warmup_s * 1e9);
    if (record_) recording.samples = record_->samples();
    return recording;
  }

  Result<LoadResult> send(ProtocolWorker& worker) {
    const MonotonicTime anchor = choose_anchor();
    RecorderOptions recording = recording_from(anchor);
    const SpanContext spans{&plan_.functions, recording.rows.anchor_epoch_us, request_.target.trace_salt};
    THAW_TRY(SpanExports exports, SpanExports::start(request_.exports, spans));
    recording.listeners = exports.listeners();
    THAW_TRY(const auto recorder, Recorder::create(recording));
    THAW_TRY(const auto metrics, serve_metrics(request_.exports, recorder->live()));
    const UsageMeter meter;
    if (async_) async_->begin(*recorder);
    InvocationSink& sink = async_ ? static_cast<InvocationSink&>(*async_) : *recorder;
    Pacer pacer(worker, request_.pacer, clock_, sink, plan_.followers);
    Result<> sent;
    {
      const ProgressThread progress(observer_, recorder->live(), clock_, anchor, plan_.length_s);
      sent = pacer.run(*plan_.invocations, anchor,
                       [&] { return must_end(*recorder, (clock_.now() - anchor).count()); });
    }
    LoadSummary& summary = result_.summary;
    summary.sender = worker.health();
    meter.read_into(summary.sender);
    summary.sender.was_aborted = pacer.was_aborted();
    spare_ = pacer.spare();
    if (async_) async_->collect(clock_, [this] { return is_stopped_outside(); });
    const Result<> written = recorder->finish();
    for (const std::string& failure : exports.finish(summary.sender)) warn(failure);
    THAW_CHECK(sent);
    THAW_CHECK(written);
    result_.was_stopped = pacer.was_stopped() && !result_.was_aborted;
    result_.was_aborted = result_.was_aborted || pacer.was_aborted();
    THAW_CHECK(sum_up(*recorder, to_seconds(clock_.now() - anchor)));
    return std::move(result_);
  }

  Result<> sum_up(const Recorder& recorder, double elapsed_s) {
    LoadSummary& summary = result_.summary;
    summary.measured = recorder.measured();
    summary.warmup = recorder.warmup();
    summary.stability = recorder.stability();
    summary.functions = recorder.functions();
    const std::int64_t last_ns = std::max({summary.measured.last_done_ns, summary.measured.last_intended_ns,
                                           summary.warmup.last_done_ns, summary.warmup.last_intended_ns});
    const bool was_cut = result_.was_stopped || result_.was_aborted;
    summary.duration_s = std::max(static_cast<double>(last_ns) / 1e9, was_cut ? elapsed_s : plan_.length_s);
    summary.measured_s = std::max(0.0, summary.duration_s - plan_.warmup_s);
    // Being awake before an instant is no work, and rows can wait.
    SenderHealth working = summary.sender;
    working.cpu_s -= to_seconds(spare_);
    summary.verdict =
        judge(summary.measured, working, summary.duration_s, request_.pacer.spin > Nanos::zero());
    for (const Condition& condition : request_.fail_if) {
      if (condition.holds(summary.measured, summary.measured_s))
        result_.broken.push_back(condition.explain(summary.measured, summary.measured_s));
      if (!condition.is_known(summary.measured, summary.measured_s))
        warn("--fail-if " + condition.explain(summary.measured, summary.measured_s));
    }
    if (!record_) return {};
    summary.out = record_->folder().string();
    THAW_CHECK(record_->finish(summary, was_cut ? RunStatus::interrupted : RunStatus::completed, clock_));
    return copy_rows();
  }

  /// The predecessor's name for the rows: the same file where that is possible.
  Result<> copy_rows() const {
    if (!request_.rows_copy) return {};
    std::error_code error;
    const Path& copy = *request_.rows_copy;
    if (copy.has_parent_path()) std::filesystem::create_directories(copy.parent_path(), error);
    std::filesystem::remove(copy, error);
    std::filesystem::create_hard_link(record_->samples(), copy, error);
    if (error) std::filesystem::copy_file(record_->samples(), copy, error);
    if (!error) return {};
    return fail_at(ErrorKind::environment, fmt::format("cannot write: {}", error.message()), copy.string());
  }

  const LoadRequest& request_;
  const LoadLaunch& launch_;
  Clock& clock_;
  const LoadObserver& observer_;
  LoadPlan plan_;
  std::optional<LoadRecord> record_;
  std::vector<std::string> warnings_;
  std::optional<AsyncAnswers> async_;
  std::vector<Nanos> executions_;  ///< As the target announced them.
  LoadResult result_;
  Nanos spare_{};
  std::int64_t next_check_ns_ = 2 * check_step_ns;
};

}  // namespace

Result<LoadResult> run_load(const LoadRequest& request, const LoadLaunch& launch, Clock& clock,
                            const LoadObserver& observer) {
  return LoadRun(request, launch, clock, observer).run();
}

}  // namespace thaw
