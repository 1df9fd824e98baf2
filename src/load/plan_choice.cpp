#include "load/plan_choice.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "load/benchmark_trace.h"
#include "trace/plan_file.h"
#include "trace/trace_plan.h"

namespace thaw {
namespace {

double milliseconds(Nanos duration) { return to_seconds(duration) * 1000; }

bool is_whole(double ms, double column_ms) { return std::fmod(ms, column_ms) == 0; }

Result<> check(const PlanRequest& request) {
  const int kinds = (request.trace ? 1 : 0) + (request.plan ? 1 : 0) + (request.rate ? 1 : 0) +
                    (request.stages.empty() ? 0 : 1) + (request.connections > 0 ? 1 : 0);
  if (kinds != 1) {
    return fail_at(ErrorKind::bad_usage,
                   kinds == 0 ? "nothing says what to send" : "several options say what to send", "thaw load",
                   "give one of --trace, --plan, --rps, --stages and --connections");
  }
  if (!(request.speedup > 0) || !std::isfinite(request.speedup)) {
    return fail_at(ErrorKind::bad_usage, "the speed-up must be above 0", "--speedup");
  }
  const bool has_times = !request.trace && !request.plan;
  if (has_times && request.speedup != 1) {
    return fail_at(ErrorKind::bad_usage, "a rate has no other speed", "--speedup", "change the rate instead");
  }
  if (request.cold_percent != 0 && !request.rate)
    return fail_at(ErrorKind::bad_usage, "only a rate has a share of cold starts", "--cold-percent",
                   "give --rps");
  if (request.think != Nanos::zero() && request.connections == 0)
    return fail_at(ErrorKind::bad_usage, "an open loop waits for no answer", "--think", "give --connections");
  if (request.benchmarks && !request.trace)
    return fail_at(ErrorKind::bad_usage, "benchmarks play the functions of a trace", "--benchmarks",
                   "give --trace");
  if (request.workflows && request.connections > 0)
    return fail_at(ErrorKind::bad_usage, "workflows need a plan of arrivals", "--dag");
  if (request.shard.count > 1 && request.connections > 0)
    return fail_at(ErrorKind::bad_usage, "a closed loop cannot be divided", "--shard",
                   "start each generator with its own number of connections");
  return {};
}

/// With seconds in place of minutes, times of a form of counts are of its columns: its reader takes them for minutes.
Result<> stretch_window(const PlanRequest& request, ReadOptions& reading) {
  const bool is_whole_trace = reading.begin_ms == 0 && std::isinf(reading.end_ms);
  if (!request.has_seconds || is_whole_trace) return {};
  ReadOptions whole = reading;
  whole.begin_ms = 0;
  whole.end_ms = std::numeric_limits<double>::infinity();
  THAW_TRY(const auto file, open_trace(*request.trace, whole));
  if (!file->counts()) return {};
  reading.begin_ms *= 60;
  reading.end_ms *= 60;
  return {};
}

Result<ArrivalPlan> plan_of_trace(const PlanRequest& request, LoadPlan& plan) {
  ReadOptions reading = request.reading;
  reading.selection = FunctionSelection::every;
  THAW_CHECK(stretch_window(request, reading));
  BenchmarkTrace played;
  if (request.benchmarks) {
    THAW_TRY(played, open_benchmark_trace(*request.trace, *request.benchmarks, reading));
    plan.file = std::move(played.file);
  } else {
    THAW_TRY(plan.file, open_trace(*request.trace, reading));
  }
  plan.remarks = plan.file->repairs();
  plan.remarks.insert(plan.remarks.end(), plan.file->remarks().begin(), plan.file->remarks().end());
  TracePlanOptions options{
      .warmup_ms = milliseconds(request.warmup), .law = request.law, .seed = request.seed};
  if (request.duration) options.duration_ms = milliseconds(*request.duration);
  // Columns of recorded instants are only names: seconds where minutes do not fit.
  const bool is_minutes =
      is_whole(options.warmup_ms, 60000) && is_whole(options.duration_ms.value_or(0), 60000);
  const bool is_recorded = !plan.file->counts() && !request.law;
  if (request.has_seconds || (is_recorded && !is_minutes)) options.column_ms = 1000;
  THAW_TRY(ArrivalPlan arrivals, plan_trace(*plan.file, options));
  played.rename(arrivals.functions);
  return arrivals;
}

Result<ArrivalPlan> plan_of_rate(const PlanRequest& request) {
  const double seconds = to_seconds(*request.duration + request.warmup);
  if (request.cold_percent == 0) {
    return plan_from_stages({.stages = {{*request.rate, *request.rate, seconds}},
                             .law = request.law.value_or(ArrivalLaw::exponential),
                             .execution = request.execution,
                             .warmup_seconds = static_cast<std::size_t>(to_seconds(request.warmup)),
                             .seed = request.seed});
  }
  return plan_from_rate({.per_second = *request.rate,
                         .cold_percent = request.cold_percent,
                         .cooldown_s = to_seconds(request.cooldown),
                         .seconds = seconds,
                         .warmup_minutes = static_cast<std::size_t>(to_seconds(request.warmup)),
                         .execution = request.execution,
                         .law = request.law.value_or(ArrivalLaw::equidistant),
                         .seed = request.seed});
}

Result<ArrivalPlan> plan_of_arrivals(const PlanRequest& request, LoadPlan& plan) {
  if (request.plan) return open_plan(*request.plan);
  if (request.trace) return plan_of_trace(request, plan);
  if (!is_whole(milliseconds(request.warmup), 1000)) {
    return fail_at(ErrorKind::bad_usage, "the warm-up of a rate lasts whole seconds", "--warmup");
  }
  if (!request.stages.empty()) {
    return plan_from_stages({.stages = request.stages,
                             .law = request.law.value_or(ArrivalLaw::exponential),
                             .execution = request.execution,
                             .warmup_seconds = static_cast<std::size_t>(to_seconds(request.warmup)),
                             .seed = request.seed});
  }
  if (!request.duration)
    return fail_at(ErrorKind::bad_usage, "a rate needs a duration", "--duration",
                   "for example --duration 30s");
  return plan_of_rate(request);
}

Result<std::vector<CallGraph>> graphs_of(const WorkflowRequest& request, std::size_t functions,
                                         std::uint64_t seed) {
  CallGraphOptions options{.shape = request.shape, .has_join = request.has_join, .seed = seed};
  GraphShapes shapes;
  if (request.shapes) {
    THAW_TRY(const std::string text, read_file(*request.shapes));
    THAW_TRY(shapes, parse_graph_shapes(text, request.shapes->string()));
    options.shapes = &shapes;
  }
  THAW_TRY(std::vector<CallGraph> graphs, build_call_graphs(functions, options));
  if (!graphs.empty()) return graphs;
  return fail_at(ErrorKind::bad_usage,
                 fmt::format("{} functions are too few for one workflow of this shape", functions), "--dag",
                 "lower --width or --depth");
}

Result<LoadPlan> closed_loop(const PlanRequest& request) {
  if (!request.duration)
    return fail_at(ErrorKind::bad_usage, "a closed loop needs a duration", "--duration", "for example 3s");
  LoadPlan plan;
  plan.functions.resize(1);
  plan.functions.front().name = "function";
  plan.has_seconds = request.has_seconds;
  plan.warmup_s = to_seconds(request.warmup);
  plan.length_s = plan.warmup_s + to_seconds(*request.duration);
  plan.law = "closed";
  const Nanos column = request.has_seconds ? Nanos(std::chrono::seconds(1)) : std::chrono::minutes(1);
  auto loop = std::make_unique<ClosedLoop>(ClosedLoop::Options{.connections = request.connections,
                                                               .duration = *request.duration,
                                                               .warmup = request.warmup,
                                                               .think = request.think,
                                                               .execution = request.execution,
                                                               .column = column});
  plan.followers = loop.get();
  plan.invocations = std::move(loop);
  return plan;
}

}  // namespace

Result<LoadPlan> choose_plan(const PlanRequest& request) {
  THAW_CHECK(check(request));
  if (request.connections > 0) return closed_loop(request);
  LoadPlan plan;
  THAW_TRY(ArrivalPlan arrivals, plan_of_arrivals(request, plan));
  plan.has_seconds = arrivals.column_ms == 1000;
  const double column_s = arrivals.column_ms / 1000 / request.speedup;
  plan.length_s = arrivals.length_ms > 0 ? arrivals.length_ms / 1000 / request.speedup
                                         : static_cast<double>(arrivals.columns) * column_s;
  if (request.rate) plan.length_s = to_seconds(*request.duration + request.warmup);
  plan.warmup_s = static_cast<double>(arrivals.warmup_columns) * column_s;
  plan.law = arrivals.law;
  plan.functions = std::move(arrivals.functions);
  PlanTiming timing{request.speedup, arrivals.warmup_columns};
  // Rates are planned by the second, so that they may last any time; their identities are those of the predecessor.
  const bool is_rate = request.rate || !request.stages.empty();
  if (is_rate && plan.has_seconds && !request.has_seconds) {
    plan.has_seconds = false;
    timing.columns_per_name = 60;
  }
  auto source = std::make_unique<ReadAhead>(std::move(arrivals.source));
  if (!request.workflows) {
    plan.invocations = std::make_unique<PlannedInvocations>(std::move(source), timing, request.shard);
    return plan;
  }
  THAW_TRY(std::vector<CallGraph> graphs, graphs_of(*request.workflows, plan.functions.size(), request.seed));
  for (const CallGraph& graph : graphs) plan.graph_sizes.push_back(graph.nodes.size());
  THAW_TRY(auto workflows, Workflows::create(std::move(source), plan.functions, std::move(graphs), timing,
                                             request.shard, request.seed));
  plan.followers = workflows.get();
  plan.invocations = std::move(workflows);
  return plan;
}

Result<PlannedNumbers> count_plan(LoadPlan& plan) {
  PlannedNumbers numbers{.functions = plan.functions.size()};
  std::int64_t second = -1;
  double in_second = 0;
  for (;;) {
    THAW_TRY(const Invocation* next, plan.invocations->next());
    if (next == nullptr) return numbers;
    const bool is_workflow = next->graph != no_workflow;
    const std::uint64_t calls = is_workflow ? plan.graph_sizes[next->graph] : 1;
    numbers.invocations += calls;
    if (next->phase == 1) numbers.warmup_invocations += calls;
    if (is_workflow) ++numbers.workflows;
    numbers.total_runtime_s += next->runtime_ms / 1000.0;
    numbers.last_s = static_cast<double>(next->intended_ns) / 1e9;
    in_second = next->intended_ns / 1'000'000'000 == second ? in_second + 1 : 1;
    second = next->intended_ns / 1'000'000'000;
    numbers.most_per_second = std::max(numbers.most_per_second, in_second);
  }
}

}  // namespace thaw
