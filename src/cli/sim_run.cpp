// `thaw sim run` and `thaw sim sweep`: the same experiment with one or many traces, seeds and ranges.

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdio>

#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/sim_request.h"
#include "core/process.h"
#include "core/text.h"
#include "record/catalogue.h"
#include "record/table.h"
#include "report/simulation_page.h"
#include "sim/engine.h"
#include "sim/engines/mpi_link.h"
#include "sim/sizing_text.h"
#include "sim/sweep_record.h"
#include "sim/trace_cache.h"
#include "thaw/version.h"
#include "trace/reader.h"

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
    .purpose =
        "Simulates every combination of traces, policies, memory sizes and seeds on all processors or hosts.",
    .examples =
        "  thaw sim sweep --trace traces/20b --policy all --memory 1GB:80GB:3GB\n"
        "  thaw sim sweep --trace a,b --policy gd,rand --memory 2GB --seed 1-5 -o runs/rand\n"
        "  thaw sim sweep --resume runs/rand                 # the points that are missing\n"
        "  mpirun -n 16 thaw sim sweep --engine mpi --trace /shared/a --policy all --memory 1GB:80GB:1GB\n"
        "  thaw sim sweep --engine slurm --slurm-options '--partition=long' --no-wait --trace a -p gd -m "
        "1GB,2GB\n",
    .see_also = "thaw sim run, thaw report, docs/sweeps.md, docs/simulation.md"};

SweepLaunch launch_of(const SimRequest& request, std::string_view command, const Arguments& arguments) {
  SweepLaunch launch{.command = fmt::format("sim {}", command), .version = version};
  launch.command_line = {"thaw", "sim", std::string(command)};
  launch.command_line.insert(launch.command_line.end(), arguments.begin(), arguments.end());
  launch.place = {
      .root = request.directory, .experiment = request.experiment, .started = system_clock().wall()};
  if (!request.out.empty()) launch.place.folder = request.out;
  return launch;
}

/// Whether bounds can be computed for all points of an experiment. Errors: bad_usage.
Result<> check_bounds(const SweepConfiguration& configuration) {
  const SweepAxes& axes = configuration.axes;
  const bool is_whole = axes.traces.size() == 1 && axes.functions == std::vector<std::uint64_t>{0};
  if (is_whole && axes.model == Model::clean && !configuration.cluster) return {};
  return fail_at(
      ErrorKind::bad_usage,
      "bounds are for one trace with all its functions, the model clean and one server with unlimited cores",
      "--bounds", "leave it out; thaw sim bounds computes them apart");
}

/// The experiment that is asked for, or recorded. Nothing is written.
Result<SweepConfiguration> known_configuration(const SimRequest& request) {
  SweepConfiguration configuration;
  if (request.resume.empty()) {
    THAW_TRY(configuration, configuration_of(request));
  } else {
    THAW_TRY(const KnownSweep known, read_sweep(request.resume));
    configuration = known.configuration;
  }
  if (request.has_bounds) THAW_CHECK(check_bounds(configuration));
  return configuration;
}

Result<SweepRecord> open_record(const SimRequest& request, SweepLaunch launch) {
  THAW_TRY(const SweepConfiguration configuration, known_configuration(request));
  if (!request.resume.empty()) return SweepRecord::reopen(request.resume, launch, system_clock());
  launch.place.task = fmt::format("sim-{}", folder_name_for(configuration.axes.traces.front()));
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

void print(const Table& table, TableFormat format) {
  const std::string text = render(table, format);
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void list_engines(TableFormat format) {
  Table table;
  table.columns = {{.key = "engine", .align = Align::left}, {.key = "summary", .align = Align::left}};
  for (const EngineEntry& engine : sweep_engines()) table.add({engine.name, engine.summary});
  print(table, format);
}

/// Prints the points that would be simulated, and by whom.
Result<int> explain(const SimRequest& request, const SweepEngine& engine, TableFormat format) {
  THAW_TRY(const SweepConfiguration configuration, known_configuration(request));
  std::vector<std::uint64_t> done;
  if (!request.resume.empty()) {
    THAW_TRY(const FinishedPoints finished, FinishedPoints::read(request.resume, configuration));
    done = finished.points();
  }
  const std::vector<SweepPoint> points = span_points(configuration.axes);
  Table table;
  table.columns = {{.key = "point"},     {.key = "policy", .align = Align::left},
                   {.key = "memory_mb"}, {.key = "seed"},
                   {.key = "functions"}, {.key = "trace", .align = Align::left}};
  std::vector<std::uint64_t> todo;
  for (std::uint64_t i = 0; i < points.size(); ++i) {
    if (std::binary_search(done.begin(), done.end(), i)) continue;
    const auto& [trace, functions, point] = points[i];
    todo.push_back(i);
    const auto number = [](std::uint64_t value) { return Cell(static_cast<std::int64_t>(value)); };
    table.add({number(i), point.policy, Cell(point.memory_mb), number(point.seed),
               functions == 0 ? Cell(FieldValue(), "all") : number(functions), trace});
  }
  print(table, format);
  for (const std::string& sentence : engine.describe(configuration, todo))
    fmt::print(stderr, "{}\n", sentence);
  return 0;
}

/// The catalogue only points to records: trouble with it costs a warning, never a result.
void enter(const SimRequest& request, const SweepRecord& record) {
  if (auto entered = enter_into_catalogue(request.directory, record.path()); !entered) {
    spdlog::warn("the catalogue was not updated: {} ({})", entered.error().what, entered.error().hint);
  }
}

/// Runs the engine over what is missing in the record.
Result<EngineEnd> compute(const SimRequest& request, SweepEngine& engine, SweepRecord& record) {
  ProgressLine line(system_clock(), !request.log.is_quiet);
  EngineObserver observer;
  if (!request.log.is_quiet) {
    observer.on_progress = [&](std::uint64_t invocations) {
      line.show(fmt::format("thaw: {} of {} points, {} M invocations", record.done(), record.points(),
                            format_significant(static_cast<double>(invocations) * 1e-6)));
    };
  }
  observer.on_state = [&](const std::string& state) { line.show("thaw: " + state); };
  observer.on_note = [&](const std::string& note) {
    line.clear();
    spdlog::info("{}", note);
  };
  return engine.run(record, system_clock(), observer);
}

/// bounds.csv beside samples.csv: the policies of the experiment and the least that is possible.
Result<> write_bounds(const SweepRecord& record) {
  const SweepConfiguration& configuration = record.configuration();
  const SweepAxes& axes = configuration.axes;
  const std::string place = trace_place(configuration, axes.traces.front());
  THAW_TRY(const Trace trace, load_trace(place, configuration.read));
  THAW_TRY(const std::vector<BoundRow> rows, compare_with_bounds(trace, axes.memory_mb, axes.policies));
  return write_file_atomically(record.path() / "bounds.csv",
                               render_bounds(rows, axes.traces.front(), TableFormat::csv));
}

/// What is drawn and computed from the finished record.
Result<> add_extras(const SimRequest& request, const SweepRecord& record) {
  if (request.has_bounds) THAW_CHECK(write_bounds(record));
  if (!request.functions_file.empty()) {
    THAW_TRY(const std::string rows, read_file(record.path() / functions_file));
    THAW_CHECK(write_file_atomically(request.functions_file, rows));
  }
  if (!request.has_page) return {};
  THAW_TRY(const RunRecord finished, read_run(record.path()));
  THAW_TRY(const Page page, simulation_page(finished));
  const Path path = record.path() / "report.html";
  THAW_CHECK(write_file_atomically(path, render(page)));
  spdlog::info("page: {}", path.string());
  return {};
}

Result<int> lead(const SimRequest& request, SweepEngine& engine, const SweepLaunch& launch,
                 TableFormat format) {
  THAW_TRY(SweepRecord record, open_record(request, launch));
  // A finished record needs its traces no more.
  if (!record.missing().empty()) THAW_CHECK(record.warn(trace_notes(record.configuration())));
  for (const std::string& warning : record.warnings()) spdlog::warn("{}", warning);
  install_interrupt_handlers();
  const Result<EngineEnd> end = compute(request, engine, record);
  const std::string again = fmt::format("thaw sim sweep --resume {}", record.path().string());
  if (end && *end == EngineEnd::left_running) {
    spdlog::info("{} collects the results", again);
    enter(request, record);
    return 0;
  }
  const Result<> closed =
      record.close(system_clock(), !end                          ? RunStatus::failed
                                   : *end == EngineEnd::finished ? RunStatus::completed
                                                                 : RunStatus::interrupted);
  if (!end) return tl::unexpected(end.error());
  THAW_CHECK(closed);
  enter(request, record);
  if (*end == EngineEnd::finished) THAW_CHECK(add_extras(request, record));
  THAW_TRY(const Table table, record.table(!request.is_reproducible));
  print(format == TableFormat::text ? short_table(table) : table, format);
  spdlog::info("record: {}", record.path().string());
  if (*end == EngineEnd::finished) return 0;
  spdlog::warn("interrupted; {} does the rest", again);
  return 128 + interrupt_signal().load();
}

/// What the words ask for, when that is more than help or a list.
struct Plan {
  SimRequest request;
  TableFormat format{};
  std::unique_ptr<SweepEngine> engine;  ///< Null: all is said.
};

Result<Plan> read_words(std::string_view command, const HelpText& help, const Arguments& arguments) {
  CLI::App app("", fmt::format("sim {}", command));
  set_help(app, help);
  Plan plan;
  SimRequest& request = plan.request;
  add_sim_options(app, request);
  THAW_TRY(const bool is_done, parse_operands(app, arguments));
  if (is_done) return plan;
  apply(request.log);
  if (request.format.empty()) request.format = isatty(STDOUT_FILENO) != 0 ? "table" : "ndjson";
  THAW_TRY(plan.format, parse_table_format(request.format));
  if (request.lists_engines) {
    list_engines(plan.format);
    return plan;
  }
  THAW_CHECK(complete(app, request));
  THAW_TRY(plan.engine, make_engine(request.engine, request.settings));
  return plan;
}

Result<int> run_experiment(std::string_view command, const HelpText& help, const Arguments& arguments) {
  auto plan = read_words(command, help, arguments);
  if (!plan) {
    // Under mpirun every rank gets the same words; one complaint is enough.
    if (launched_as_rank().value_or(0) > 0) return 0;
    return tl::unexpected(std::move(plan).error());
  }
  auto& [request, format, engine] = *plan;
  if (!engine) return 0;
  if (request.is_dry_run) return explain(request, *engine, format);
  THAW_TRY(const EngineRole role, engine->join());
  if (role == EngineRole::leader) {
    return lead(request, *engine, launch_of(request, command, arguments), format);
  }
  THAW_CHECK(engine->help(system_clock()));
  return interrupt_signal() != 0 ? 128 + interrupt_signal().load() : 0;
}

}  // namespace

Result<int> run_sim_run(const Arguments& arguments) { return run_experiment("run", run_help, arguments); }
Result<int> run_sim_sweep(const Arguments& arguments) {
  return run_experiment("sweep", sweep_help, arguments);
}

}  // namespace thaw::cli
