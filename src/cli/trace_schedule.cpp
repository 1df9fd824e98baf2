#include <cstdio>
#include <memory>
#include <optional>

#include "cli/trace_options.h"
#include "core/text.h"
#include "core/units.h"
#include "trace/plan_file.h"
#include "trace/rate_plan.h"
#include "trace/text_output.h"
#include "trace/timeline.h"
#include "trace/trace_plan.h"

namespace thaw::cli {
namespace {

constexpr HelpText help = {
    .usage = "thaw trace schedule --trace T|--rps R --duration D [options]",
    .purpose = "Plans when each function is invoked, for how long and with how much memory.",
    .examples =
        "  thaw trace schedule --trace azure2019 --duration 4m --warmup 1m --iat poisson -o plan\n"
        "  thaw trace schedule --trace Azure2021_200.csv --duration 1m --format json\n"
        "  thaw trace schedule --trace azure2019 --duration 5s --granularity second --as iat-json -o specs\n"
        "  thaw trace schedule --rps 100 --cold-percent 20 --cooldown 10s --duration 2m -o plan\n"
        "  thaw trace schedule --trace azure2019 --duration 30m --timeline use.csv   # concurrency by "
        "minute\n",
    .see_also = "thaw trace synth, docs/plans.md"};

struct ScheduleRequest {
  std::string trace, duration, warmup = "0", law, granularity = "minute";
  std::uint64_t seed = default_seed;
  double rps = -1, cold_percent = 0;
  std::string cooldown = "10s", runtime = "10ms", rps_memory = "128MiB";
  std::string format = "table", out, as = "plan", timeline, scale = "minute";
  bool has_no_quota = false;
  TraceOptions reading;
  LogOptions log;
};

void add_options(CLI::App& app, ScheduleRequest& r) {
  const auto in = "What to plan", rate = "A rate instead of a trace", out = "Output";
  app.add_option("-t,--trace,TRACE", r.trace, "Folder, file or beginning of its files' names")->group(in);
  app.add_option("-D,--duration", r.duration, "Load, warm-up not included [default: the whole trace]")
      ->group(in);
  app.add_option("--warmup", r.warmup, "Warm-up before it [default: 0]")->group(in);
  app.add_option("--iat", r.law,
                 "exponential, uniform, equidistant, exponential_shift, uniform_shift or poisson; without it "
                 "recorded instants are replayed and counts are exponential")
      ->group(in);
  app.add_option("--granularity", r.granularity,
                 "What a column of counts lasts: minute or second [default: minute]")
      ->group(in);
  app.add_option("--seed", r.seed, "Seed of everything random [default: 1]")->group(in);
  app.add_option("--rps", r.rps, "Invocations per second")->group(rate);
  app.add_option("--cold-percent", r.cold_percent, "Share of them that start cold [default: 0]")->group(rate);
  app.add_option("--cooldown", r.cooldown, "Idle time after which a container is gone [default: 10s]")
      ->group(rate);
  app.add_option("--runtime", r.runtime, "Execution time [default: 10ms]")->group(rate);
  app.add_option("--rps-memory", r.rps_memory, "Memory [default: 128MiB]")->group(rate);
  app.add_option("-o,--out", r.out, "Folder for the plan")->group(out);
  app.add_option("--as", r.as, "plan, or iat-json for specification files iat0.json, … [default: plan]")
      ->group(out);
  app.add_option("--timeline", r.timeline, "CSV file of what runs at each instant")->group(out);
  app.add_option("--timeline-scale", r.scale, "millisecond or minute [default: minute]")->group(out);
  app.add_flag("--no-cpu-quota", r.has_no_quota, "Timeline: one core each, not the tier of the memory")
      ->group(out);
  app.add_option("--format", r.format, "table or json [default: table]")->group(out);
  add_trace_options(app, r.reading);
  add_log_options(app, r.log);
}

Result<double> milliseconds(const std::string& text, const char* option) {
  auto duration = parse_duration(text);
  if (!duration) return tl::unexpected(std::move(duration).error().in(option));
  return to_seconds(*duration) * 1000;
}

Result<> check_word(const std::string& word, std::vector<std::string> allowed, const char* option) {
  if (std::find(allowed.begin(), allowed.end(), word) != allowed.end()) return {};
  return fail_at(ErrorKind::bad_usage, fmt::format("\"{}\" is not possible here", word), option,
                 suggest(word, allowed));
}

Result<TracePlanOptions> plan_request(const ScheduleRequest& r) {
  TracePlanOptions options{.column_ms = r.granularity == "second" ? 1000.0 : 60000.0, .seed = r.seed};
  if (!r.duration.empty()) {
    THAW_TRY(options.duration_ms, milliseconds(r.duration, "--duration"));
  }
  THAW_TRY(options.warmup_ms, milliseconds(r.warmup, "--warmup"));
  if (!r.law.empty()) {
    THAW_TRY(options.law, parse_arrival_law(r.law));
  }
  return options;
}

Result<RatePlanOptions> rate_request(const ScheduleRequest& r, const TracePlanOptions& plan) {
  RatePlanOptions options{.per_second = r.rps, .cold_percent = r.cold_percent, .seed = r.seed};
  if (!plan.duration_ms) {
    return fail_at(ErrorKind::bad_usage, "a plan from a rate needs a duration", "--duration",
                   "thaw trace schedule --rps 10 --duration 2m");
  }
  TracePlanOptions by_minute = plan;
  by_minute.column_ms = 60000;
  THAW_TRY(const PlanOptions columns, plan_options(by_minute));
  options.minutes = columns.columns;
  options.warmup_minutes = columns.warmup_columns;
  options.law = plan.law.value_or(ArrivalLaw::equidistant);
  THAW_TRY(const double cooldown_ms, milliseconds(r.cooldown, "--cooldown"));
  options.cooldown_s = cooldown_ms / 1000;
  THAW_TRY(const double runtime_ms, milliseconds(r.runtime, "--runtime"));
  auto memory = parse_bytes(r.rps_memory);
  if (!memory) return tl::unexpected(std::move(memory).error().in("--rps-memory"));
  options.execution.runtime_ms = static_cast<std::uint32_t>(std::max(1.0, runtime_ms));
  options.execution.memory_mib = static_cast<std::uint32_t>(std::max<std::int64_t>(1, memory->count() >> 20));
  return options;
}

/// A trace, or a rate, from which plans are made as often as needed.
class Origin {
 public:
  static Result<Origin> open(const ScheduleRequest& r) {
    Origin origin;
    THAW_TRY(origin.options_, plan_request(r));
    if (r.rps >= 0) {
      THAW_TRY(origin.rate_, rate_request(r, origin.options_));
      return origin;
    }
    THAW_TRY(ReadOptions reading, read_options(r.reading));
    reading.selection = FunctionSelection::every;
    THAW_TRY(origin.file_, open_trace(r.trace, reading));
    if (!r.log.is_quiet) warn_of_repairs(*origin.file_);
    if (origin.file_->has_durations() && origin.options_.law && !r.log.is_quiet) {
      fmt::print(stderr, "thaw: note: the trace records when each invocation starts; --iat is not used\n");
    }
    return origin;
  }

  [[nodiscard]] Result<ArrivalPlan> plan() const {
    return rate_ ? plan_from_rate(*rate_) : plan_trace(*file_, options_);
  }

  /// Lists by function, with the raw sums of draws where there are any.
  [[nodiscard]] Result<std::vector<FunctionSchedule>> schedules() const {
    std::optional<ArrivalCounts> counts;
    if (file_) {
      THAW_TRY(counts, counts_to_plan(*file_, options_));
    }
    if (!counts) {
      THAW_TRY(ArrivalPlan whole, plan());
      return gather_schedules(whole);
    }
    THAW_TRY(const PlanOptions options, plan_options(options_));
    std::vector<FunctionSchedule> schedules;
    for (FunctionIndex f = 0; f < counts->functions.size(); ++f) {
      THAW_TRY(FunctionSchedule schedule, schedule_function(*counts, f, options));
      schedules.push_back(std::move(schedule));
    }
    return schedules;
  }

 private:
  TracePlanOptions options_;
  std::optional<RatePlanOptions> rate_;
  std::unique_ptr<TraceFile> file_;
};

Result<> write_timeline_file(const Origin& origin, const ScheduleRequest& r) {
  THAW_TRY(ArrivalPlan plan, origin.plan());
  THAW_TRY(TextOutput out, TextOutput::create(r.timeline, false));
  const TimelineOptions options{r.scale == "millisecond" ? TimelineScale::millisecond : TimelineScale::minute,
                                !r.has_no_quota};
  THAW_CHECK(write_timeline(plan, options, [&](std::string_view lines) -> Result<> {
    if (lines.empty()) return {};
    // end_line() adds the last line end.
    out.add(lines.substr(0, lines.size() - 1));
    return out.end_line();
  }));
  return out.finish();
}

void print(const ScheduleRequest& r, const ArrivalPlan& plan, const PlanTotals& totals) {
  if (r.format == "json") {
    fmt::print("{}\n", render_totals(plan, totals));
    return;
  }
  fmt::print("{} functions, {} invocations ({} in the warm-up), {} of execution\n", totals.functions,
             totals.invocations, totals.warmup_invocations,
             human_seconds(static_cast<double>(totals.total_runtime_ms) / 1000));
}

}  // namespace

Result<int> run_trace_schedule(const Arguments& arguments) {
  CLI::App app("", "trace schedule");
  set_help(app, help);
  ScheduleRequest r;
  add_options(app, r);
  THAW_TRY(const bool is_done, parse_operands(app, arguments));
  if (is_done) return 0;
  apply(r.log);
  if (r.trace.empty() == (r.rps < 0)) {
    return fail_at(ErrorKind::bad_usage, "thaw trace schedule takes either a trace or a rate", "--trace",
                   "thaw trace schedule --trace T --duration 4m");
  }
  THAW_CHECK(check_word(r.format, {"table", "json"}, "--format"));
  THAW_CHECK(check_word(r.as, {"plan", "iat-json"}, "--as"));
  THAW_CHECK(check_word(r.granularity, {"minute", "second"}, "--granularity"));
  THAW_CHECK(check_word(r.scale, {"minute", "millisecond"}, "--timeline-scale"));
  THAW_TRY(const Origin origin, Origin::open(r));
  THAW_TRY(ArrivalPlan plan, origin.plan());
  PlanTotals totals;
  if (!r.out.empty() && r.as == "plan") {
    THAW_TRY(totals, write_plan(plan, r.out));
  } else {
    THAW_TRY(totals, add_up(plan));
  }
  if (!r.out.empty() && r.as == "iat-json") {
    THAW_TRY(const std::vector<FunctionSchedule> schedules, origin.schedules());
    THAW_CHECK(write_specifications(schedules, r.out));
  }
  if (!r.timeline.empty()) THAW_CHECK(write_timeline_file(origin, r));
  print(r, plan, totals);
  return 0;
}

}  // namespace thaw::cli
