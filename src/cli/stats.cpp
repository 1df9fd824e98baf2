#include <unistd.h>

#include <array>
#include <cstdio>

#include "bench/replay.h"
#include "cli/cli.h"
#include "core/random.h"
#include "core/text.h"
#include "record/dataset.h"
#include "record/table.h"
#include "report/compare.h"
#include "report/stats_text.h"

namespace thaw::cli {
namespace {

constexpr HelpText help = {
    .usage = "thaw stats summary|stop|compare|classify|changepoints [options] FILE|-",
    .purpose = "The statistics of thaw bench and thaw compare on plain numbers, one per line.",
    .examples =
        "  thaw stats summary times.txt\n"
        "  seq 100 | thaw stats stop --repeat ks -       # where would the rule stop\n"
        "  thaw stats compare old.txt new.txt\n"
        "  thaw stats changepoints times.txt --format json\n",
    .see_also = "thaw bench --list-rules, thaw compare, docs/methodology.md"};

struct StatsRequest {
  std::string action;
  std::vector<std::string> files;
  std::string repeat = "ci";
  std::string metric;
  std::string format_name;
  TableFormat format = TableFormat::text;
  std::uint64_t seed = default_seed;
  LogOptions log;
};

/// The dataset of the n-th file; "-" and no file at all are standard input.
Result<Dataset> dataset_of(const StatsRequest& request, std::size_t index) {
  THAW_TRY(std::vector<Dataset> datasets,
           load_operand(request.files.size() > index ? request.files[index] : "-"));
  return std::move(datasets.front());
}

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

Result<int> summary(const StatsRequest& request) {
  THAW_TRY(const Dataset dataset, dataset_of(request, 0));
  THAW_TRY(const NamedSample sample, sample_of(dataset, request.metric));
  print(render_summary(sample, request.format));
  return 0;
}

Result<int> classify_values(const StatsRequest& request) {
  THAW_TRY(const Dataset dataset, dataset_of(request, 0));
  THAW_TRY(const NamedSample sample, sample_of(dataset, request.metric));
  print(render_classification(sample, request.format));
  return 0;
}

Result<int> find_changes(const StatsRequest& request) {
  THAW_TRY(const Dataset dataset, dataset_of(request, 0));
  THAW_TRY(const NamedSample sample, sample_of(dataset, request.metric));
  print(render_change_points(sample, request.format));
  return 0;
}

Result<int> compare_values(const StatsRequest& request) {
  if (request.files.size() != 2) {
    return fail_at(ErrorKind::bad_usage,
                   fmt::format("thaw stats compare takes two files, got {}", request.files.size()),
                   "thaw stats compare", "one of them may be - for standard input");
  }
  THAW_TRY(Dataset baseline, dataset_of(request, 0));
  THAW_TRY(Dataset candidate, dataset_of(request, 1));
  std::vector<Dataset> both = {std::move(baseline), std::move(candidate)};
  make_labels_distinct(both);
  CompareOptions options;
  if (!request.metric.empty()) options.metrics = {request.metric};
  THAW_TRY(const Comparison comparison, compare(both, options));
  print(render_stats_comparison(comparison, request.format));
  return 0;
}

Result<int> stop(const StatsRequest& request) {
  THAW_TRY(const Dataset dataset, dataset_of(request, 0));
  THAW_TRY(const NamedSample sample, sample_of(dataset, request.metric));
  THAW_TRY(const Replay result, replay(request.repeat, sample.values, request.seed));
  print(to_json(result).dump(2) + "\n");
  return 0;
}

/// What `thaw stats ACTION` does.
struct StatsAction {
  std::string_view name;
  Result<int> (*run)(const StatsRequest& request);
};

constexpr std::array actions = {
    StatsAction{"summary", summary}, StatsAction{"stop", stop}, StatsAction{"compare", compare_values},
    StatsAction{"classify", classify_values}, StatsAction{"changepoints", find_changes}};

}  // namespace

Result<int> run_stats(const Arguments& arguments) {
  CLI::App app("", "stats");
  set_help(app, help);
  StatsRequest request;
  app.add_option("ACTION", request.action, "summary, stop, compare, classify or changepoints")->group("");
  app.add_option("FILES", request.files, "Files of numbers; - is standard input")->group("");
  app.add_option("-r,--repeat", request.repeat, "The stopping rule for stop [default: ci]")->group("Which");
  app.add_option("--seed", request.seed, "Seed of rules that draw random numbers [default: 1]")
      ->group("Which");
  app.add_option("-m,--metric", request.metric, "Column of a file with several [default: the first]")
      ->group("Which");
  app.add_option("--format", request.format_name,
                 "table, md, csv, json or ndjson [default: json into a pipe]")
      ->group("Output");
  add_log_options(app, request.log);
  THAW_TRY(const bool is_done, parse_operands(app, arguments));
  if (is_done) return 0;
  apply(request.log);
  // A program reads JSON, a person a table.
  if (request.format_name.empty()) request.format_name = ::isatty(STDOUT_FILENO) == 1 ? "table" : "json";
  THAW_TRY(request.format, parse_table_format(request.format_name));
  std::vector<std::string> names;
  for (const StatsAction& action : actions) {
    if (action.name == request.action) return action.run(request);
    names.emplace_back(action.name);
  }
  return fail_at(ErrorKind::bad_usage,
                 request.action.empty() ? "thaw stats needs an action"
                                        : fmt::format("unknown action \"{}\"", request.action),
                 "thaw stats", suggest(request.action, names));
}

}  // namespace thaw::cli
