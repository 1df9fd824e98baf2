#pragma once
// The writers behind write_trace. Each writes into an existing folder and returns the number of invocations.

#include <cstdint>

#include "trace/reader.h"

namespace thaw::writers {

Result<std::uint64_t> write_pair(const TraceFile& trace, const Path& folder, bool is_gzip);
Result<std::uint64_t> write_iluvatar(const TraceFile& trace, const Path& folder, bool is_gzip);
Result<std::uint64_t> write_azure2019(const TraceFile& trace, const Path& folder, bool is_gzip);
Result<std::uint64_t> write_azure2021(const TraceFile& trace, const Path& folder, bool is_gzip);

}  // namespace thaw::writers
