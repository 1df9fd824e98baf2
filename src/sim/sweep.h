#pragma once
// Many points over the same traces: read once where they fit into memory, streamed where they do not, and simulated by
// as many workers as wanted. Every point is independent, so the results are the same whatever the number of workers.

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/files.h"
#include "sim/cluster_options.h"
#include "sim/points.h"
#include "trace/reader.h"

namespace thaw {

/// What an experiment is: enough to do it again, or to do a part of it elsewhere.
struct SweepConfiguration {
  SweepAxes axes;
  ReadOptions read;
  bool per_function = false;
  std::optional<ClusterOptions> cluster;  ///< Without it one server with unlimited cores.
  bool has_timelines = false;             ///< memory.csv is written.
  Path logs;                              ///< Folder of the predecessor's logs; empty: none.
  Path events;                            ///< Event log of the only point; empty: none.
  Path folder;  ///< Where relative paths of traces start; empty: the current folder.
};
nlohmann::ordered_json to_json(const SweepConfiguration& configuration);
/// Reads back what to_json wrote. Errors: bad_input.
Result<SweepConfiguration> sweep_configuration_from(const nlohmann::ordered_json& json);

/// A finished point as it travels: lines of CSV, ready for the files of the record.
struct FinishedPoint {
  std::uint64_t index = 0;
  std::string row;            ///< samples.csv
  std::string function_rows;  ///< functions.csv; empty unless asked for.
  std::string timing;         ///< timings.csv
  std::string timeline;       ///< memory.csv; empty unless asked for.
  std::string server_rows;    ///< servers.csv; empty for the one server of the models.
};

/// Called for each finished point, never by two threads at once. An error ends the sweep.
using PointSink = std::function<Result<>(const FinishedPoint&)>;

struct SweepLimits {
  unsigned workers = 0;  ///< Threads; 0: as many as the engine thinks fit.
  /// Longer traces are streamed: one pass for all points of a worker, and memory that grows with the functions only.
  std::uint64_t most_in_memory = 50'000'000;
  /// So many points at most share a pass over a streamed trace; each keeps its state of all functions in memory.
  std::size_t most_per_pass = 32;
};

/// Told now and then how many invocations have been simulated, over all points.
using SweepProgress = std::function<void(std::uint64_t invocations)>;

/// Simulates the points with these numbers in this process. Stops early, without error, when interrupted.
/// Errors: of the traces and models, naming the trace; those of the sink.
Result<> run_points(const SweepConfiguration& configuration, std::span<const std::uint64_t> todo,
                    const SweepLimits& limits, Clock& clock, const PointSink& sink,
                    const SweepProgress& progress = {});

}  // namespace thaw
