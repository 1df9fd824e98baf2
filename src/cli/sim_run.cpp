// `thaw sim run` and `thaw sim sweep`: the same experiment with one or many traces, seeds and ranges.

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdio>

#include "cli/cli.h"
#include "cli/progress.h"
#include "core/process.h"
#include "core/text.h"
#include "record/table.h"
#include "sim/sweep_record.h"
#include "thaw/version.h"

namespace thaw::cli {
namespace {

constexpr HelpText run_help = {
    .usage = "thaw sim run --trace T --policy P[,P…] --memory M[,M…] [options]",
    .purpose = "Simulates keep-alive policies on a trace, one object or row for each policy and memory size.",
    .examples =
        "  thaw sim run --trace traces/20b --policy gd,lru --memory 1GB,2GB\n"
        "  thaw sim run --trace traces/20b --policy ttl:keep=20m --memory 2000 --format ndjson\n"
        "  thaw sim run --trace t.pckl --policy GD --memory 4000 --model faascache   # equal to FaasCache\n",
    .see_also = "thaw sim sweep, thaw sim policies, docs/simulation.md"};

constexpr HelpText sweep_help = {
    .usage = "thaw sim sweep --trace T[,T…] --policy P[,P…]|all --memory FROM:TO:STEP [options]",
    .purpose = "Simulates every combination of traces, policies, memory sizes and seeds on all processors.",
    .examples =
        "  thaw sim sweep --trace traces/20b --policy all --memory 1GB:80GB:3GB\n"
        "  thaw sim sweep --trace a,b --policy gd,rand --memory 2GB --seed 1-5 -o runs/rand\n"
        "  thaw sim sweep --resume runs/rand                 # the points that are missing\n",
    .see_also = "thaw sim run, thaw report, docs/simulation.md"};

struct SimRequest {
  std::vector<std::string> traces;
  std::vector<std::string> policies;
  std::string memory, functions, seeds = "1", model = "clean";
  std::string from, to;
  int day = 0;
  bool is_repaired = false, is_per_function = false, is_reproducible = false;
  unsigned workers = 0;
  std::string out, resume, experiment = "misc", directory = "runs", format;
  LogOptions log;
};

void add_options(CLI::App& app, SimRequest& request) {
  app.add_option("-t,--trace", request.traces,
                 "Trace: folder, file or beginning of its files' names; repeatable")
      ->delimiter(',')
      ->group("What to simulate");
  app.add_option("-p,--policy", request.policies, "Policies, see thaw sim policies; \"all\" for every one")
      ->group("What to simulate");
  app.add_option("-m,--memory", request.memory, "Server memory: 4GB, 1000,2000 (MB), 1GB:80GB:3GB, inf")
      ->group("What to simulate");
  app.add_option("--model", request.model, "clean, faascache or course [default: clean]")
      ->group("What to simulate");
  app.add_option("--functions", request.functions,
                 "So many functions, drawn by the seed: 100 or 100,200 [default: all]")
      ->group("What to simulate");
  app.add_option("--seed", request.seeds, "Seed of everything random; several: 1,2,5-8 [default: 1]")
      ->group("What to simulate");
  app.add_option("--from", request.from, "Leave out what is earlier in the trace: 30m")
      ->group("What to simulate");
  app.add_option("--to", request.to, "Leave out what is later in the trace: 12h")->group("What to simulate");
  app.add_option("--day", request.day, "Which day of a folder of days [default: the first]")
      ->group("What to simulate");
  app.add_flag("--repair", request.is_repaired, "Mend what can be mended in a trace, and say what")
      ->group("What to simulate");
  app.add_option("-j,--workers", request.workers, "Threads [default: one for each processor]")->group("How");
  app.add_option("--resume", request.resume, "Continue the experiment recorded in this folder")->group("How");
  app.add_flag("--per-function", request.is_per_function, "Also write functions.csv: counts of each function")
      ->group("Output");
  app.add_option("-o,--out", request.out, "Folder of the record [default: runs/EXPERIMENT/…]")
      ->group("Output");
  app.add_option("--experiment", request.experiment, "Folder below runs [default: misc]")->group("Output");
  app.add_option("-d,--directory", request.directory, "Folder of all records [default: runs]")
      ->envname("THAW_RUNS")
      ->group("Output");
  app.add_option("--format", request.format,
                 "table, md, csv, json or ndjson [default: table on a terminal, else ndjson]")
      ->group("Output");
  app.add_flag("--reproducible", request.is_reproducible, "Leave out what differs between equal runs")
      ->group("Output");
  add_log_options(app, request.log);
}

tl::unexpected<Error> missing_option(std::string_view option, std::string_view example) {
  return fail_at(ErrorKind::bad_usage, fmt::format("{} is missing", option), {},
                 fmt::format("for example {}", example));
}

Result<SweepConfiguration> configuration_of(const SimRequest& request) {
  SweepConfiguration configuration;
  SweepAxes& axes = configuration.axes;
  THAW_TRY(axes.model, parse_model(request.model));
  if (request.traces.empty()) return missing_option("--trace", "--trace traces/20b");
  if (request.policies.empty()) return missing_option("--policy", "--policy gd,lru");
  if (request.memory.empty()) return missing_option("--memory", "--memory 1GB:80GB:3GB");
  axes.traces = request.traces;
  for (const std::string& text : request.policies) {
    THAW_TRY(const auto names, parse_policies(axes.model, text));
    axes.policies.insert(axes.policies.end(), names.begin(), names.end());
  }
  THAW_TRY(axes.memory_mb, parse_memory_sizes(request.memory));
  THAW_TRY(axes.seeds, parse_seeds(request.seeds));
  if (!request.functions.empty()) {
    THAW_TRY(axes.functions, parse_seeds(request.functions));
  }
  configuration.per_function = request.is_per_function;
  configuration.read.repair = request.is_repaired;
  if (request.day > 0) configuration.read.day = request.day;
  if (!request.from.empty()) {
    THAW_TRY(const Nanos from, parse_duration(request.from));
    configuration.read.begin_ms = to_seconds(from) * 1e3;
  }
  if (!request.to.empty()) {
    THAW_TRY(const Nanos to, parse_duration(request.to));
    configuration.read.end_ms = to_seconds(to) * 1e3;
  }
  return configuration;
}

Result<SweepRecord> open_record(const SimRequest& request, std::string_view command,
                                const Arguments& arguments) {
  if (!request.resume.empty()) return SweepRecord::reopen(request.resume);
  THAW_TRY(const SweepConfiguration configuration, configuration_of(request));
  // Nothing is written before every policy is known to exist.
  for (const std::string& policy : configuration.axes.policies) {
    SimulationPoint point{policy, configuration.axes.model, configuration.axes.memory_mb.front(), 1};
    if (auto made = make_simulation(point, {}); !made) return tl::unexpected(std::move(made).error());
  }
  SweepLaunch launch{.command = fmt::format("sim {}", command), .version = version};
  launch.command_line = {"thaw", "sim", std::string(command)};
  launch.command_line.insert(launch.command_line.end(), arguments.begin(), arguments.end());
  launch.place = {.root = request.directory,
                  .experiment = request.experiment,
                  .task = fmt::format("sim-{}", folder_name_for(configuration.axes.traces.front())),
                  .started = system_clock().wall()};
  if (!request.out.empty()) launch.place.folder = request.out;
  return SweepRecord::create(launch, configuration, system_clock());
}

/// For people: the columns that fit, in units that read well.
Table short_table(const Table& full) {
  static constexpr std::string_view shown[] = {
      "policy",    "memory_mb", "invocations",       "cold",      "warm",         "dropped",
      "evictions", "hit_ratio", "exec_increase_pct", "idle_gb_s", "slowdown_p99", "invocations_per_s"};
  Table table;
  std::vector<std::size_t> places;
  for (const std::string_view key : shown) {
    for (std::size_t i = 0; i < full.columns.size(); ++i) {
      if (full.columns[i].key != key) continue;
      places.push_back(i);
      table.columns.push_back(full.columns[i]);
    }
  }
  table.columns.front().align = Align::left;
  for (const auto& row : full.rows) {
    std::vector<Cell> cells;
    for (const std::size_t place : places) cells.push_back(row[place]);
    table.add(std::move(cells));
  }
  return table;
}

Result<int> run_experiment(std::string_view command, const HelpText& help, const Arguments& arguments) {
  CLI::App app("", std::string(command));
  set_help(app, help);
  SimRequest request;
  add_options(app, request);
  THAW_TRY(const bool is_done, parse_operands(app, arguments));
  if (is_done) return 0;
  apply(request.log);
  if (request.format.empty()) request.format = isatty(STDOUT_FILENO) != 0 ? "table" : "ndjson";
  THAW_TRY(const TableFormat format, parse_table_format(request.format));
  THAW_TRY(SweepRecord record, open_record(request, command, arguments));
  install_interrupt_handlers();
  ProgressLine line(system_clock(), !request.log.is_quiet);
  const auto on_point = [&](const FinishedPoint& point) { return record.add(point); };
  const auto on_progress = [&](std::uint64_t invocations) {
    line.show(fmt::format("thaw: {} of {} points, {} M invocations", record.done(), record.points(),
                          format_significant(static_cast<double>(invocations) * 1e-6)));
  };
  const std::vector<std::uint64_t> todo = record.missing();
  const Result<> ran =
      run_points(record.configuration(), todo, {.workers = request.workers}, system_clock(), on_point,
                 request.log.is_quiet ? SweepProgress() : SweepProgress(on_progress));
  line.clear();
  const int signal = interrupt_signal().load();
  THAW_CHECK(record.close(system_clock(), !ran          ? RunStatus::failed
                                          : signal != 0 ? RunStatus::interrupted
                                                        : RunStatus::completed));
  if (!ran) return tl::unexpected(ran.error());
  THAW_TRY(const Table table, record.table(!request.is_reproducible));
  const std::string text = render(format == TableFormat::text ? short_table(table) : table, format);
  std::fwrite(text.data(), 1, text.size(), stdout);
  spdlog::info("record: {}", record.path().string());
  if (signal != 0) {
    spdlog::warn("interrupted; thaw sim sweep --resume {} does the rest", record.path().string());
    return 128 + signal;
  }
  return 0;
}

}  // namespace

Result<int> run_sim_run(const Arguments& arguments) { return run_experiment("run", run_help, arguments); }
Result<int> run_sim_sweep(const Arguments& arguments) {
  return run_experiment("sweep", sweep_help, arguments);
}

}  // namespace thaw::cli
