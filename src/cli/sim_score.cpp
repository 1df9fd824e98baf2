#include <cstdio>
#include <iterator>

#include "cli/cli.h"
#include "cli/sizing_options.h"
#include "core/files.h"
#include "sim/outcome_lines.h"
#include "sim/points.h"
#include "sim/sizing_text.h"
#include "sim/sweep_record.h"

namespace thaw::cli {
namespace {

constexpr HelpText help = {
    .usage = "thaw sim score [options] RECORD|FILE…",
    .purpose = "How much better than a baseline the policies of a sweep hit, averaged over memory sizes.",
    .examples =
        "  thaw sim score runs/sim-20b                       # a record, against lru, from 10000 MB\n"
        "  thaw sim sweep … --format ndjson > sweep.ndjson\n"
        "  thaw sim score sweep.ndjson --baseline ttl --from 4GB --format csv\n",
    .see_also = "thaw sim sweep, docs/curves.md"};

/// A file of results, or a record. Errors: environment, bad_input.
Result<std::string> results_of(const Path& place) {
  if (!std::filesystem::is_directory(place)) return read_file(place);
  THAW_CHECK(read_sweep(place));
  THAW_TRY(const Table table, sweep_table(place, false));
  return render(table, TableFormat::ndjson);
}

}  // namespace

Result<int> run_sim_score(const Arguments& arguments) {
  CLI::App app("", "sim score");
  set_help(app, help);
  std::vector<std::string> files;
  std::string from = "10000MB", to = "inf", format_name;
  ScoreOptions options;
  app.add_option("FILES", files, "Records of thaw sim, or its results as ndjson or JSON")->group("");
  app.add_option("--baseline", options.baseline, "The policy to compare with [default: lru]")->group("Which");
  app.add_option("--from", from, "Memory sizes from this one [default: 10000MB]")->group("Which");
  app.add_option("--to", to, "Memory sizes up to this one [default: inf]")->group("Which");
  app.add_option("--format", format_name,
                 "table, md, csv, json or ndjson [default: table on a terminal, else json]")
      ->group("Output");
  THAW_TRY(const bool is_done, parse_operands(app, arguments));
  if (is_done) return 0;
  THAW_TRY(const TableFormat format, sizing_format(format_name));
  if (files.empty())
    return fail_at(ErrorKind::bad_usage, "there are no results", "thaw sim score",
                   "give a record of thaw sim sweep, or what its --format ndjson wrote");
  THAW_TRY(const std::vector<double> from_mb, parse_memory_sizes(from));
  options.from_mb = from_mb.front();
  THAW_TRY(const std::vector<double> to_mb, parse_memory_sizes(to));
  options.to_mb = to_mb.front();
  std::vector<SimulationOutcome> outcomes;
  for (const std::string& file : files) {
    THAW_TRY(const std::string text, results_of(file));
    auto read = read_outcomes(text);
    if (!read) return tl::unexpected(std::move(read).error().in(file));
    outcomes.insert(outcomes.end(), std::make_move_iterator(read->begin()),
                    std::make_move_iterator(read->end()));
  }
  THAW_TRY(const std::vector<PolicyScore> scores, score(outcomes, options));
  std::fputs(render_scores(scores, options, format).c_str(), stdout);
  return 0;
}

}  // namespace thaw::cli
