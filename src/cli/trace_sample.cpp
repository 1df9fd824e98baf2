#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/trace_options.h"
#include "core/text.h"
#include "core/units.h"
#include "record/table.h"
#include "trace/counts_files.h"
#include "trace/sample.h"

namespace thaw::cli {
namespace {

constexpr HelpText help = {
    .usage = "thaw trace sample [preprocess|preprocess2021|filter2021] --trace T -o FOLDER [options]",
    .purpose =
        "Takes samples of functions that resemble the whole trace; or first cuts and cleans a published "
        "trace.",
    .examples =
        "  thaw trace sample preprocess --trace azure2019 --start 0:09:00 --duration 150m -o clean\n"
        "  thaw trace sample --trace clean --original clean --min 10 --step 10 --max 100 -o out\n"
        "  thaw trace sample preprocess2021 --trace Azure2021.csv --start 0:01:00 --duration 60m -o counts\n"
        "  thaw trace sample filter2021 --trace Azure2021.csv --sample out/samples/50 --start 0:01:00 "
        "--duration 60m -o out\n",
    .see_also = "thaw trace schedule, docs/plans.md"};

struct SampleRequest {
  std::string action;
  std::string trace, original, sample, out, format = "table";
  std::string start = "0:00:00", duration = "24h";
  double zero_percent = 50;
  SampleOptions options;
  LogOptions log;
};

void add_options(CLI::App& app, SampleRequest& r) {
  app.add_option("-t,--trace", r.trace, "What to take from")->group("Input");
  app.add_option("--original", r.original, "What samples are to resemble [default: the trace]")
      ->group("Input");
  app.add_option("--sample", r.sample, "filter2021: the functions to keep")->group("Input");
  app.add_option("--start", r.start, "Begin of the window, days:hours:minutes [default: 0:00:00]")
      ->group("Window");
  app.add_option("--duration", r.duration, "Length of the window [default: 24h]")->group("Window");
  app.add_option("--zero-percent", r.zero_percent,
                 "preprocess2021: leave out functions with so many executions of 0 ms [default: 50]")
      ->group("Window");
  app.add_option("--min", r.options.least, "Smallest sample [default: 1000]")->group("Sampling");
  app.add_option("--step", r.options.step, "Between sizes [default: 1000]")->group("Sampling");
  app.add_option("--max", r.options.most, "Where the roll-down begins [default: 20000]")->group("Sampling");
  app.add_option("--trials", r.options.trials, "Candidates for each size [default: 16]")->group("Sampling");
  app.add_option("--resource-scale", r.options.resource_scale, "Divides count · ms · MB [default: 1000000]")
      ->group("Sampling");
  app.add_option("--seed", r.options.seed, "Seed of the candidates [default: 1]")->group("Sampling");
  app.add_option("-o,--out", r.out, "Folder for what is made")->group("Output");
  app.add_option("--format", r.format, "table, md, csv, json or ndjson [default: table]")->group("Output");
  add_log_options(app, r.log);
}

/// A window and the day it is in.
struct DayWindow {
  int day = 1;  ///< Number in the files' names: 1 for day 0.
  MinuteWindow window;
};

Result<DayWindow> window_of(const SampleRequest& r) {
  const auto parts = split(r.start, ':');
  std::vector<std::int64_t> numbers;
  for (const std::string_view part : parts)
    if (const auto number = parse_integer(part); number && *number >= 0 && *number < 10000)
      numbers.push_back(*number);
  if (parts.size() != 3 || numbers.size() != 3 || numbers[1] > 23 || numbers[2] > 59) {
    return fail_at(ErrorKind::bad_usage, fmt::format("\"{}\" is no day:hour:minute", r.start), "--start",
                   "for example 0:09:30");
  }
  auto duration = parse_duration(r.duration);
  if (!duration) return tl::unexpected(std::move(duration).error().in("--duration"));
  const double minutes = to_seconds(*duration) / 60;
  if (!(minutes >= 1) || minutes != static_cast<double>(static_cast<std::size_t>(minutes)))
    return fail_at(ErrorKind::bad_usage, "the window must last whole minutes", "--duration");
  return DayWindow{
      static_cast<int>(numbers[0]) + 1,
      {static_cast<std::size_t>(numbers[1] * 60 + numbers[2]), static_cast<std::size_t>(minutes)}};
}

void tell(const SampleRequest& r, std::size_t functions, const Path& where) {
  if (!r.log.is_quiet) fmt::print(stderr, "thaw: {} functions written to {}\n", functions, where.string());
}

Result<int> preprocess(const SampleRequest& r) {
  THAW_TRY(const DayWindow at, window_of(r));
  if (at.window.begin + at.window.minutes > 1440)
    return fail_at(ErrorKind::bad_usage, "the window goes beyond the end of its day", "--duration");
  // A folder with one set of tables need not number them.
  auto tables = read_azure2019_tables(r.trace, std::nullopt);
  if (!tables) tables = read_azure2019_tables(r.trace, at.day);
  if (!tables) return tl::unexpected(std::move(tables).error());
  THAW_CHECK(slice(*tables, at.window));
  const std::size_t first_label = tables->first_minute;
  THAW_TRY(const ArrivalCounts counts, clean_and_join(*std::move(tables)));
  THAW_CHECK(write_counts(counts, r.out, first_label));
  tell(r, counts.functions.size(), r.out);
  return 0;
}

/// The window of a trace that counts its time from its own start.
MinuteWindow absolute(const DayWindow& at) {
  return {at.window.begin + static_cast<std::size_t>(at.day - 1) * 1440, at.window.minutes};
}

Result<int> preprocess2021(const SampleRequest& r) {
  THAW_TRY(const DayWindow at, window_of(r));
  THAW_TRY(const std::vector<Azure2021Row> rows, read_azure2021_rows(r.trace));
  THAW_TRY(const ArrivalCounts counts, count_by_minute(rows, {absolute(at), r.zero_percent}));
  THAW_CHECK(write_counts(counts, r.out));
  tell(r, counts.functions.size(), r.out);
  return 0;
}

Result<int> filter2021(const SampleRequest& r) {
  if (r.sample.empty())
    return fail_at(ErrorKind::bad_usage, "filter2021 needs the sample whose functions stay", "--sample");
  THAW_TRY(const DayWindow at, window_of(r));
  THAW_TRY(const std::vector<Azure2021Row> rows, read_azure2021_rows(r.trace));
  THAW_TRY(const std::unique_ptr<TraceFile> sample,
           open_trace(r.sample, {.selection = FunctionSelection::every}));
  const auto kept = filter_rows(rows, absolute(at), sample->functions());
  std::error_code ignored;
  std::filesystem::create_directories(r.out, ignored);
  THAW_CHECK(write_azure2021_rows(kept, Path(r.out) / "SampledAzure2021.csv"));
  if (!r.log.is_quiet) fmt::print(stderr, "thaw: {} of {} rows kept\n", kept.size(), rows.size());
  return 0;
}

Result<ArrivalCounts> counts_of(const std::string& path) {
  THAW_TRY(const std::unique_ptr<TraceFile> file, open_trace(path, {.selection = FunctionSelection::every}));
  if (auto counts = file->counts()) return *std::move(counts);
  return fail_at(ErrorKind::bad_input,
                 fmt::format("samples are taken of counts per minute, this is \"{}\"", file->form()), path,
                 "thaw trace convert TRACE FOLDER --to azure2019");
}

Result<int> sample(const SampleRequest& r) {
  THAW_TRY(const TableFormat format, parse_table_format(r.format));
  THAW_TRY(const ArrivalCounts source, counts_of(r.trace));
  std::optional<ArrivalCounts> original;
  if (!r.original.empty() && r.original != r.trace) {
    THAW_TRY(original, counts_of(r.original));
  }
  THAW_TRY(const std::vector<FunctionSample> samples,
           sample_functions(source, original ? *original : source, r.options));
  Table table;
  for (const char* key : {"functions", "count_distance", "resource_distance", "score", "improvement"})
    table.columns.push_back({.key = key, .digits = 4});
  for (const FunctionSample& one : samples) {
    const Path folder = Path(r.out) / "samples" / std::to_string(one.functions.size());
    THAW_CHECK(write_counts(rows_of(source, one.functions), folder));
    table.add(
        {one.functions.size(), one.count_distance, one.resource_distance, one.score(), one.improvement});
  }
  const std::string text = render(table, format);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

}  // namespace

Result<int> run_trace_sample(const Arguments& arguments) {
  CLI::App app("", "trace sample");
  set_help(app, help);
  SampleRequest r;
  add_options(app, r);
  Arguments rest = arguments;
  if (!rest.empty() && rest.front().front() != '-') {
    r.action = rest.front();
    rest.erase(rest.begin());
  }
  THAW_TRY(const bool is_done, parse_operands(app, rest));
  if (is_done) return 0;
  apply(r.log);
  const std::vector<std::string> actions = {"preprocess", "preprocess2021", "filter2021"};
  if (!r.action.empty() && std::find(actions.begin(), actions.end(), r.action) == actions.end()) {
    return fail_at(ErrorKind::bad_usage, fmt::format("unknown action \"{}\"", r.action), "thaw trace sample",
                   suggest(r.action, actions));
  }
  if (r.trace.empty() || r.out.empty()) {
    return fail_at(ErrorKind::bad_usage, "thaw trace sample needs a trace and a folder to write to",
                   r.trace.empty() ? "--trace" : "--out", "thaw trace sample --trace T -o FOLDER");
  }
  if (r.action == "preprocess") return preprocess(r);
  if (r.action == "preprocess2021") return preprocess2021(r);
  if (r.action == "filter2021") return filter2021(r);
  return sample(r);
}

}  // namespace thaw::cli
