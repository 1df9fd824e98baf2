#include "cli/load_words.h"

namespace thaw::cli {
namespace {

void add_plan_options(CLI::App& app, LoadWords& t) {
  const auto what = "What to send", how = "How it arrives";
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
                 "[default: exponential, with --cold-percent equidistant; instants of a trace as recorded]")
      ->group(how);
  app.add_option("--from", t.from, "Trace: leave out what comes before, as 9h")->group(how);
  app.add_option("--to", t.to, "Trace: leave out what comes at or after")->group(how);
  app.add_option("--speedup", t.speedup, "Divides all times of a trace or plan [default: 1]")->group(how);
  app.add_option("--granularity", t.granularity,
                 "Columns of counts, and of identities: minute or second [default: minute]")
      ->group(how);
  app.add_option(
         "--benchmarks", t.benchmarks,
         "Trace: what plays each function (thaw trace map): a file, or a folder with mapper_output.json or "
         "with folders that have one")
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
}

void add_workflow_options(CLI::App& app, LoadWords& t) {
  const auto flow = "Workflows";
  app.add_flag("--dag", t.has_dag, "Functions form workflows; each follows its first function's arrivals")
      ->group(flow);
  app.add_option("--width", t.width, "Calls in the last stage [default: 2]")->group(flow);
  app.add_option("--depth", t.depth, "Stages [default: 2]")->group(flow);
  app.add_option("--dag-shapes", t.dag_shapes, "Table of widths and depths to draw from")->group(flow);
  app.add_flag("--dag-join", t.has_join, "One more function waits for all branches")->group(flow);
}

void add_target_options(CLI::App& app, LoadWords& t) {
  const auto where = "Where to";
  app.add_option(
         "--target", t.target.url,
         "URL; {function}, {index}, {runtime_ms}, {memory_mib} and {invocation} stand for values. Or "
         "embedded: a platform of its own, with the plan's functions. Or a platform that gets them for as "
         "long as the "
         "load takes: serve, docker, knative, openwhisk, fission, dirigent, aws-lambda, azure-functions "
         "(docs/deploy.md), as NAME:SETTING=VALUE,…")
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
  app.add_option("--functions", t.functions,
                 "Platform: image, port, bounds, … of single functions, as dirigent.json (docs/deploy.md)")
      ->group(where);
}

void add_request_options(CLI::App& app, LoadWords& t) {
  const auto where = "Where to";
  app.add_option("--protocol", t.protocol, "http1, http2 or grpc [default: http1; grpc:// means grpc]")
      ->group(where);
  app.add_option("--method", t.target.method, "[default: GET, with a body POST]")->group(where);
  app.add_option("--header", t.target.headers, "'Name: value', also with placeholders; repeatable")
      ->group(where);
  app.add_option("--body", t.target.body, "Text of the body, also with placeholders")->group(where);
  app.add_option(
         "--async-answers", t.async_answers,
         "http1, http2: calls answer with an identity; afterwards GET this URL with it for the answer")
      ->group(where);
  app.add_option("--async-wait", t.async_wait, "Wait so long before the first of these [default: 0]")
      ->group(where);
  app.add_flag("--traceparent", t.target.has_traceparent, "Send a W3C trace context with each request")
      ->group(where);
  app.add_option("--trusted-certificates", t.trusted_certificates, "https: file of certificates to trust")
      ->group(where);
  app.add_flag("--insecure", t.insecure, "https: do not check certificates")->group(where);
}

void add_limit_options(CLI::App& app, LoadWords& t) {
  const auto limits = "Limits";
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
  app.add_option("--drain", t.drain, "Wait so long for the last answers [default: both time-outs together]")
      ->group(limits);
  app.add_option("--shard", t.shard, "Send every n-th invocation only: 1/3, 2/3, 3/3")->group(limits);
  app.add_option("--start-at", t.start_at, "Begin of the plan, UTC: 2026-11-21T16:00:00Z")->group(limits);
}

void add_output_options(CLI::App& app, LoadWords& t, LoadCommand& command) {
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

}  // namespace

void add_load_options(CLI::App& app, LoadWords& words, LoadCommand& command) {
  add_plan_options(app, words);
  add_workflow_options(app, words);
  add_target_options(app, words);
  add_request_options(app, words);
  add_limit_options(app, words);
  add_output_options(app, words, command);
  for (CLI::Option* option : app.get_options()) {
    if (option->get_items_expected_max() == 1) option->take_last();
  }
}

}  // namespace thaw::cli
