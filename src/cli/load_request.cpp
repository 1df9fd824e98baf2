// What the words typed behind `thaw load` mean; they are declared in load_words.cpp.

#include "cli/load_words.h"
#include "core/text.h"

namespace thaw::cli {
namespace {

Result<> read_duration(const std::string& text, const char* option, Nanos& value) {
  if (text.empty()) return {};
  auto duration = parse_duration(text);
  if (!duration) return tl::unexpected(std::move(duration).error().in(option));
  value = *duration;
  return {};
}

/// The law of arrivals, and the part of the trace.
Result<> read_arrivals(const LoadWords& t, PlanRequest& plan) {
  if (t.law == "shifted") {
    plan.law = ArrivalLaw::exponential_shift;
  } else if (!t.law.empty() && t.law != "recorded") {
    THAW_TRY(plan.law, parse_arrival_law(t.law));
  }
  if (!t.granularity.empty() && t.granularity != "second" && t.granularity != "minute")
    return fail_at(ErrorKind::bad_usage, fmt::format("must be minute or second, got \"{}\"", t.granularity),
                   "--granularity");
  plan.has_seconds = t.granularity == "second";
  plan.reading.repair = t.repair;
  Nanos from{}, to{};
  THAW_CHECK(read_duration(t.from, "--from", from));
  THAW_CHECK(read_duration(t.to, "--to", to));
  plan.reading.begin_ms = to_seconds(from) * 1000;
  if (!t.to.empty()) plan.reading.end_ms = to_seconds(to) * 1000;
  return {};
}

/// What is asked for where no trace says it.
Result<> read_execution(const LoadWords& t, Execution& execution) {
  Nanos runtime{};
  THAW_CHECK(read_duration(t.runtime, "--runtime", runtime));
  execution.runtime_ms = static_cast<std::uint32_t>(to_seconds(runtime) * 1000 + 0.5);
  if (!t.memory.empty()) {
    auto memory = parse_bytes(t.memory);
    if (!memory) return tl::unexpected(std::move(memory).error().in("--memory"));
    // Rounded up: a function that gets less than it needs does not run.
    execution.memory_mib = static_cast<std::uint32_t>((memory->count() + (1 << 20) - 1) >> 20);
  }
  return {};
}

Result<> read_plan(const LoadWords& t, PlanRequest& plan) {
  if (!t.trace.empty()) plan.trace = t.trace;
  if (!t.plan.empty()) plan.plan = t.plan;
  plan.rate = t.rps;
  if (!t.stages.empty()) {
    THAW_TRY(plan.stages, parse_stages(t.stages));
  }
  plan.connections = t.connections;
  if (!t.duration.empty()) {
    plan.duration.emplace();
    THAW_CHECK(read_duration(t.duration, "--duration", *plan.duration));
  }
  THAW_CHECK(read_duration(t.warmup, "--warmup", plan.warmup));
  THAW_CHECK(read_duration(t.cooldown, "--cooldown", plan.cooldown));
  THAW_CHECK(read_duration(t.think, "--think", plan.think));
  plan.speedup = t.speedup;
  plan.cold_percent = t.cold_percent;
  THAW_CHECK(read_arrivals(t, plan));
  THAW_CHECK(read_execution(t, plan.execution));
  if (!t.benchmarks.empty()) plan.benchmarks = t.benchmarks;
  if (t.has_dag || !t.dag_shapes.empty()) {
    plan.workflows = WorkflowRequest{{t.width, t.depth}, std::nullopt, t.has_join};
    if (!t.dag_shapes.empty()) plan.workflows->shapes = t.dag_shapes;
  }
  if (!t.shard.empty()) {
    THAW_TRY(plan.shard, parse_shard(t.shard));
  }
  plan.seed = t.seed;
  return {};
}

Result<> read_sending(const LoadWords& t, LoadRequest& request) {
  request.target = t.target;
  request.target.trace_salt = t.seed;
  if (!t.protocol.empty()) {
    THAW_TRY(request.target.protocol, parse_protocol(t.protocol));
  } else if (t.target.url.starts_with("grpc")) {
    request.target.protocol = Protocol::grpc;
  }
  request.async.url = t.async_answers;
  THAW_CHECK(read_duration(t.async_wait, "--async-wait", request.async.wait));
  if (!request.async.url.empty() && request.target.protocol == Protocol::grpc)
    return fail_at(ErrorKind::bad_usage, "calls over gRPC answer for themselves", "--async-answers",
                   "use --protocol http1 or http2");
  request.sender.most_connections = t.most_connections;
  request.sender.streams_per_connection = t.streams;
  request.sender.trusted_certificates = t.trusted_certificates;
  request.sender.verifies_certificates = !t.insecure;
  THAW_CHECK(read_duration(t.connect_timeout, "--connect-timeout", request.sender.connect_timeout));
  THAW_CHECK(read_duration(t.function_timeout, "--function-timeout", request.sender.function_timeout));
  request.pacer.drain = request.sender.connect_timeout + request.sender.function_timeout;
  THAW_CHECK(read_duration(t.drain, "--drain", request.pacer.drain));
  THAW_CHECK(read_duration(t.spin, "--spin", request.pacer.spin));
  THAW_CHECK(read_duration(t.late_limit, "--late-limit", request.pacer.late_limit));
  if (!t.late.empty()) {
    THAW_TRY(request.pacer.late, parse_late_policy(t.late));
  }
  if (!t.start_at.empty()) {
    auto start = parse_utc(t.start_at);
    if (!start) return tl::unexpected(std::move(start).error().in("--start-at"));
    request.start_at = *start;
  }
  return {};
}

}  // namespace

Result<LoadRequest> resolve(const LoadWords& t) {
  LoadRequest request;
  THAW_CHECK(read_plan(t, request.plan));
  THAW_CHECK(read_sending(t, request));
  for (const std::string& text : t.fail_if) {
    THAW_TRY(Condition condition, Condition::parse(text));
    request.fail_if.push_back(std::move(condition));
  }
  for (const std::string& text : t.abort_on) {
    THAW_TRY(Condition condition, Condition::parse(text));
    request.abort_on.push_back(std::move(condition));
  }
  request.exports = t.exports;
  request.has_record = !t.no_record;
  if (!t.out.empty()) request.out = t.out;
  if (!t.runs.empty()) request.runs = t.runs;
  if (!t.rows_copy.empty()) request.rows_copy = t.rows_copy;
  return request;
}

}  // namespace thaw::cli
