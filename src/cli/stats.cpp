#include <cstdio>

#include "bench/replay.h"
#include "cli/cli.h"
#include "core/random.h"
#include "core/text.h"
#include "record/dataset.h"
#include "record/table.h"

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
  std::string format;
  std::uint64_t seed = default_seed;
  LogOptions log;
};

/// The first series of a file; "-" and no file are standard input.
Result<std::vector<double>> numbers_of(const StatsRequest& request, std::size_t index) {
  const std::string file = request.files.size() > index ? request.files[index] : "-";
  THAW_TRY(const std::vector<Dataset> datasets, load_operand(file));
  return datasets.front().series.front().values;
}

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

Result<int> stop(const StatsRequest& request) {
  THAW_TRY(const std::vector<double> values, numbers_of(request, 0));
  THAW_TRY(const Replay result, replay(request.repeat, values, request.seed));
  print(to_json(result).dump(2) + "\n");
  return 0;
}

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
  app.add_option("--format", request.format, "table, md, csv or json")->group("Output");
  add_log_options(app, request.log);
  THAW_TRY(const bool is_done, parse_operands(app, arguments));
  if (is_done) return 0;
  apply(request.log);
  if (request.action == "stop") return stop(request);
  const std::vector<std::string> actions = {"summary", "stop", "compare", "classify", "changepoints"};
  return fail_at(ErrorKind::bad_usage,
                 request.action.empty() ? "thaw stats needs an action"
                                        : fmt::format("unknown action \"{}\"", request.action),
                 "thaw stats", suggest(request.action, actions));
}

}  // namespace thaw::cli
