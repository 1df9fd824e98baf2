#include <spdlog/spdlog.h>

#include <cmath>
#include <cstdio>

#include "bench/backend_library.h"
#include "bench/experiment.h"
#include "bench/plan.h"
#include "bench/stop_rule.h"
#include "cli/bench_options.h"
#include "cli/progress.h"
#include "core/process.h"
#include "core/spawner.h"
#include "core/text.h"
#include "record/run_folder.h"
#include "report/compare_text.h"
#include "thaw/version.h"

namespace thaw::cli {
namespace {

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

Result<int> list_backends(TableFormat format) {
  const BackendLibrary library(backend_folders());
  THAW_TRY(const std::vector<std::string> names, library.names());
  Table table;
  table.columns = {{.key = "backend", .align = Align::left}, {.key = "description", .align = Align::left}};
  for (const std::string& name : names) {
    const auto backend = library.find(name);
    table.add({name, backend ? backend->description : "cannot be read: " + backend.error().what});
  }
  print(render(table, format));
  return 0;
}

Result<int> list_rules(TableFormat format) {
  Table table;
  table.columns = {{.key = "rule", .align = Align::left}, {.key = "stops", .align = Align::left}};
  for (const StopRuleEntry& rule : stop_rules()) table.add({rule.name, rule.summary});
  table.notes.emplace_back("thaw bench --show RULE tells its parameters and their defaults");
  print(render(table, format));
  return 0;
}

Result<int> show(const std::string& name) {
  const BackendLibrary library(backend_folders());
  if (const auto backend = library.find(name)) {
    fmt::print("{} ({})\n{}\n{}\n", backend->name, backend->place, backend->description,
               backend->definition.to_json());
    return 0;
  }
  THAW_TRY(const StopRuleEntry* rule, find_stop_rule(name));
  fmt::print("{}: {}\n", rule->name, rule->summary);
  if (!rule->reference.empty()) fmt::print("{}\n", rule->reference);
  for (const ParameterSpec& parameter : rule->parameters) {
    fmt::print("  {:<12} {} [default: {}]\n", parameter.name, parameter.meaning, parameter.fallback);
  }
  return 0;
}

/// The options of a recorded run, with what the new command line says laid over them.
Result<BenchOptions> options_of_run(const Path& run, const BenchOptions& typed) {
  THAW_TRY(const RunRecord record, read_run(run));
  auto options = bench_options_from_json(record.document.value("configuration", nlohmann::ordered_json()));
  if (!options) return tl::unexpected(std::move(options).error().in(run.string()));
  if (!typed.out.empty()) options->out = typed.out;
  if (typed.origins.contains("repeat")) options->repeat = typed.repeat;
  if (!typed.env.empty()) options->env.insert(options->env.end(), typed.env.begin(), typed.env.end());
  return options;
}

struct Start {
  std::string id;
  BenchOptions options;
  BenchLaunch launch;
};

Result<Start> decide_start(const BenchRequest& request, const Arguments& arguments) {
  Start start{make_launch_id(system_clock().wall()), request.options, {}};
  start.launch.version = version;
  start.launch.command_line = {"thaw", "bench"};
  start.launch.command_line.insert(start.launch.command_line.end(), arguments.begin(), arguments.end());
  if (!request.repro.empty()) {
    if (request.repro.ends_with(".md")) {
      start.options.repro_document = request.repro;
    } else {
      THAW_TRY(start.options, options_of_run(request.repro, request.options));
    }
  }
  if (!request.resume.empty()) {
    THAW_TRY(start.options, options_of_run(request.resume, request.options));
    THAW_TRY(const RunRecord record, read_run(request.resume));
    start.id = record.document.value("id", start.id);
    start.launch.resume = record.folder;
  }
  return start;
}

std::string progress_text(const BenchProgress& progress) {
  std::string text = "thaw: ";
  if (!progress.label.empty()) {
    text += fmt::format("{} ({} of {} done), ", progress.label, progress.cells_done, progress.cells);
  }
  text += fmt::format("{} repetitions", progress.repetitions);
  if (std::isfinite(progress.progress)) text += fmt::format(", {:.0f} %", progress.progress * 100);
  if (!progress.reason.empty()) text += fmt::format(" ({})", progress.reason);
  return text;
}

/// Several commands are compared directly, on the record that was just written.
Result<> print_comparison(const BenchResult& result, const BenchPlan& plan) {
  std::vector<Dataset> datasets;
  for (const CellResult& cell : result.cells) {
    if (cell.repetitions == cell.failed) return {};
    THAW_TRY(Dataset dataset, load_dataset(result.out, {.part = cell.launch_id, .label = cell.label}));
    datasets.push_back(std::move(dataset));
  }
  THAW_TRY(const Comparison comparison, compare(datasets, {.metrics = {plan.options.metric}}));
  print("\n" + render(comparison, TableFormat::text));
  return {};
}

Result<> print_result(const BenchResult& result, const BenchPlan& plan, const BenchRequest& request) {
  if (request.format == "json") {
    print(to_json(result).dump(2) + "\n");
    return {};
  }
  print(render(to_table(result), TableFormat::text));
  if (result.cells.size() > 1 && result.signal == 0) {
    if (const auto compared = print_comparison(result, plan); !compared)
      spdlog::warn("{}", compared.error().what);
  }
  fmt::print("record: {}\n", result.out.string());
  return {};
}

/// Runs one plan, or only prints what it says. Returns the exit code.
Result<int> measure(const BenchRequest& request, const BenchLaunch& launch, const BenchPlan& plan) {
  for (const std::string& note : plan.notes) spdlog::info("{}", note);
  if (request.is_print_config) {
    print(nlohmann::ordered_json::parse(plan.configuration).dump(2) + "\n");
    return 0;
  }
  if (request.is_explain) {
    THAW_TRY(const std::string text, explain(plan));
    print(text);
    return 0;
  }
  THAW_CHECK(start_process_guard());
  call_spawner();
  install_interrupt_handlers();
  ProgressLine line(system_clock(), !request.log.is_quiet);
  const BenchObserver observer{.on_progress =
                                   [&](const BenchProgress& progress) {
                                     if (line.is_due()) line.show(progress_text(progress));
                                   },
                               .on_warning =
                                   [&](const std::string& text) {
                                     line.clear();
                                     spdlog::warn("{}", text);
                                   }};
  THAW_TRY(const BenchResult result, run_bench(plan, launch, system_clock(), observer));
  line.clear();
  THAW_CHECK(print_result(result, plan, request));
  if (result.signal != 0) return 128 + result.signal;
  if (result.failed() > 0 && !plan.options.allow_failures) return static_cast<int>(ErrorKind::run_failed);
  return 0;
}

}  // namespace

Result<int> run_bench(const Arguments& arguments) {
  THAW_TRY(const BenchRequest request, parse_bench(arguments));
  if (request.is_done) return 0;
  apply(request.log);
  const TableFormat format = request.format == "json" ? TableFormat::json : TableFormat::text;
  if (request.list == "backends") return list_backends(format);
  if (request.list == "rules") return list_rules(format);
  if (!request.show.empty()) return show(request.show);
  THAW_TRY(const Start start, decide_start(request, arguments));
  THAW_TRY(const std::vector<BenchPlan> plans, plan_bench(start.options, start.id));
  for (const BenchPlan& plan : plans) {
    THAW_TRY(const int code, measure(request, start.launch, plan));
    if (code != 0) return code;
  }
  return 0;
}

}  // namespace thaw::cli
