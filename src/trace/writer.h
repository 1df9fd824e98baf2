#pragma once
// Writes traces. Every form streams; what a form cannot hold is said in docs/traces.md.

#include <cstdint>
#include <span>
#include <string_view>

#include "core/error.h"
#include "core/files.h"
#include "trace/reader.h"

namespace thaw {

/// A form that can be written.
struct WritableForm {
  std::string_view name, summary;
  /// Writes into the folder, which is there. Errors: of the source; environment.
  Result<std::uint64_t> (*write)(const TraceFile& trace, const Path& folder, bool is_gzip);
};

/// Every form, in help order: pair, iluvatar, azure2019, azure2021.
std::span<const WritableForm> writable_forms();

/// How a trace is written.
struct WriteOptions {
  std::string_view form = "pair";
  bool is_gzip = false;  ///< Compresses the invocations: "invocations.csv.gz".
};

/// Writes a trace into a folder, which is made; files of the same name are replaced once they are whole. Returns the
/// number of invocations. Errors: bad_usage for an unknown form; those of the source; environment.
Result<std::uint64_t> write_trace(const TraceFile& trace, const Path& folder,
                                  const WriteOptions& options = {});

/// A trace in memory, to be written or handled like one from a file.
std::unique_ptr<TraceFile> as_trace_file(Trace trace);

}  // namespace thaw
