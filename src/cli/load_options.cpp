#include "cli/load_options.h"

#include <algorithm>
#include <cstdlib>

#include "core/text.h"
#include "load/loader_config.h"
#include "record/run_folder.h"

namespace thaw::cli {
namespace {

constexpr HelpText help = {
    .usage = "thaw load --target URL (--rps N | --trace T | --stages S | --connections N | …) [options]",
    .purpose =
        "Sends a planned load to functions and records every invocation.\n"
        "Latency counts from the intended start; lateness of the generator is reported.",
    .examples =
        "  thaw load --rps 1000 --duration 6s --iat equidistant --target http://127.0.0.1:8080/\n"
        "  thaw load --connections 16 --duration 3s --target http://127.0.0.1:8080/   # closed loop\n"
        "  thaw load --trace azure2019 --from 9h --to 10h --speedup 120 --target "
        "'http://127.0.0.1:8080/function/{function}?ms={runtime_ms}'\n"
        "  thaw load --stages '100/s for 30s, ramp to 1000/s over 1m' --fail-if 'p99 > 200ms' --target URL\n"
        "  thaw load --config loader.json                             # the predecessor's file\n"
        "  thaw load --trace azure2019-busiest-hour --speedup 120 --target embedded --policy gd "
        "--platform-memory 1GB\n"
        "  thaw load --rps 5000 --duration 1m --shard 1/2 --start-at 2026-11-21T16:00:00Z --target URL\n",
    .see_also = "thaw sim validate, thaw trace schedule, thaw report merge, docs/load.md"};

/// The options as text; empty where not given.
struct Typed {
  std::string trace, plan, stages, duration, warmup, law, granularity, cooldown, runtime, memory, think;
  std::string from, to, late, late_limit, spin, drain, connect_timeout, function_timeout, protocol, shard,
      start_at, benchmarks, dag_shapes, config, repro, out, runs, rows_copy, format;
  double rps = -1, cold_percent = 0, speedup = 1;
  std::size_t connections = 0, most_connections = 1024, streams = 1;
  std::uint32_t width = 2, depth = 2;
  std::uint64_t seed = default_seed;
  std::vector<std::string> fail_if, abort_on;
  TargetOptions target;
  EmbeddedOptions embedded;
  ExportRequest exports;
  bool has_dag = false, has_join = false, no_record = false, repair = false, insecure = false;
  std::string trusted_certificates;
};

void add_plan_options(CLI::App& app, Typed& t) {
  const auto what = "What to send", how = "How it arrives", flow = "Workflows";
  app.add_option("--trace", t.trace, "Trace of any form: folder, file or beginning of names")->group(what);
  app.add_option("--plan", t.plan, "Plan that thaw trace schedule wrote")->group(what);
  app.add_option("--rps", t.rps, "Invocations per second")->group(what);
  app.add_option("--stages", t.stages, "'100/s for 30s, ramp to 1000/s over 1m, pause 10s'")->group(what);
  app.add_option("--connections", t.connections, "Closed loop: so many, each always busy")->group(what);
  app.add_option("--duration", t.duration, "How long, in time of the trace, warm-up not included")
      ->group(what);
  app.add_option("--warmup", t.warmup, "Warm-up before it, reported apart [default: 0]")->group(what);
  app.add_option("--iat", t.law,
                 "exponential, uniform, equidistant, exponential_shift, uniform_shift, poisson, or recorded "
                 "[default: exponential; instants of a trace as recorded]")
      ->group(how);
  app.add_option("--from", t.from, "Trace: leave out what comes before, as 9h")->group(how);
  app.add_option("--to", t.to, "Trace: leave out what comes at or after")->group(how);
  app.add_option("--speedup", t.speedup, "Divides all times of a trace or plan [default: 1]")->group(how);
  app.add_option("--granularity", t.granularity, "What a column of counts lasts: minute or second")
      ->group(how);
  app.add_option(
         "--benchmarks", t.benchmarks,
         "Trace: what plays each function (thaw trace map); its name takes the place of the function's")
      ->group(how);
  app.add_flag("--repair", t.repair, "Mend what can be mended in a trace, and count it")->group(how);
  app.add_option("--cold-percent", t.cold_percent, "--rps: share that is to start cold [default: 0]")
      ->group(how);
  app.add_option("--cooldown", t.cooldown, "--rps: idle time after which a container is gone [default: 10s]")
      ->group(how);
  app.add_option("--runtime", t.runtime, "Execution time asked for where no trace says it")->group(how);
  app.add_option("--memory", t.memory, "Memory asked for where no trace says it")->group(how);
  app.add_option("--think", t.think, "Closed loop: pause after each answer [default: 0]")->group(how);
  app.add_option("--seed", t.seed, "Seed of everything random [default: 1]")->group(how);
  app.add_flag("--dag", t.has_dag, "Functions form workflows; each follows its first function's arrivals")
      ->group(flow);
  app.add_option("--width", t.width, "Calls in the last stage [default: 2]")->group(flow);
  app.add_option("--depth", t.depth, "Stages [default: 2]")->group(flow);
  app.add_option("--dag-shapes", t.dag_shapes, "Table of widths and depths to draw from")->group(flow);
  app.add_flag("--dag-join", t.has_join, "One more function waits for all branches")->group(flow);
}

void add_target_options(CLI::App& app, Typed& t) {
  const auto where = "Where to", limits = "Limits";
  app.add_option("--target", t.target.url,
                 "URL; {function}, {index}, {runtime_ms}, {memory_mib} and {invocation} stand for values. Or "
                 "embedded: a platform of its own, with the plan's functions")
      ->group(where);
  app.add_option("--policy", t.embedded.policy,
                 "embedded: keep-alive policy; its times are those of the run, after the speed-up [default: "
                 "ttl:10m]")
      ->group(where);
  app.add_option("--platform-memory", t.embedded.memory,
                 "embedded: of all instances together [default: 4GiB]")
      ->group(where);
  app.add_option("--work", t.embedded.work,
                 "embedded: how functions spend their time: sleep, wall or cpu [default: sleep]")
      ->group(where);
  app.add_option("--protocol", t.protocol, "http1, http2 or grpc [default: http1; grpc:// means grpc]")
      ->group(where);
  app.add_option("--method", t.target.method, "[default: GET, with a body POST]")->group(where);
  app.add_option("--header", t.target.headers, "'Name: value', also with placeholders; repeatable")
      ->group(where);
  app.add_option("--body", t.target.body, "Text of the body, also with placeholders")->group(where);
  app.add_flag("--traceparent", t.target.has_traceparent, "Send a W3C trace context with each request")
      ->group(where);
  app.add_option("--trusted-certificates", t.trusted_certificates, "https: file of certificates to trust")
      ->group(where);
  app.add_flag("--insecure", t.insecure, "https: do not check certificates")->group(where);
  app.add_option("--most-connections", t.most_connections,
                 "Open loop: beyond it invocations wait [default: 1024]")
      ->group(limits);
  app.add_option("--streams", t.streams, "http2, grpc: calls at once on a connection [default: 1]")
      ->group(limits);
  app.add_option("--connect-timeout", t.connect_timeout, "[default: 15s]")->group(limits);
  app.add_option("--function-timeout", t.function_timeout,
                 "From the sending to the whole answer [default: 90s]")
      ->group(limits);
  app.add_option("--late", t.late, "What is late: catch-up, drop or abort [default: catch-up]")
      ->group(limits);
  app.add_option("--late-limit", t.late_limit, "How late that is [default: 100ms]")->group(limits);
  app.add_option("--spin", t.spin,
                 "Spin so long before each instant instead of sleeping [60us when given bare]")
      ->expected(0, 1)
      ->default_str("60us")
      ->group(limits);
  app.add_option("--drain", t.drain, "Wait so long for the last answers [default: the function time-out]")
      ->group(limits);
  app.add_option("--shard", t.shard, "Send every n-th invocation only: 1/3, 2/3, 3/3")->group(limits);
  app.add_option("--start-at", t.start_at, "Begin of the plan, UTC: 2026-11-21T16:00:00Z")->group(limits);
}

void add_output_options(CLI::App& app, Typed& t, LoadCommand& command) {
  const auto output = "Output", files = "Configuration";
  app.add_option("--fail-if", t.fail_if, "Exit code 6 if it holds: 'p99 > 200ms', 'errors > 1%'; repeatable")
      ->group(output);
  app.add_option("--abort-on", t.abort_on, "The same, looked at every second; ends the run; repeatable")
      ->group(output);
  app.add_option("--format", command.format, "table, json, csv or ndjson [default: table]")->group(output);
  app.add_flag("--per-function", command.by_function, "A row for each function")->group(output);
  app.add_option("-o,--out", t.out, "Exactly this folder for the record")->group(output);
  app.add_option("-d,--runs", t.runs, "Parent of new records [default: runs]")->group(output);
  app.add_flag("--no-record", t.no_record, "Keep no record")->group(output);
  app.add_option("--rows-copy", t.rows_copy, "A second name for the file of rows")->group(output);
  app.add_option("--metrics", t.exports.metrics_at, "Serve Prometheus metrics of the run, as :9095")
      ->group(output);
  app.add_option("--otlp", t.exports.otlp_url, "Send spans, as http://127.0.0.1:4318/v1/traces")
      ->group(output);
  app.add_option("--zipkin", t.exports.zipkin_url, "Send spans, as http://127.0.0.1:9411/api/v2/spans")
      ->group(output);
  app.add_flag("--dry-run", command.is_dry_run, "Print what the plan holds; send nothing")->group(files);
  app.add_option("--config", t.config, "Options from a file: of --print-config, or the predecessor's")
      ->group(files);
  app.add_option("--repro", t.repro, "The options of a recorded run")->group(files);
  app.add_flag("--print-config", command.is_print_config, "Print all options given, for --config")
      ->group(files);
  add_log_options(app, command.log);
}

Result<> read_duration(const std::string& text, const char* option, Nanos& value) {
  if (text.empty()) return {};
  auto duration = parse_duration(text);
  if (!duration) return tl::unexpected(std::move(duration).error().in(option));
  value = *duration;
  return {};
}

Result<> read_plan(const Typed& t, PlanRequest& plan) {
  if (!t.trace.empty()) plan.trace = t.trace;
  if (!t.plan.empty()) plan.plan = t.plan;
  if (t.rps >= 0) plan.rate = t.rps;
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
  if (t.law == "shifted") {
    plan.law = ArrivalLaw::exponential_shift;
  } else if (!t.law.empty() && t.law != "recorded") {
    THAW_TRY(plan.law, parse_arrival_law(t.law));
  }
  if (!t.granularity.empty() && t.granularity != "second" && t.granularity != "minute")
    return fail_at(ErrorKind::bad_usage, "columns are minutes or seconds", "--granularity");
  plan.has_seconds = t.granularity == "second";
  plan.reading.repair = t.repair;
  Nanos from{}, to{}, runtime{};
  THAW_CHECK(read_duration(t.from, "--from", from));
  THAW_CHECK(read_duration(t.to, "--to", to));
  plan.reading.begin_ms = to_seconds(from) * 1000;
  if (!t.to.empty()) plan.reading.end_ms = to_seconds(to) * 1000;
  plan.cold_percent = t.cold_percent;
  THAW_CHECK(read_duration(t.runtime, "--runtime", runtime));
  plan.execution.runtime_ms = static_cast<std::uint32_t>(to_seconds(runtime) * 1000 + 0.5);
  if (!t.memory.empty()) {
    auto memory = parse_bytes(t.memory);
    if (!memory) return tl::unexpected(std::move(memory).error().in("--memory"));
    plan.execution.memory_mib = static_cast<std::uint32_t>(memory->count() >> 20);
  }
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

Result<> read_sending(const Typed& t, LoadRequest& request) {
  request.target = t.target;
  request.target.trace_salt = t.seed;
  if (!t.protocol.empty()) {
    THAW_TRY(request.target.protocol, parse_protocol(t.protocol));
  } else if (t.target.url.starts_with("grpc")) {
    request.target.protocol = Protocol::grpc;
  }
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

Result<LoadRequest> resolve(const Typed& t) {
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

/// --target embedded, and the options that only it has.
Result<> take_embedded(const CLI::App& app, const Typed& t, LoadCommand& command) {
  if (t.target.url == "embedded") {
    command.embedded = t.embedded;
    return {};
  }
  for (const char* const option : {"--policy", "--platform-memory", "--work"}) {
    if (app.count(option) > 0)
      return fail_at(ErrorKind::bad_usage, "is about the embedded platform", option,
                     "give --target embedded");
  }
  return {};
}

/// What is no part of a load's configuration.
bool is_about_this_call(const std::string& name) {
  constexpr std::string_view names[] = {"help",         "config", "repro",   "dry-run", "print-config", "out",
                                        "per-function", "format", "verbose", "quiet",   "rows-copy"};
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

nlohmann::ordered_json configuration_of(const CLI::App& app) {
  nlohmann::ordered_json json = {{"schema", load_config_schema}};
  for (const CLI::Option* option : app.get_options()) {
    if (option->count() == 0 || option->get_lnames().empty()) continue;
    const std::string& name = option->get_lnames().front();
    if (is_about_this_call(name)) continue;
    if (option->get_items_expected_max() == 0) {
      json[name] = true;
    } else if (option->get_items_expected_max() > 1) {
      json[name] = option->results();
    } else {
      json[name] = option->results().back();
    }
  }
  return json;
}

/// Words that stand before the typed ones: of a configuration file or a record.
Result<LoaderOptions> words_before(const Arguments& arguments) {
  const auto value_of = [&](std::string_view option) -> std::string {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      if (arguments[i] == option && i + 1 < arguments.size()) return arguments[i + 1];
      if (arguments[i].starts_with(option) && arguments[i].substr(option.size()).starts_with('='))
        return arguments[i].substr(option.size() + 1);
    }
    return {};
  };
  if (const std::string config = value_of("--config"); !config.empty()) {
    THAW_TRY(const std::string text, read_file(config));
    return options_of_config(text, config);
  }
  if (const std::string repro = value_of("--repro"); !repro.empty()) {
    THAW_TRY(const RunRecord record, read_run(repro));
    return options_of_config(record.document.value("configuration", nlohmann::ordered_json()).dump(), repro);
  }
  return LoaderOptions{};
}

}  // namespace

Result<LoadCommand> parse_load(const Arguments& arguments) {
  CLI::App app("", "load");
  set_help(app, help);
  LoadCommand command;
  Typed typed;
  add_plan_options(app, typed);
  add_target_options(app, typed);
  add_output_options(app, typed, command);
  for (CLI::Option* option : app.get_options()) {
    if (option->get_items_expected_max() == 1) option->take_last();
  }
  THAW_TRY(LoaderOptions before, words_before(arguments));
  command.notes = std::move(before.notes);
  before.words.insert(before.words.end(), arguments.begin(), arguments.end());
  THAW_TRY(command.is_done, parse_operands(app, before.words));
  if (command.is_done) return command;
  constexpr std::string_view formats[] = {"table", "json", "csv", "ndjson"};
  THAW_CHECK(check_format(command.format, formats));
  THAW_TRY(command.request, resolve(typed));
  command.configuration = configuration_of(app);
  THAW_CHECK(take_embedded(app, typed, command));
  if (command.request.target.url.empty() && !command.is_dry_run && !command.is_print_config) {
    return fail_at(ErrorKind::bad_usage, "nothing says where to send", "--target",
                   "give a URL, for example --target http://127.0.0.1:8080/");
  }
  return command;
}

}  // namespace thaw::cli
