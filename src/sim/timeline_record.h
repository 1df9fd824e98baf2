#pragma once
// Memory over time: averages of each simulated minute, as rows of memory.csv. The memory in use is averaged exactly
// where the model tells every change; the part that executes is known at each invocation that is served, and taken as
// changing evenly in between, as the analysis of the research simulator does.

#include <cstdint>
#include <string>
#include <vector>

#include "record/field_table.h"
#include "sim/observer.h"
#include "sim/outcome.h"

namespace thaw {

/// One minute of one point.
struct MinuteRow {
  std::uint64_t index = 0;  ///< Of the point.
  const SimulationPoint* point = nullptr;
  std::uint64_t minute = 0;
  double used_mb = 0;
  double running_mb = 0;
};
/// Columns of memory.csv.
FieldTable<MinuteRow> minute_fields();

/// Averages of a quantity over the minutes from 0 on.
class MinuteAverages {
 public:
  /// The quantity went evenly from its last value to `end_value`, or, as a step, kept it. Times in ms, rising.
  void ramp_to(double time_ms, double end_value);
  void step_to(double time_ms, double end_value);
  [[nodiscard]] double last_ms() const { return time_ms_; }
  /// Averages; that of the last minute is over its part that was seen.
  [[nodiscard]] std::vector<double> averages() const;

  /// Later minutes are not recorded: ten weeks.
  static constexpr std::size_t most_minutes = 100'800;

 private:
  void add(double begin_ms, double end_ms, double begin_value, double end_value);

  double time_ms_ = 0;
  double value_ = 0;
  std::vector<double> integrals_;  ///< By minute, value times ms.
};

class TimelineRecord final : public SimulationObserver {
 public:
  void on_invocation(double time_ms, FunctionIndex function, Served served) override;
  void on_memory(double time_ms, std::string_view reason, double used_mb, double size_mb,
                 std::span<const EvictedContainer> victims) override;
  void on_served(double time_ms, double used_mb, double running_mb) override;

  /// The rows of the point, up to its last invocation. Call once.
  std::string finish(std::uint64_t index, const SimulationPoint& point);

 private:
  MinuteAverages used_, running_;
  double used_mb_ = 0;
  double running_mb_ = 0;
  double last_ms_ = 0;
};

}  // namespace thaw
