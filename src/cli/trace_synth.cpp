#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <numeric>

#include "cli/trace_options.h"
#include "core/text.h"
#include "core/units.h"
#include "trace/counts_files.h"
#include "trace/ramp.h"
#include "trace/synthetic_name.h"
#include "trace/toy_traces.h"
#include "trace/writer.h"

namespace thaw::cli {
namespace {

constexpr HelpText help = {
    .usage = "thaw trace synth --like LAW|--toy NAME|--shape SHAPE -o FOLDER [options]",
    .purpose =
        "Makes a trace: after published laws, for one purpose, or with a rate that climbs, sweeps or bursts.",
    .examples =
        "  thaw trace synth --like azure2019 --functions 1000 --invocations 1000000 -o azure-like\n"
        "  thaw trace synth --like mixed --functions 200 --invocations 200000 --seed 42 -o mixed\n"
        "  thaw trace synth --toy long-ttl -o toy\n"
        "  thaw sim run --trace synth:azure2019:functions=1000 -p gd -m 32GB   # the same, never written\n"
        "  thaw trace synth --shape ramp --functions 2 --begin-rps 10 --step-rps 5 --target-rps 20 --slot 3m "
        "-o ramp\n",
    .see_also = "thaw trace schedule, thaw sim, docs/plans.md"};

struct SynthRequest {
  std::string like, toy, shape;
  std::size_t functions = 0;
  std::uint64_t invocations = 0;
  std::string duration = "24h";
  bool has_bursts = false;
  double periodic = 0.2, bursty = 0.4;
  std::string slot = "1m", execution = "1s", memory = "120MB";
  RampOptions ramp;
  std::uint64_t seed = default_seed;
  std::string out, form = "pair", format = "table";
  bool is_gzip = false;
  LogOptions log;
};

void add_options(CLI::App& app, SynthRequest& r) {
  const auto what = "What", laws = "With --like", ramps = "With --shape", out = "Output";
  app.add_option("--like", r.like, "azure2019, or mixed (the generator of the acceptance cases)")
      ->group(what);
  app.add_option("--toy", r.toy, "lambda, planned, low-well, prewarmable or long-ttl")->group(what);
  app.add_option("--shape", r.shape, "ramp, sweep or burst")->group(what);
  app.add_option("--functions", r.functions, "Functions [default: 1000; mixed: 200; shapes: 1]")->group(what);
  app.add_option("--invocations", r.invocations,
                 "Invocations [default: 1000 for each function; a toy's own number]")
      ->group(what);
  app.add_option("--seed", r.seed, "Seed of everything random [default: 1]")->group(what);
  app.add_option("--duration", r.duration, "Length of the trace [default: 24h]")->group(what);
  app.add_option("--periodic", r.periodic, "azure2019: share of timers [default: 0.2]")->group(laws);
  app.add_option("--bursty", r.bursty, "azure2019: share of bursty functions [default: 0.4]")->group(laws);
  app.add_flag("--bursts", r.has_bursts, "mixed: every fourth function is called in groups")->group(laws);
  app.add_option("--begin-rps", r.ramp.begin_per_s, "First rate of each function [default: 1]")->group(ramps);
  app.add_option("--step-rps", r.ramp.step_per_s, "Step [default: 1]")->group(ramps);
  app.add_option("--target-rps", r.ramp.target_per_s, "Last rate [default: 1]")->group(ramps);
  app.add_option("--slot", r.slot, "How long each rate lasts [default: 1m]")->group(ramps);
  app.add_option("--execution", r.execution, "Execution time [default: 1s]")->group(ramps);
  app.add_option("--memory", r.memory, "Memory [default: 120MB]")->group(ramps);
  app.add_option("-o,--out", r.out, "Folder for the trace")->group(out);
  app.add_option("--to", r.form, "Form of --like and --toy, see thaw trace convert [default: pair]")
      ->group(out);
  app.add_flag("--gzip", r.is_gzip, "Compress the invocations")->group(out);
  app.add_option("--format", r.format, "table or json [default: table]")->group(out);
  add_log_options(app, r.log);
}

Result<double> milliseconds(const std::string& text, const char* option) {
  auto duration = parse_duration(text);
  if (!duration) return tl::unexpected(std::move(duration).error().in(option));
  return to_seconds(*duration) * 1000;
}

struct Made {
  std::size_t functions = 0;
  std::uint64_t invocations = 0;
};

/// The name of the trace that --like or --toy asks for.
std::string synthetic_name(const CLI::App& app, const SynthRequest& r) {
  std::string name = fmt::format("synth:{}:seed={}", r.like.empty() ? r.toy : r.like, r.seed);
  const auto add = [&](const char* parameter, const std::string& value) {
    if (app.get_option(fmt::format("--{}", parameter))->count() > 0)
      name += fmt::format(":{}={}", parameter, value);
  };
  add("functions", std::to_string(r.functions));
  add("invocations", std::to_string(r.invocations));
  add("duration", r.duration);
  add("periodic", format_number(r.periodic));
  add("bursty", format_number(r.bursty));
  add("bursts", "1");
  return name;
}

/// What --like and --toy may name.
Result<> check_law(const SynthRequest& r) {
  if (!r.toy.empty()) {
    THAW_CHECK(find_toy_trace(r.toy));
    return {};
  }
  const std::vector<std::string> names = {"azure2019", "mixed"};
  if (std::ranges::find(names, to_lower(r.like)) != names.end()) return {};
  return fail_at(ErrorKind::bad_usage, fmt::format("unknown law \"{}\"", r.like), "--like",
                 suggest(r.like, names));
}

Result<Made> make_law(const CLI::App& app, const SynthRequest& r) {
  THAW_CHECK(check_law(r));
  THAW_TRY(const std::unique_ptr<TraceFile> file, open_synthetic(synthetic_name(app, r)));
  THAW_TRY(const std::uint64_t count, write_trace(*file, r.out, {.form = r.form, .is_gzip = r.is_gzip}));
  return Made{file->functions().size(), count};
}

Result<std::size_t> minutes(const std::string& text, const char* option) {
  THAW_TRY(const double ms, milliseconds(text, option));
  const auto whole = static_cast<std::size_t>(ms / 60000);
  if (static_cast<double>(whole) * 60000 == ms && whole > 0) return whole;
  return fail_at(ErrorKind::bad_usage, fmt::format("\"{}\" is no whole number of minutes", text), option);
}

Result<Made> make_shape(const SynthRequest& r) {
  RampOptions options = r.ramp;
  THAW_TRY(options.shape, parse_ramp_shape(r.shape));
  if (r.functions > 0) options.functions = r.functions;
  THAW_TRY(options.columns, minutes(r.duration, "--duration"));
  THAW_TRY(options.slot_columns, minutes(r.slot, "--slot"));
  THAW_TRY(options.execution_ms, milliseconds(r.execution, "--execution"));
  auto memory = parse_bytes(r.memory);
  if (!memory) return tl::unexpected(std::move(memory).error().in("--memory"));
  options.memory_mb = static_cast<double>(memory->count()) / 1e6;
  THAW_TRY(const ArrivalCounts counts, make_ramp(options));
  THAW_CHECK(write_counts(counts, r.out));
  Made made{counts.functions.size(), 0};
  for (const auto& row : counts.counts)
    made.invocations += std::accumulate(row.begin(), row.end(), std::uint64_t{0});
  return made;
}

}  // namespace

Result<int> run_trace_synth(const Arguments& arguments) {
  CLI::App app("", "trace synth");
  set_help(app, help);
  SynthRequest r;
  add_options(app, r);
  THAW_TRY(const bool is_done, parse_operands(app, arguments));
  if (is_done) return 0;
  apply(r.log);
  constexpr std::string_view formats[] = {"table", "json"};
  THAW_CHECK(check_format(r.format, formats));
  const int kinds = (r.like.empty() ? 0 : 1) + (r.toy.empty() ? 0 : 1) + (r.shape.empty() ? 0 : 1);
  if (kinds != 1) {
    return fail_at(ErrorKind::bad_usage, "thaw trace synth takes one of --like, --toy and --shape",
                   "thaw trace synth", "thaw trace synth --like azure2019 -o FOLDER");
  }
  if (r.out.empty())
    return fail_at(ErrorKind::bad_usage, "thaw trace synth needs a folder to write to", "--out",
                   "or write nothing: --trace synth:azure2019:functions=1000 in place of a path");
  auto made = r.shape.empty() ? make_law(app, r) : make_shape(r);
  if (!made) return tl::unexpected(std::move(made).error());
  if (r.format == "json") {
    const nlohmann::ordered_json summary = {{"schema", "thaw.synth/1"},
                                            {"functions", made->functions},
                                            {"invocations", made->invocations},
                                            {"seed", r.seed},
                                            {"out", r.out}};
    fmt::print("{}\n", summary.dump());
  } else {
    fmt::print("{} functions and {} invocations in {}\n", made->functions, made->invocations, r.out);
  }
  return 0;
}

}  // namespace thaw::cli
