#pragma once
// The words of `thaw sim run` and `thaw sim sweep`: which experiment, by which engine, shown how.

#include <string>
#include <vector>

#include "cli/cli.h"
#include "sim/engine.h"

namespace thaw::cli {

struct SimRequest {
  std::vector<std::string> traces;
  std::vector<std::string> policies;
  std::string memory, functions, seeds = "1", model = "clean";
  std::string from, to;
  int day = 0;
  std::uint32_t servers = 1, cores = 0;
  std::string route, queue;
  std::string longest_wait;
  std::string functions_file;  ///< Of --per-function; empty: only in the record.
  bool waits_for_memory = false;
  bool is_repaired = false, is_per_function = false, has_timelines = false, is_reproducible = false;
  std::string engine;
  EngineSettings settings;
  std::string slurm_options;
  bool is_left_running = false, lists_engines = false, is_dry_run = false;
  bool has_page = false, has_bounds = false;
  std::string logs, events;
  std::string out, resume, experiment = "misc", directory = "runs", format;
  LogOptions log;
};

void add_sim_options(CLI::App& app, SimRequest& request);

/// What the options say together, after parsing: the rest of the settings. Errors: bad_usage.
Result<> complete(const CLI::App& app, SimRequest& request);

/// The experiment that the options describe. Nothing is read yet, but every policy is known to exist.
/// Errors: bad_usage.
Result<SweepConfiguration> configuration_of(const SimRequest& request);

}  // namespace thaw::cli
