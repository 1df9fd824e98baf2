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
};

struct BenchPlan {
  BenchOptions options;  ///< With everything from the files applied.
  std::vector<BenchCell> cells;
  std::vector<MetricSpec>
      metrics;  ///< Of all cells, each name once; those called "auto" find their names in the output.
  std::vector<std::string>
      notes;  ///< Defaults that were taken and values that were overridden, one sentence each.
  bool has_auto_metrics = false;
};

/// Reads the files, applies them under the flags, and plans the cells. `launch` makes the cells' launch ids: the same
/// text gives the same ids.
/// Errors: bad_usage (unknown backend, key, rule, metric; illegal chain; no command), environment (a file or program
/// that is not there).
Result<BenchPlan> plan_bench(BenchOptions options, std::string_view launch);

/// What would run, for people: layers, argument vectors, shell lines, errands. Runs nothing.
Result<std::string> explain(const BenchPlan& plan);

}  // namespace thaw
