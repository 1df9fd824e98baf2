#include "bench/plan.h"

#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "bench/cell_run.h"
#include "bench/config.h"
#include "bench/probe.h"
#include "bench/stop_rule.h"
#include "core/text.h"
#include "record/redact.h"

namespace thaw {
namespace {

/// Options of an experiment that a sweep may set for a cell.
constexpr std::array<std::string_view, 6> cell_options = {"copies", "mpl",  "timeout",
                                                          "start",  "mode", "repeat"};

/// Lays a file's value under the command line's: taken only when no flag or variable gave one.
template <class Target, class Value>
void take(BenchOptions& options, const char* key, Target& target, const std::optional<Value>& value) {
  if (!value || options.origins.contains(key)) return;
  target = static_cast<Target>(*value);
  options.origins[key] = "file";
}

/// Variables in order, where a later one of the same name replaces an earlier one.
Environment merged(Environment base, const Environment& over) {
  for (const auto& [name, value] : over) {
    std::erase_if(base, [&name = name](const auto& entry) { return entry.first == name; });
    base.emplace_back(name, value);
  }
  return base;
}

Result<> apply_file(const FileConfig& file, BenchOptions& options) {
  take(options, "function", options.function, file.function);
  take(options, "task", options.task, file.task);
  take(options, "repeat", options.repeat, file.repeat);
  take(options, "metric", options.metric, file.repeat_metric);
  take(options, "warmup", options.warmup, file.warmup);
  take(options, "copies", options.copies, file.copies);
  take(options, "timeout", options.timeout, file.timeout);
  take(options, "experiment", options.experiment, file.experiment);
  take(options, "directory", options.directory, file.directory);
  take(options, "out", options.out, file.out);
  take(options, "description", options.description, file.description);
  take(options, "stdin", options.stdin_file, file.stdin_file);
  take(options, "prepare", options.prepare, file.prepare);
  take(options, "conclude", options.conclude, file.conclude);
  take(options, "seed", options.seed, file.seed);
  take(options, "append", options.is_append, file.append);
  take(options, "allow_failures", options.allow_failures, file.allow_failures);
  take(options, "skip_context", options.skip_context, file.skip_sys_specs);
  if (!options.origins.contains("cold") && !options.origins.contains("warm")) {
    take(options, "start", options.start, file.start);
  }
  if (file.pin && !options.origins.contains("pin")) {
    THAW_TRY(options.pin, parse_cpu_list(*file.pin));
  }
  options.env = merged(file.env, options.env);
  // The command line's layers go around those of the file.
  if (file.backends)
    options.backends.insert(options.backends.end(), file.backends->begin(), file.backends->end());
  return {};
}

/// Everything the files say, the predecessor's record lowest.
Result<LoadedConfig> load_files(const BenchOptions& options) {
  // Without a shipped folder, files that the user names in full still work.
  const auto found = share_directory();
  const Path share = found ? *found : Path();
  LoadedConfig loaded;
  if (!options.repro_document.empty()) {
    THAW_TRY(const std::string text, read_file(options.repro_document));
    THAW_TRY(loaded.config, parse_markdown_config(text, options.repro_document.string()));
  }
  THAW_TRY(LoadedConfig files, load_config_files(options.files, share));
  loaded.notes = std::move(files.notes);
  loaded.config = overlay(std::move(loaded.config), std::move(files.config));
  for (const std::string& document : options.documents) {
    THAW_TRY(FileConfig inline_config, parse_inline_config(document, share));
    loaded.config = overlay(std::move(loaded.config), std::move(inline_config));
  }
  return loaded;
}

bool uses_hosts(const BackendSpec& backend) {
  if (!backend.run) return false;
  const std::vector<std::string> names = backend.run->placeholders();
  return std::any_of(names.begin(), names.end(),
                     [](const std::string& name) { return name.starts_with("HOST"); });
}

Result<Chain> build_chain(const BenchOptions& options, const BackendLibrary& library) {
  std::vector<BackendSpec> layers;
  bool takes_hosts = false;
  for (const std::string& name : options.backends) {
    THAW_TRY(BackendSpec backend, library.find(name));
    if (!options.hosts.empty() && (uses_hosts(backend) || !backend.hosts.empty())) {
      backend.hosts = options.hosts;
      takes_hosts = true;
    }
    layers.push_back(std::move(backend));
  }
  if (!options.hosts.empty() && !takes_hosts) {
    return fail_at(ErrorKind::bad_usage, "no backend of this chain runs anything on other hosts", "--hosts",
                   "add -b ssh, or leave --hosts out");
  }
  return Chain::build(std::move(layers));
}

std::string base_name(const std::string& program) { return Path(program).filename().string(); }

/// The functions that ship with the program, run by name.
std::optional<Argv> shipped_function(const std::string& name) {
  std::error_code error;
  const Path self = std::filesystem::read_symlink("/proc/self/exe", error);
  for (const Path& folder : {self.parent_path(), self.parent_path().parent_path() / "functions"}) {
    const auto micro = find_program((folder / "thaw-micro").string());
    if (!micro) continue;
    const auto known = run_tool({{micro->string(), "--list"}, {}}, {}, std::chrono::seconds(2));
    if (!known) return std::nullopt;
    for (const std::string_view line : split_lines(known->out)) {
      const auto fields = split_fields(line);
      if (!fields.empty() && fields.front() == name) return Argv{micro->string(), name};
    }
  }
  return std::nullopt;
}

/// What runs on this machine must be there; what runs elsewhere is taken as written.
Result<Argv> resolve_program(const std::string& program, const Chain& chain) {
  if (!chain.runs_program() || !chain.runs_program_here()) return Argv{program};
  if (program.find('/') != std::string::npos) {
    if (find_program(program)) return Argv{program};
    std::error_code error;
    const bool exists = std::filesystem::exists(program, error);
    return fail_at(
        ErrorKind::environment,
        fmt::format("the program \"{}\" {}", program, exists ? "cannot be executed" : "does not exist"), {},
        exists ? "make it executable: chmod +x"
               : "check the path; relative paths start at the current folder");
  }
  if (find_program(program)) return Argv{program};
  if (auto function = shipped_function(program)) return *std::move(function);
  return fail_at(
      ErrorKind::environment, fmt::format("the program \"{}\" was not found", program), {},
      "it is neither on PATH nor a function that ships with Thaw (thaw-micro --list); write ./NAME for a "
      "program in this folder");
}

/// The files' sweep with the command line's axes added.
Result<Sweep> read_sweep(const BenchOptions& options, const std::optional<Sweep>& of_files) {
  Sweep sweep = of_files.value_or(Sweep{});
  sweep.is_zipped = sweep.is_zipped || options.is_zipped;
  for (const std::string& text : options.sweep) {
    THAW_TRY(SweepAxis axis, parse_sweep_axis(text, cell_options));
    THAW_CHECK(add_axis(sweep, std::move(axis)));
  }
  return sweep;
}

/// Applies one swept option to the cell, read as an experiment file would be.
Result<> apply_option(BenchCell& cell, const std::string& name, const std::string& value) {
  auto one = parse_config_option(name, value);
  if (!one) return tl::unexpected(std::move(one).error().in("sweep"));
  if (one->copies) {
    cell.copies = *one->copies;
  } else if (one->timeout) {
    cell.timeout = *one->timeout;
  } else if (one->start) {
    cell.start = *one->start;
  } else if (one->repeat) {
    cell.repeat = *one->repeat;
  } else {
    return fail_at(ErrorKind::bad_usage, fmt::format("the option \"{}\" cannot be swept", name), "sweep",
                   "copies, timeout, start and repeat can");
  }
  return {};
}

std::string label_of(const std::string& name, const std::vector<std::pair<std::string, std::string>>& factors,
                     bool has_commands) {
  std::vector<std::string> parts;
  if (has_commands) parts.push_back(name);
  for (const auto& [factor, value] : factors) parts.push_back(fmt::format("{}={}", factor, value));
  return join(parts, " ");
}

/// FNV-1a over the launch id, cut to the 24 bits of a sweep's suffix.
std::uint32_t suffix_of(std::string_view launch) {
  std::uint32_t hash = 0x811c9dc5U;
  for (const char c : launch) hash = (hash ^ static_cast<unsigned char>(c)) * 0x01000193U;
  return hash & 0xffffffU;
}

/// The processors and the input exist. Errors: environment.
Result<> check_surroundings(const BenchOptions& options) {
  const std::vector<int> allowed = allowed_processors();
  for (const int processor : options.pin) {
    if (std::find(allowed.begin(), allowed.end(), processor) != allowed.end()) continue;
    return fail_at(ErrorKind::environment, fmt::format("there is no processor {} to run on", processor),
                   "--pin",
                   fmt::format("this machine, or the control group, allows {}", fmt::join(allowed, ",")));
  }
  if (options.stdin_file && ::access(options.stdin_file->c_str(), R_OK) != 0) {
    return fail_at(ErrorKind::environment, fmt::format("cannot read {}", options.stdin_file->string()),
                   "--stdin", "check the path and its permissions");
  }
  return {};
}

class Planner {
 public:
  Planner(BenchOptions options, FileConfig file, std::string_view launch)
      : file_(std::move(file)), launch_(launch), library_(backend_folders()) {
    plan_.launch = launch_;
    plan_.options = std::move(options);
  }

  Result<BenchPlan> run() {
    BenchOptions& options = plan_.options;
    THAW_CHECK(apply_file(file_, options));
    THAW_CHECK(check_surroundings(options));
    if (options.backends.empty()) options.backends = {"local"};
    THAW_CHECK(add_to_library(file_, library_));
    THAW_CHECK(complete_commands());
    THAW_TRY(const Sweep sweep, read_sweep(options, file_.sweep));
    take(options, "order", options.order, file_.sweep_order);
    std::vector<SweepCell> sweep_cells(1);
    if (!sweep.axes.empty()) {
      THAW_TRY(sweep_cells, expand_sweep(sweep, suffix_of(launch_)));
    }
    Argv all_arguments;
    for (const NamedCommand& command : options.commands) {
      all_arguments.insert(all_arguments.end(), command.argv.begin() + 1, command.argv.end());
    }
    if (!sweep.axes.empty()) THAW_CHECK(check_parameters_used(sweep, all_arguments, cell_options));
    const std::size_t total = options.commands.size() * sweep_cells.size();
    for (const NamedCommand& command : options.commands) {
      for (const SweepCell& sweep_cell : sweep_cells) THAW_CHECK(add_cell(command, sweep_cell, total));
    }
    note_overridden(sweep);
    plan_.configuration = to_document(resolved_config(sweep)).to_json();
    THAW_CHECK(check_rule_metric());
    warn_of_useless_reset();
    for (std::string& note : plan_.cells.front().chain.notes()) plan_.notes.push_back(std::move(note));
    return std::move(plan_);
  }

 private:
  Result<> complete_commands() {
    BenchOptions& options = plan_.options;
    if (options.commands.empty()) options.commands = file_.commands;
    if (options.commands.empty() && !options.function.empty())
      options.commands.push_back({{}, {options.function}});
    if (options.commands.empty() || options.commands.front().argv.front().empty()) {
      return fail_at(ErrorKind::bad_usage, "there is no program to measure", "thaw bench",
                     "name one after the options: thaw bench -- PROGRAM ARGS…");
    }
    for (NamedCommand& command : options.commands) {
      if (command.argv.size() == 1 && file_.args) {
        command.argv.insert(command.argv.end(), file_.args->begin(), file_.args->end());
      }
      if (command.name.empty()) command.name = base_name(command.argv.front());
    }
    if (options.task.empty()) options.task = options.commands.front().name;
    return {};
  }

  Result<> add_cell(const NamedCommand& command, const SweepCell& sweep_cell, std::size_t total) {
    const BenchOptions& options = plan_.options;
    THAW_TRY(Chain chain, build_chain(options, library_));
    BenchCell cell{.chain = std::move(chain)};
    cell.start = options.start;
    cell.copies = options.copies;
    cell.timeout = options.timeout;
    cell.repeat = options.repeat;
    cell.factors = sweep_cell.settings();
    for (const auto& [name, value] : sweep_cell.options) THAW_CHECK(apply_option(cell, name, value));
    if (total > 1) {
      const bool is_sweep = !sweep_cell.launch_id.empty();
      cell.launch_id = fmt::format("{}_{:04}_{:06x}", is_sweep ? "sweep" : "command", plan_.cells.size() + 1,
                                   suffix_of(launch_));
      cell.label = label_of(command.name, cell.factors, options.commands.size() > 1);
    } else {
      cell.launch_id = sweep_cell.launch_id.empty() ? std::string(launch_) : sweep_cell.launch_id;
    }
    THAW_CHECK(set_target(cell, command, sweep_cell));
    THAW_CHECK(set_metrics(cell));
    THAW_TRY(const auto rule, make_stop_rule(cell.repeat, options.seed));
    static_cast<void>(rule);
    plan_.cells.push_back(std::move(cell));
    return {};
  }

  Result<> set_target(BenchCell& cell, const NamedCommand& command, const SweepCell& sweep_cell) {
    const BenchOptions& options = plan_.options;
    const std::string& program = command.argv.front();
    if (file_.fn_path && program.find('/') == std::string::npos) {
      cell.target.program = {fmt::format("{}/{}.py", *file_.fn_path, program)};
    } else {
      THAW_TRY(cell.target.program, resolve_program(program, cell.chain));
    }
    const Argv arguments = sweep_cell.args.value_or(Argv(command.argv.begin() + 1, command.argv.end()));
    cell.target.args = fill_parameters(arguments, sweep_cell.parameters);
    const bool is_named = !options.function.empty() && options.function != program;
    // A name that no program here has (org/image, namespace/function) is kept whole.
    const std::string by_program = cell.chain.runs_program() ? base_name(program) : program;
    cell.target.function = is_named ? options.function : by_program;
    cell.target.task = options.task;
    cell.target.env = merged(options.env, sweep_cell.environment);
    return {};
  }

  /// The metrics of the chain's backends, and over them those that experiment files define.
  Result<> set_metrics(BenchCell& cell) {
    cell.metrics = combine_metrics(cell.chain.metrics(), file_.metrics);
    for (const MetricSpec& metric : cell.metrics) {
      if (!is_process_metric(metric.name)) continue;
      return fail_at(ErrorKind::bad_usage, fmt::format("the metric name \"{}\" is taken", metric.name), {},
                     "every process has it already; choose another name");
    }
    return {};
  }

  Result<> check_rule_metric() {
    const BenchCell& cell = plan_.cells.front();
    const std::string& wanted = plan_.options.metric;
    std::vector<std::string> known = {"outer_time", "user_time", "system_time", "max_rss_bytes"};
    for (const MetricSpec& metric : cell.metrics) {
      if (metric.extract.is_auto) return {};  // Its names are only known from the output.
      known.push_back(metric.name);
    }
    if (!cell.chain.probes().empty()) return {};
    if (std::find(known.begin(), known.end(), wanted) != known.end()) return {};
    return fail_at(ErrorKind::bad_usage, fmt::format("unknown metric \"{}\"", wanted), "--metric",
                   suggest(wanted, known));
  }

  /// The program and its arguments as a file would say it: by function where that says it all.
  void set_commands(FileConfig& config) const {
    const BenchOptions& options = plan_.options;
    const NamedCommand& first = options.commands.front();
    const bool has_function = !options.function.empty() && options.function != first.argv.front();
    config.commands.clear();
    if (options.commands.size() == 1 && !has_function && first.name == base_name(first.argv.front())) {
      config.function = first.argv.front();
      config.args = Argv(first.argv.begin() + 1, first.argv.end());
      return;
    }
    config.commands = options.commands;
    config.args.reset();
    config.function.reset();
    if (has_function) config.function = options.function;
  }

  /// The experiment as one file would say it.
  [[nodiscard]] FileConfig resolved_config(const Sweep& sweep) const {
    const BenchOptions& options = plan_.options;
    FileConfig config = file_;
    set_commands(config);
    config.backends = options.backends;
    config.task = options.task;
    config.repeat = options.repeat;
    config.repeat_metric = options.metric;
    config.start = options.start;
    if (options.warmup > 0) config.warmup = options.warmup;
    if (options.allow_failures) config.allow_failures = true;
    if (options.is_append) config.append = true;
    if (!options.out.empty()) config.out = options.out.string();
    config.copies = options.copies;
    config.timeout = options.timeout.value_or(Nanos(0));
    config.experiment = options.experiment;
    config.directory = options.directory.string();
    if (!options.description.empty()) config.description = options.description;
    if (options.stdin_file) config.stdin_file = options.stdin_file->string();
    if (!options.prepare.empty()) config.prepare = options.prepare;
    if (!options.conclude.empty()) config.conclude = options.conclude;
    if (!options.pin.empty()) config.pin = fmt::format("{}", fmt::join(options.pin, ","));
    config.seed = static_cast<std::int64_t>(options.seed);
    config.skip_sys_specs = options.skip_context;
    config.env = options.env;
    std::erase_if(config.env, [](const auto& variable) { return names_a_secret(variable.first); });
    add_hosts(config);
    if (!sweep.axes.empty()) config.sweep = sweep;
    if (!sweep.axes.empty() || options.order != SweepOrder::in_turn) config.sweep_order = options.order;
    return config;
  }

  /// Times after a reset that reset nothing would look like cold ones.
  void warn_of_useless_reset() {
    const bool is_useless = std::any_of(plan_.cells.begin(), plan_.cells.end(), [](const BenchCell& cell) {
      const auto& layers = cell.chain.layers();
      return cell.start == StartMode::cold &&
             std::none_of(layers.begin(), layers.end(),
                          [](const BackendSpec& layer) { return !layer.reset.empty(); });
    });
    if (!is_useless) return;
    plan_.warnings.emplace_back(
        "--cold changed nothing: no backend of this chain has a reset, so these are not times of a cold "
        "start "
        "(add -b local to drop the kernel's file cache, or give a backend a reset)");
  }

  /// The hosts of --hosts, as the options of the layers that run something on them.
  void add_hosts(FileConfig& config) const {
    if (plan_.options.hosts.empty()) return;
    for (const BackendSpec& layer : plan_.cells.front().chain.layers()) {
      if (!uses_hosts(layer)) continue;
      std::vector<DocumentNode> hosts;
      for (const std::string& host : plan_.options.hosts) hosts.push_back(DocumentNode::scalar(host));
      DocumentNode options = DocumentNode::map({});
      options.set("hosts", DocumentNode::list(std::move(hosts)));
      DocumentNode by_backend = DocumentNode::map({});
      by_backend.set(layer.name, std::move(options));
      config.backend_options.push_back({.options = std::move(by_backend)});
    }
  }

  void note_overridden(const Sweep& sweep) {
    const BenchOptions& options = plan_.options;
    SweepBase base;
    base.args = Argv(options.commands.front().argv.begin() + 1, options.commands.front().argv.end());
    for (const auto& [name, value] : options.env) base.environment[name] = value;
    for (const char* key : {"copies", "timeout", "repeat"}) {
      if (options.origins.contains(key)) base.options[key] = "the given value";
    }
    if (sweep.axes.empty()) return;
    for (std::string& sentence : overridden_by(sweep, base)) plan_.notes.push_back(std::move(sentence));
  }

  FileConfig file_;
  std::string launch_;
  BackendLibrary library_;
  BenchPlan plan_;
};

}  // namespace

Result<std::vector<BenchPlan>> plan_bench(const BenchOptions& options, std::string_view launch) {
  THAW_TRY(LoadedConfig loaded, load_files(options));
  std::vector<BenchPlan> plans;
  const std::vector<FileConfig> tasks = std::exchange(loaded.config.workflow, {});
  if (tasks.empty()) {
    THAW_TRY(BenchPlan plan, Planner(options, std::move(loaded.config), launch).run());
    plans.push_back(std::move(plan));
  }
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const std::string id = i == 0 ? std::string(launch) : fmt::format("{}_{}", launch, i + 1);
    auto plan = Planner(options, overlay(loaded.config, tasks[i]), id).run();
    if (!plan)
      return tl::unexpected(std::move(plan).error().in(fmt::format("task {} of the workflow", i + 1)));
    plans.push_back(*std::move(plan));
  }
  plans.front().notes.insert(plans.front().notes.begin(), loaded.notes.begin(), loaded.notes.end());
  return plans;
}

Result<std::string> explain(const BenchPlan& plan) {
  std::string text;
  for (const BenchCell& cell : plan.cells) {
    if (!cell.label.empty()) text += fmt::format("# {}\n", cell.label);
    const RunContext context{.copies = cell.copies, .token = "TOKEN", .tmp_path = cell.chain.tmp_parent()};
    THAW_TRY(const std::string one, cell.chain.explain(cell.target, context));
    text += one;
    for (const ProbeSpec& spec : cell.chain.probes()) {
      const auto probe = std::ranges::find(probes(), spec.name, &ProbeEntry::name);
      if (probe != probes().end())
        text += fmt::format("{:<11}{}: {}\n", "observer", spec.name, probe->summary);
    }
    for (const MetricSpec& metric : cell.metrics) {
      text +=
          fmt::format("{:<11}{}{}{}\n", "metric", metric.name, metric.unit.empty() ? "" : ", " + metric.unit,
                      metric.description.empty() ? "" : ": " + metric.description);
    }
  }
  return text;
}

}  // namespace thaw
