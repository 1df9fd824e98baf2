#include "cli/bench_options.h"

#include <algorithm>

#include "core/text.h"

namespace thaw::cli {
namespace {

constexpr HelpText help = {
    .usage = "thaw bench [options] [--] PROGRAM [ARGS…] [--- [-n NAME] PROGRAM [ARGS…]]…",
    .purpose = "Measures a program or function on any backend and stops when the answer is known.",
    .examples =
        "  thaw bench -- sleep 0.1                      # until the mean is known to 5 %\n"
        "  thaw bench --repeat 30 --format json -- gzip -k -f file\n"
        "  thaw bench -b ssh -b memory --hosts a,b --copies 2 -- ./solve input\n"
        "  thaw bench --repeat precision:width=0.01 --order interleaved \\\n"
        "      -n plain ./old --- -n tuned ./new       # compare two programs\n"
        "  thaw bench --sweep n=100,200,400 -- thaw-micro matmul {n}\n"
        "  thaw bench -b docker --cold --explain -- hello x   # what would run\n",
    .see_also = "thaw compare, thaw stats, thaw runs, thaw help exit-codes, docs/backends.md"};

/// Flag texts that need parsing before they become options.
struct Texts {
  std::string timeout, pin, order, stdin_file, hosts, out, directory, append, name;
  std::vector<std::string> env;
  bool is_cold = false, is_warm = false;
};

void add_what(CLI::App& app, BenchRequest& request, Texts& texts) {
  BenchOptions& options = request.options;
  const std::string group = "What to run";
  app.add_option("-b,--backend", options.backends, "A layer around the program; leftmost is outermost")
      ->type_name("NAME")
      ->allow_extra_args(false)
      ->group(group);
  app.add_option("-f,--config", options.files, "Backends, metrics, experiment; YAML or JSON")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->group(group);
  app.add_option("-j,--json", options.documents, "The same as inline JSON")
      ->type_name("JSON")
      ->allow_extra_args(false)
      ->group(group);
  app.add_option("-n,--name", texts.name, "Name of the command in tables")->group(group);
  app.add_option("--function", options.function, "Function or container ($FN) [default: program's name]")
      ->group(group);
  app.add_option("--hosts", texts.hosts, "Hosts for ssh, comma-separated")
      ->envname("THAW_HOSTS")
      ->group(group);
  app.add_option("--env", texts.env, "NAME=VALUE for the program; repeatable")
      ->allow_extra_args(false)
      ->group(group);
  app.add_option("-i,--stdin,--input", texts.stdin_file, "File on the program's standard input")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--prepare", options.prepare, "Shell command before every repetition, not timed")
      ->type_name("CMD")
      ->group(group);
  app.add_option("--conclude", options.conclude, "Shell command after every repetition, not timed")
      ->type_name("CMD")
      ->group(group);
}

void add_how_long(CLI::App& app, BenchRequest& request, Texts& texts) {
  BenchOptions& options = request.options;
  const std::string group = "How often";
  app.add_option("-r,--repeat,--repeats,--repeater", options.repeat,
                 "A count or a rule, see --list-rules [default: ci]")
      ->type_name("RULE")
      ->envname("THAW_REPEAT")
      ->group(group);
  app.add_option("-m,--metric", options.metric, "What the rule looks at [default: outer_time]")
      ->type_name("NAME")
      ->group(group);
  app.add_flag("-c,--cold", texts.is_cold, "Reset every layer before every repetition")->group(group);
  app.add_flag("-w,--warm", texts.is_warm, "Run once before the first repetition, discarded")->group(group);
  app.add_option("--warmup", options.warmup, "Discarded runs before the first repetition [default: 0]")
      ->check(CLI::Range(0, 1'000'000))
      ->type_name("N")
      ->group(group);
  app.add_option("--copies,--mpl", options.copies, "Copies started together [default: 1]")
      ->check(CLI::Range(1, 4096))
      ->type_name("N")
      ->group(group);
  app.add_option("--timeout", texts.timeout, "Longest repetition, 0 for none [default: 1h]")
      ->type_name("TIME")
      ->envname("THAW_TIMEOUT")
      ->group(group);
  app.add_option("--pin", texts.pin, "Processors to run on: 0, 0,2 or 0-3")->type_name("CPUS")->group(group);
  app.add_flag("--allow-failures", options.allow_failures, "Exit 0 even when repetitions failed")
      ->group(group);
}

void add_cells(CLI::App& app, BenchRequest& request, Texts& texts) {
  BenchOptions& options = request.options;
  const std::string group = "Several at once";
  app.add_option("--sweep", options.sweep, "n=1,2,3 for {n}; env.X=a,b; copies=1,2; repeatable")
      ->type_name("SPEC")
      ->allow_extra_args(false)
      ->group(group);
  app.add_flag("--zip", options.is_zipped, "Pair the sweep's values instead of combining all")->group(group);
  app.add_option("--order", texts.order, "in-turn, random or interleaved [default: in-turn]")
      ->type_name("ORDER")
      ->group(group);
}

void add_output(CLI::App& app, BenchRequest& request, Texts& texts) {
  BenchOptions& options = request.options;
  const std::string group = "Output";
  app.add_option("--format", request.format, "table or json on stdout [default: table]")
      ->type_name("FORMAT")
      ->group(group);
  app.add_option("-o,--out", texts.out, "Folder of the record [default: runs/EXPERIMENT/TASK-TIME]")
      ->type_name("DIR")
      ->group(group);
  app.add_option("-d,--directory", texts.directory, "Folder of all records [default: runs]")
      ->type_name("DIR")
      ->envname("THAW_RUNS")
      ->group(group);
  app.add_option("-e,--experiment", options.experiment, "Experiment [default: misc]")->group(group);
  app.add_option("-t,--task", options.task, "Task [default: the command's name]")->group(group);
  app.add_option("--description,--desc", options.description, "Free text for the record")->group(group);
  app.add_flag("-a,--append", options.is_append, "Add to the record that -o names")->group(group);
  app.add_option("--repro", request.repro, "Repeat a run as its record says")->type_name("RUN")->group(group);
  app.add_option("--resume", request.resume, "Continue an interrupted run")->type_name("RUN")->group(group);
  add_log_options(app, request.log);
}

void add_advanced(CLI::App& app, BenchRequest& request) {
  BenchOptions& options = request.options;
  const std::string group = "Advanced";
  app.add_flag("--explain,--dry-run", request.is_explain, "Print the composed command; run nothing")
      ->group(group);
  app.add_flag("--print-config", request.is_print_config, "Print the resolved options as a file for -f")
      ->group(group);
  app.add_flag_callback(
         "--list-backends", [&] { request.list = "backends"; }, "List the backends")
      ->group(group);
  app.add_flag_callback(
         "--list-rules,--list-repeaters", [&] { request.list = "rules"; }, "List the stopping rules")
      ->group(group);
  app.add_option("--show,--show-backend,--show-repeater", request.show, "Describe a backend or rule")
      ->type_name("NAME")
      ->group(group);
  app.add_option("--seed", options.seed, "Seed of everything random [default: 1]")
      ->envname("THAW_SEED")
      ->group(group);
  app.add_flag("--skip-context,--skip-sys-specs", options.skip_context, "Do not collect facts about the host")
      ->group(group);
}

/// The arguments of each command: what stands between "---" words. The first part holds the options too.
std::vector<Arguments> split_commands(const Arguments& arguments) {
  std::vector<Arguments> parts(1);
  for (const std::string& word : arguments) {
    if (word == "---") {
      parts.emplace_back();
    } else {
      parts.back().push_back(word);
    }
  }
  return parts;
}

/// "[-n NAME] [--] PROGRAM [ARGS…]".
Result<NamedCommand> later_command(Arguments words) {
  NamedCommand command;
  CLI::App app("", "bench");
  app.add_option("-n,--name", command.name);
  THAW_TRY(Parsed parsed, parse(app, words));
  command.argv = std::move(parsed.rest);
  if (command.argv.empty()) {
    return fail_at(ErrorKind::bad_usage, "a command after --- is empty", "thaw bench",
                   "write --- -n NAME PROGRAM ARGS…");
  }
  return command;
}

Result<> apply_texts(const Texts& texts, BenchRequest& request) {
  BenchOptions& options = request.options;
  if (texts.is_cold && texts.is_warm) {
    return fail_at(ErrorKind::bad_usage, "--cold and --warm exclude each other", "--cold", "choose one");
  }
  if (texts.is_cold) options.start = StartMode::cold;
  if (texts.is_warm) options.start = StartMode::warm;
  if (!texts.timeout.empty()) {
    auto timeout = parse_duration(texts.timeout);
    if (!timeout) return tl::unexpected(std::move(timeout).error().in("--timeout"));
    options.timeout = *timeout == Nanos(0) ? std::nullopt : std::optional(*timeout);
  }
  if (!texts.pin.empty()) {
    THAW_TRY(options.pin, parse_cpu_list(texts.pin));
  }
  if (!texts.order.empty()) {
    THAW_TRY(options.order, parse_sweep_order(texts.order));
  }
  for (const std::string& text : texts.env) {
    THAW_TRY(auto assignment, parse_assignment(text));
    options.env.push_back(std::move(assignment));
  }
  if (!texts.stdin_file.empty()) options.stdin_file = texts.stdin_file;
  for (const std::string_view host : split(texts.hosts, ',')) {
    if (!trim(host).empty()) options.hosts.emplace_back(trim(host));
  }
  if (!texts.out.empty()) options.out = texts.out;
  if (!texts.directory.empty()) options.directory = texts.directory;
  return {};
}

/// Remembers which options the command line or the environment gave, by their recorded keys.
void note_origins(const CLI::App& app, BenchOptions& options) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->count() == 0 || option->get_lnames().empty()) continue;
    std::string key = option->get_lnames().front();
    std::replace(key.begin(), key.end(), '-', '_');
    options.origins[key] = "flag or environment";
  }
}

}  // namespace

Result<BenchRequest> parse_bench(const Arguments& arguments) {
  BenchRequest request;
  Texts texts;
  CLI::App app("", "bench");
  set_help(app, help);
  add_what(app, request, texts);
  add_how_long(app, request, texts);
  add_cells(app, request, texts);
  add_output(app, request, texts);
  add_advanced(app, request);
  std::vector<Arguments> parts = split_commands(arguments);
  THAW_TRY(Parsed parsed, parse(app, parts.front()));
  request.is_done = parsed.is_done;
  if (parsed.is_done) return request;
  THAW_CHECK(apply_texts(texts, request));
  constexpr std::array<std::string_view, 2> formats = {"table", "json"};
  THAW_CHECK(check_format(request.format, formats));
  if (!parsed.rest.empty()) request.options.commands.push_back({texts.name, std::move(parsed.rest)});
  for (std::size_t i = 1; i < parts.size(); ++i) {
    THAW_TRY(NamedCommand command, later_command(std::move(parts[i])));
    request.options.commands.push_back(std::move(command));
  }
  note_origins(app, request.options);
  return request;
}

}  // namespace thaw::cli
