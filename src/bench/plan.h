#pragma once
// From what the user asked to what will run: files read, backends found and chained, commands found, sweeps
// expanded. Planning runs nothing and writes nothing, so every mistake in the request shows before the first run.

#include <string>
#include <utility>
#include <vector>

#include "bench/chain.h"
#include "bench/options.h"

namespace thaw {

/// One thing that is measured: a command with one combination of the sweep's values.
struct BenchCell {
  std::string launch_id;
  std::string label;                                         ///< Empty when the plan has only one cell.
  std::vector<std::pair<std::string, std::string>> factors;  ///< The sweep's values.
  Target target;
  Chain chain;
  StartMode start = StartMode::normal;
  int copies = 1;
  std::optional<Nanos> timeout;
  std::string repeat;
  std::vector<MetricSpec> metrics;  ///< Of the backends and of the experiment's files, each name once.
};

struct BenchPlan {
  std::string launch;    ///< The launch id that the cells' ids were made from.
  BenchOptions options;  ///< With everything from the files applied.
  std::vector<BenchCell> cells;
  std::string configuration;          ///< Everything as one experiment file (JSON) for -f; secrets left out.
  std::vector<std::string> warnings;  ///< For the record: the measurement will not be what was asked for.
  std::vector<std::string> notes;     ///< Defaults taken and values overridden, one sentence each.
};

/// Reads the files, applies them under the flags, and plans the cells: one plan, or one for each task of a workflow.
/// `launch` makes the cells' launch ids: the same text gives the same ids.
/// Errors: bad_usage (unknown backend, key, rule, metric; illegal chain; no command), environment (a file or program
/// that is not there).
Result<std::vector<BenchPlan>> plan_bench(const BenchOptions& options, std::string_view launch);

/// What would run, for people: layers, argument vectors, shell lines, errands. Runs nothing.
Result<std::string> explain(const BenchPlan& plan);

}  // namespace thaw
