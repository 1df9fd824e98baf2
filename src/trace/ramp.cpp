#include "trace/ramp.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/text.h"
#include "trace/draws.h"

namespace thaw {
namespace {

constexpr std::size_t sweep_cycle = 10;
constexpr std::size_t burst_cycle = 3;

/// The rates of a ramp, target included where the steps reach it.
std::vector<double> rates_of(const RampOptions& options) {
  std::vector<double> rates;
  const double steps = (options.target_per_s - options.begin_per_s) / options.step_per_s;
  for (double i = 0; i <= steps + 1e-9; ++i) rates.push_back(options.begin_per_s + i * options.step_per_s);
  return rates;
}

std::vector<std::uint32_t> ramp_row(const RampOptions& options) {
  std::vector<std::uint32_t> row(options.columns, 0);
  std::size_t column = 0;
  for (const double rate : rates_of(options))
    for (std::size_t i = 0; i < options.slot_columns; ++i)
      row[column++] = static_cast<std::uint32_t>(std::round(60 * rate));
  return row;
}

std::vector<std::uint32_t> cycle_row(const RampOptions& options, std::size_t cycle, std::size_t called) {
  std::vector<std::uint32_t> row(options.columns, 0);
  for (std::size_t column = called; column < row.size(); column += cycle) row[column] = 1;
  return row;
}

std::vector<std::uint32_t> row_of(const RampOptions& options, std::size_t function) {
  switch (options.shape) {
    case RampShape::ramp:
      return ramp_row(options);
    case RampShape::sweep:
      return cycle_row(options, sweep_cycle, function * sweep_cycle / options.functions);
    case RampShape::burst:
      return cycle_row(options, burst_cycle, 0);
  }
  return {};
}

TraceFunction described(std::size_t index, const RampOptions& options) {
  const double t = options.execution_ms;
  const double m = options.memory_mb;
  TraceFunction function;
  const auto hash = [&](std::string_view part) {
    return fmt::format("{:016x}", stream_index(fmt::format("{}-{}", part, index)));
  };
  function.name = hash("function");
  function.owner = hash("owner");
  function.app = hash("app");
  function.memory_mb = m;
  function.warm_ms = function.cold_ms = t;
  function.duration = DurationStatistics{t, 1, t, t, t, t, t, t, t, t, t};
  function.memory = MemoryStatistics{1, m, m, m, m, m, m, m, m, m};
  return function;
}

Result<> check(const RampOptions& options) {
  if (options.functions == 0 || options.columns == 0)
    return fail_at(ErrorKind::bad_usage, "a trace needs functions and columns", "--functions");
  if (!(options.execution_ms > 0 && options.memory_mb > 0)) {
    return fail_at(ErrorKind::bad_usage, "execution time and memory must be above 0", "--execution");
  }
  if (options.shape != RampShape::ramp) return {};
  const double b = options.begin_per_s;
  const double s = options.step_per_s;
  const double t = options.target_per_s;
  if (!(b >= 0 && s > 0 && t >= b && t <= 1e7)) {
    return fail_at(
        ErrorKind::bad_usage,
        fmt::format("a ramp needs 0 <= begin <= target and a step above 0, got {} → {} by {}", b, t, s),
        "--begin-rps");
  }
  const double columns = (std::floor((t - b) / s + 1e-9) + 1) * static_cast<double>(options.slot_columns);
  if (options.slot_columns > 0 && columns <= static_cast<double>(options.columns)) return {};
  return fail_at(ErrorKind::bad_usage,
                 fmt::format("the ramp takes {} columns, the trace has {}", columns, options.columns),
                 "--slot", "take larger steps or shorter slots");
}

}  // namespace

Result<RampShape> parse_ramp_shape(std::string_view name) {
  if (name == "ramp") return RampShape::ramp;
  if (name == "sweep") return RampShape::sweep;
  if (name == "burst") return RampShape::burst;
  const std::vector<std::string> names = {"ramp", "sweep", "burst"};
  return fail_at(ErrorKind::bad_usage, fmt::format("unknown shape \"{}\"", name), "--shape",
                 suggest(name, names));
}

Result<ArrivalCounts> make_ramp(const RampOptions& options) {
  THAW_CHECK(check(options));
  ArrivalCounts trace;
  for (std::size_t i = 0; i < options.functions; ++i) {
    trace.functions.push_back(described(i, options));
    trace.counts.push_back(row_of(options, i));
  }
  return trace;
}

}  // namespace thaw
