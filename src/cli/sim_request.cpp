#include "cli/sim_request.h"

#include "core/shell.h"
#include "core/text.h"
#include "thaw/version.h"

namespace thaw::cli {
namespace {

/// Options that say what the experiment is or where its record goes: a resumed one has them in its record.
constexpr const char* experiment_options[] = {
    "--trace",      "--policy",   "--memory",   "--model",           "--functions",    "--seed",
    "--from",       "--to",       "--day",      "--repair",          "--servers",      "--route",
    "--cores",      "--queue",    "--max-wait", "--wait-for-memory", "--per-function", "--out",
    "--experiment", "--timeline", "--logs",     "--events"};

void add_what_options(CLI::App& app, SimRequest& request) {
  const std::string group = "What to simulate";
  app.add_option(
         "-t,--trace", request.traces,
         "Trace: folder, file, beginning of its files' names, or synth:azure2019:functions=1000; repeatable")
      ->delimiter(',')
      ->group(group);
  app.add_option("-p,--policy", request.policies, "Policies, see thaw sim policies; \"all\" for every one")
      ->group(group);
  app.add_option("-m,--memory", request.memory, "Server memory: 4GB, 1000,2000 (MB), 1GB:80GB:3GB, inf")
      ->group(group);
  app.add_option("--model", request.model, "clean, faascache or course [default: clean]")->group(group);
  app.add_option("--functions", request.functions,
                 "So many functions, drawn by the seed: 100 or 100,200 [default: all]")
      ->group(group);
  app.add_option("--seed", request.seeds, "Seed of everything random; several: 1,2,5-8 [default: 1]")
      ->group(group);
  app.add_option("--from", request.from, "Leave out what comes before, and count from there: 30m")
      ->group(group);
  app.add_option("--to", request.to, "Leave out what comes at or after: 12h")->group(group);
  app.add_option("--servers", request.servers, "Servers, each with the memory given [default: 1]")
      ->group(group);
  app.add_option("--route", request.route,
                 "Which server: hash, least-loaded, locality or random [default: hash]")
      ->group(group);
  app.add_option("--cores", request.cores,
                 "Executions at once on each server; others wait [default: unlimited]")
      ->group(group);
  app.add_option("--queue", request.queue, "So many may wait at a server [default: any number]")
      ->group(group);
  app.add_option("--max-wait", request.longest_wait,
                 "Whoever has waited longer is dropped: 30s [default: never]")
      ->group(group);
  app.add_flag("--wait-for-memory", request.waits_for_memory,
               "Wait for running containers instead of dropping")
      ->group(group);
  app.add_option("--day", request.day, "Which day of a folder of days [default: the first]")->group(group);
  app.add_flag("--repair", request.is_repaired, "Mend what can be mended in a trace, and say what")
      ->group(group);
}

void add_how_options(CLI::App& app, SimRequest& request) {
  const std::string group = "How";
  app.add_option("--engine", request.engine, "Who computes: local, mpi or slurm [default: local]")
      ->group(group);
  app.add_flag("--list-engines", request.lists_engines, "List the engines")->group(group);
  app.add_option("-j,--workers", request.settings.limits.workers,
                 "Threads of each process [default: one for each processor; mpi and slurm: one]")
      ->group(group);
  app.add_option("--stream-above", request.settings.limits.most_in_memory,
                 "Traces with more invocations are not held in memory [default: 50000000]")
      ->group(group);
  app.add_option("--points-per-task", request.settings.points_per_task,
                 "slurm: points of each task [default: at most 200 tasks]")
      ->group(group);
  app.add_option("--slurm-options", request.slurm_options,
                 "slurm: words for sbatch: '--partition=long --mem=8G'")
      ->group(group);
  app.add_flag("--no-wait", request.is_left_running,
               "slurm: return when the job is submitted; --resume collects")
      ->group(group);
  app.add_option("--resume", request.resume, "Continue the experiment recorded in this folder")->group(group);
  app.add_flag("--dry-run,--explain", request.is_dry_run,
               "Print the points and who would compute them, and stop")
      ->group(group);
}

void add_output_options(CLI::App& app, SimRequest& request) {
  const std::string group = "Output";
  app.add_option(
         "--per-function", request.functions_file,
         "Also write functions.csv: counts of each function; in a file of that name, too, if one is given")
      ->expected(0, 1)
      ->type_name("[FILE]")
      ->group(group);
  app.add_flag("--timeline", request.has_timelines, "Also write memory.csv: memory in use, by minute")
      ->group(group);
  app.add_flag("--bounds", request.has_bounds,
               "Also write bounds.csv: the policies beside the least possible cost (one trace, model clean)")
      ->group(group);
  app.add_flag("--html", request.has_page, "Draw the record: report.html in its folder")->group(group);
  app.add_option("--logs", request.logs, "Folder for the logs of FaasCache's simulator, three for each point")
      ->group(group);
  app.add_option(
         "--events", request.events,
         "File for every start, finish, eviction, expiry and drop, as thaw serve writes it (one point)")
      ->group(group);
  app.add_option("-o,--out", request.out, "Folder of the record [default: runs/EXPERIMENT/…]")->group(group);
  app.add_option("--experiment", request.experiment, "Folder below runs [default: misc]")->group(group);
  app.add_option("-d,--directory", request.directory, "Folder of all records [default: runs]")
      ->envname("THAW_RUNS")
      ->group(group);
  app.add_option("--format", request.format,
                 "table, md, csv, json or ndjson [default: table on a terminal, else ndjson]")
      ->group(group);
  app.add_flag("--reproducible", request.is_reproducible, "Leave out what differs between equal runs")
      ->group(group);
}

tl::unexpected<Error> missing_option(std::string_view option, std::string_view example) {
  return fail_at(ErrorKind::bad_usage, fmt::format("{} is missing", option), {},
                 fmt::format("for example {}", example));
}

}  // namespace

void add_sim_options(CLI::App& app, SimRequest& request) {
  add_what_options(app, request);
  add_how_options(app, request);
  add_output_options(app, request);
  add_log_options(app, request.log);
}

Result<> complete(const CLI::App& app, SimRequest& request) {
  request.is_per_function = app.get_option("--per-function")->count() > 0;
  if (!request.resume.empty()) {
    for (const char* option : experiment_options) {
      if (app.get_option(option)->count() == 0) continue;
      return fail_at(ErrorKind::bad_usage, fmt::format("{} cannot be given with --resume", option),
                     "--resume",
                     "the record says what the experiment is; leave it out, or start a new record");
    }
    if (request.engine.empty()) request.engine = engine_of(request.resume);
  }
  if (request.engine.empty()) request.engine = "local";
  THAW_TRY(request.settings.slurm_options, shell_split(request.slurm_options));
  for (const char* option : {"--points-per-task", "--slurm-options", "--no-wait"}) {
    if (app.get_option(option)->count() == 0 || to_lower(request.engine) == "slurm") continue;
    return fail_at(ErrorKind::bad_usage, fmt::format("{} is an option of --engine slurm", option), option,
                   "leave it out, or add --engine slurm");
  }
  request.settings.version = version;
  request.settings.is_awaited = !request.is_left_running;
  return {};
}

/// The cluster asked for; nothing when one server with unlimited cores is meant.
static Result<std::optional<ClusterOptions>> cluster_of(const SimRequest& request) {
  const bool is_plain = request.servers == 1 && request.cores == 0 && request.route.empty() &&
                        request.queue.empty() && request.longest_wait.empty() && !request.waits_for_memory;
  if (is_plain) return std::nullopt;
  ClusterOptions cluster{.servers = request.servers, .cores = request.cores};
  if (!request.route.empty()) cluster.route = request.route;
  cluster.waits_for_memory = request.waits_for_memory;
  if (!request.longest_wait.empty()) {
    THAW_TRY(cluster.longest_wait, parse_duration(request.longest_wait));
  }
  if (!request.queue.empty()) {
    const auto length = parse_integer(request.queue);
    if (!length || *length < 0 || *length > 1'000'000'000) {
      return fail_at(ErrorKind::bad_usage, fmt::format("\"{}\" is no length of a queue", request.queue),
                     "--queue", "write a count, for example --queue 100");
    }
    cluster.queue = static_cast<std::uint32_t>(*length);
  }
  return cluster;
}

/// The part of the trace that counts, [from, to).
static Result<> read_window(const SimRequest& request, ReadOptions& read) {
  const auto read_end = [](const std::string& text, const char* option, double& milliseconds) -> Result<> {
    if (text.empty()) return {};
    auto duration = parse_duration(text);
    if (!duration) return tl::unexpected(std::move(duration).error().in(option));
    milliseconds = to_seconds(*duration) * 1e3;
    return {};
  };
  THAW_CHECK(read_end(request.from, "--from", read.begin_ms));
  THAW_CHECK(read_end(request.to, "--to", read.end_ms));
  if (read.begin_ms < read.end_ms) return {};
  return fail_at(ErrorKind::bad_usage, "the part of the trace to simulate is empty", "--to",
                 "it must be later than --from");
}

Result<SweepConfiguration> configuration_of(const SimRequest& request) {
  SweepConfiguration configuration;
  SweepAxes& axes = configuration.axes;
  THAW_TRY(axes.model, parse_model(request.model));
  if (request.traces.empty()) return missing_option("--trace", "--trace traces/20b");
  if (request.policies.empty()) return missing_option("--policy", "--policy gd,lru");
  if (request.memory.empty()) return missing_option("--memory", "--memory 1GB:80GB:3GB");
  axes.traces = request.traces;
  THAW_TRY(axes.policies, parse_policies(axes.model, request.policies));
  THAW_TRY(axes.memory_mb, parse_memory_sizes(request.memory));
  THAW_TRY(axes.seeds, parse_seeds(request.seeds));
  if (!request.functions.empty()) {
    THAW_TRY(axes.functions, parse_seeds(request.functions));
  }
  configuration.folder = std::filesystem::current_path();
  configuration.per_function = request.is_per_function;
  configuration.has_timelines = request.has_timelines;
  if (!request.logs.empty()) configuration.logs = std::filesystem::absolute(request.logs);
  if (!request.events.empty()) {
    if (axes.model != Model::clean || span_points(axes).size() != 1) {
      return fail_at(ErrorKind::bad_usage, "an event log is for one policy, one size and the model clean",
                     "--events", "run thaw sim run once for each");
    }
    configuration.events = std::filesystem::absolute(request.events);
  }
  configuration.read.repair = request.is_repaired;
  if (request.day > 0) configuration.read.day = request.day;
  THAW_CHECK(read_window(request, configuration.read));
  THAW_TRY(configuration.cluster, cluster_of(request));
  if (configuration.cluster && !configuration.events.empty()) {
    return fail_at(ErrorKind::bad_usage, "an event log is of one server with unlimited cores", "--events",
                   "leave out --servers, --cores, --route and --queue");
  }
  for (const std::string& policy : axes.policies) {
    const SimulationPoint point{policy, axes.model, axes.memory_mb.front(), 1};
    if (auto made = make_simulation(point, {}, nullptr, configuration.cluster); !made)
      return tl::unexpected(std::move(made).error());
  }
  return configuration;
}

}  // namespace thaw::cli
