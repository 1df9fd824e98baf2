#include "report/compare.h"

#include <cstdio>

#include "cli/cli.h"
#include "core/text.h"
#include "report/compare_text.h"

namespace thaw::cli {
namespace {

constexpr HelpText help = {
    .usage = "thaw compare BASELINE CANDIDATE [CANDIDATE…] [options]",
    .purpose =
        "Compares records: estimates with intervals, tests, effect sizes and a verdict.\n"
        "A record is a run folder, hyperfine's or Google Benchmark's JSON, SHARP's CSV with its\n"
        "Markdown, or any CSV with a header. FILE#PART selects a launch, command or benchmark.",
    .examples =
        "  thaw compare runs/misc/old runs/misc/new\n"
        "  thaw compare old.csv new.csv --metric inner_time --format md\n"
        "  thaw compare base new --fail-if 'p99 > +5%'     # exit 6 when it does not hold\n"
        "  thaw compare hyperfine.json#1 hyperfine.json#2 --format json\n",
    .see_also = "thaw bench, thaw stats, docs/methodology.md"};

struct CompareRequest {
  std::vector<std::string> operands;
  std::vector<std::string> metrics;
  std::vector<std::string> gates;
  std::string format = "table";
  CompareOptions options;
  CompareTextOptions text;
  LogOptions log;
};

void add_options(CLI::App& app, CompareRequest& request) {
  const std::string what = "What to compare";
  app.add_option("RECORDS", request.operands, "The baseline, then the candidates")->group("");
  app.add_option("-m,--metric,--metrics", request.metrics,
                 "Metrics, comma-separated [default: all in common]")
      ->type_name("NAME,…")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->group(what);
  app.add_flag("--paired", request.options.paired, "Pair the values row by row")->group(what);
  app.add_option("--alpha", request.options.alpha, "Level of the tests [default: 0.05]")->group(what);
  const std::string gate = "Gate";
  app.add_option("--fail-if", request.gates, "'p99 > +5%', 'inner_time.median > 250ms'; repeatable")
      ->type_name("CONDITION")
      ->allow_extra_args(false)
      ->group(gate);
  app.add_option("--format", request.format, "table, md, csv, json or ndjson [default: table]")
      ->group("Output");
  app.add_flag("--show-all", request.text.show_all, "Everything about every metric")->group("Output");
  add_log_options(app, request.log);
}

}  // namespace

Result<int> run_compare(const Arguments& arguments) {
  CLI::App app("", "compare");
  set_help(app, help);
  CompareRequest request;
  add_options(app, request);
  THAW_TRY(const bool is_done, parse_operands(app, arguments));
  if (is_done) return 0;
  apply(request.log);
  THAW_TRY(const TableFormat format, parse_table_format(request.format));
  request.options.metrics = request.metrics;
  for (const std::string& text : request.gates) {
    THAW_TRY(const std::vector<Gate> gates, parse_gates(text));
    request.options.gates.insert(request.options.gates.end(), gates.begin(), gates.end());
  }
  std::vector<Dataset> datasets;
  for (const std::string& operand : request.operands) {
    THAW_TRY(std::vector<Dataset> loaded, load_operand(operand));
    std::move(loaded.begin(), loaded.end(), std::back_inserter(datasets));
  }
  make_labels_distinct(datasets);
  THAW_TRY(const Comparison comparison, compare(datasets, request.options));
  const std::string text = render(comparison, format, request.text);
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (!comparison.gates_hold()) return tl::unexpected(gate_failure(comparison));
  return 0;
}

}  // namespace thaw::cli
