#pragma once
// What is written about a point while it is simulated, as its experiment asks: events, logs of the predecessor, a timeline.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "record/container_event.h"
#include "sim/predecessor_logs.h"
#include "sim/sweep.h"
#include "sim/timeline_record.h"

namespace thaw {

class PointObservers final : public SimulationObserver {
 public:
  /// Null when the experiment asks for nothing: such points pay nothing. `functions` outlive it. Errors: environment.
  static Result<std::unique_ptr<PointObservers>> create(const SweepConfiguration& configuration,
                                                        const SweepPoint& point,
                                                        std::span<const TraceFunction> functions);

  void on_invocation(double time_ms, FunctionIndex function, Served served) override;
  void on_memory(double time_ms, std::string_view reason, double used_mb, double size_mb,
                 std::span<const EvictedContainer> victims) override;
  void on_served(double time_ms, double used_mb, double running_mb) override;
  void on_container(FunctionIndex function, const ContainerEvent& event) override;

  /// Closes the logs and gives the rows of memory.csv, "" without a timeline. Call once, at the end.
  /// Errors: environment.
  Result<std::string> finish(std::uint64_t index, const SimulationPoint& point);

 private:
  std::span<const TraceFunction> functions_;
  std::optional<ContainerLog> events_;
  std::optional<PredecessorLogs> logs_;
  std::optional<TimelineRecord> timeline_;
};

}  // namespace thaw
