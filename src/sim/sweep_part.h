#pragma once
// A part of a sweep that is computed by another process, on another host or at another time: it writes its rows into a
// folder of its own in the record, and whoever keeps the record takes them in.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "sim/sweep.h"
#include "sim/sweep_record.h"

namespace thaw {

/// "3/10": the third of ten parts. Neighbouring points stay together, because they read the same trace.
struct SweepPart {
  std::uint64_t number = 1;  ///< From 1.
  std::uint64_t count = 1;

  /// The first point of the part; its last one comes before the first of the next part.
  [[nodiscard]] std::uint64_t first(std::uint64_t points) const { return points * (number - 1) / count; }
  [[nodiscard]] std::uint64_t end(std::uint64_t points) const { return points * number / count; }
  [[nodiscard]] Path folder(const Path& record) const;
};
/// Errors: bad_usage.
Result<SweepPart> parse_part(std::string_view text);

/// Computes what is missing of a part: neither in the record nor in the part's folder. An error is also left in the
/// folder, for whoever waits for the part. Errors: as run_points; environment (another process computes it).
Result<> run_part_of_sweep(const KnownSweep& sweep, const SweepPart& part, const SweepLimits& limits,
                           Clock& clock);

/// The error that a part has left, or nullopt.
std::optional<Error> error_of_part(const Path& record, const SweepPart& part);

}  // namespace thaw
