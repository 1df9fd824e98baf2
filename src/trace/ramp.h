#pragma once
// Counts per column that climb, sweep or burst: synthetic traces in the form of the Azure 2019 trace.

#include <cstdint>
#include <string_view>

#include "core/error.h"
#include "trace/trace.h"

namespace thaw {

enum class RampShape {
  ramp,   ///< Every function's rate climbs from `begin` to `target` in steps.
  sweep,  ///< In every cycle of 10 columns, each function is called once, functions in turn.
  burst,  ///< Every function is called once in the first column of every cycle of 3.
};

/// "ramp", "sweep" or "burst". Errors: bad_usage.
Result<RampShape> parse_ramp_shape(std::string_view name);

struct RampOptions {
  RampShape shape = RampShape::ramp;
  std::size_t functions = 1;
  double begin_per_s = 1, step_per_s = 1, target_per_s = 1;  ///< Of each function, target included.
  std::size_t slot_columns = 1;                              ///< Columns that each rate lasts.
  std::size_t columns = 1440;                                ///< Of the trace; a ramp is followed by zeros.
  double execution_ms = 1000;                                ///< All percentiles.
  double memory_mb = 120;                                    ///< All percentiles.
};

/// Errors: bad_usage for no functions, columns or steps, and a ramp longer than the columns.
Result<ArrivalCounts> make_ramp(const RampOptions& options);

}  // namespace thaw
