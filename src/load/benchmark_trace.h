#pragma once
// A trace whose functions are played by benchmarks (vSwarm): a map beside it says which benchmark plays which function.
// A folder without a map of its own may hold folders, each with a trace and a map; together they are one trace.

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "trace/reader.h"

namespace thaw {

/// The map's name in a folder; `thaw trace map` writes its content.
inline constexpr std::string_view benchmark_map_name = "mapper_output.json";

struct BenchmarkTrace {
  std::unique_ptr<TraceFile> file;
  /// "<benchmark>-<place in the trace>" of each function, by its name in the file.
  std::unordered_map<std::string, std::string> names;

  /// Functions become what plays them.
  void rename(std::vector<TraceFunction>& functions) const;
};

/// Opens a trace and its map. `benchmarks` is the map, or a folder with one. Otherwise every folder in it that holds a map
/// plays the folder of the same name in `trace`; their functions stand behind each other, by the folders' names, and a
/// trace with fewer columns than the others is idle in the rest.
/// Errors: bad_input (no map, a function that nobody plays, folders of traces that hold no counts); those of open_trace.
Result<BenchmarkTrace> open_benchmark_trace(const Path& trace, const Path& benchmarks,
                                            const ReadOptions& reading);

}  // namespace thaw
