#pragma once
// The options of `thaw load` as they are typed, and what is made of them.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/load_options.h"

namespace thaw::cli {

/// The options as text; empty where not given.
struct LoadWords {
  std::string trace, plan, stages, duration, warmup, law, granularity, cooldown, runtime, memory, think;
  std::string from, to, late, late_limit, spin, drain, connect_timeout, function_timeout, protocol, shard,
      start_at, benchmarks, dag_shapes, functions, async_answers, async_wait, config, repro, out, runs,
      rows_copy, format;
  std::optional<double> rps;
  double cold_percent = 0, speedup = 1;
  std::size_t connections = 0, most_connections = 1024, streams = 1;
  std::uint32_t width = 2, depth = 2;
  std::uint64_t seed = default_seed;
  std::vector<std::string> fail_if, abort_on;
  TargetOptions target;
  EmbeddedOptions embedded;
  ExportRequest exports;
  bool has_dag = false, has_join = false, no_record = false, repair = false, insecure = false;
  std::string trusted_certificates;
};

/// Declares all options; they are read into `words` and `command`, which outlive the parsing.
void add_load_options(CLI::App& app, LoadWords& words, LoadCommand& command);

/// What the words mean. Errors: bad_usage, bad_input.
Result<LoadRequest> resolve(const LoadWords& words);

}  // namespace thaw::cli
