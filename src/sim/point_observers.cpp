#include "sim/point_observers.h"

#include <algorithm>
#include <utility>

namespace thaw {
namespace {

/// The predecessor names the runs of an experiment a, b, c…; ours differ in trace and seed.
std::string run_name(const SweepAxes& axes, const SweepPoint& point) {
  const auto place = [](const auto& values, const auto& value) {
    return static_cast<std::size_t>(std::find(values.begin(), values.end(), value) - values.begin());
  };
  const std::size_t run =
      place(axes.traces, point.trace) * axes.seeds.size() + place(axes.seeds, point.point.seed);
  return run < 26 ? std::string(1, static_cast<char>('a' + run)) : fmt::format("{}", run);
}

}  // namespace

Result<std::unique_ptr<PointObservers>> PointObservers::create(const SweepConfiguration& configuration,
                                                               const SweepPoint& point,
                                                               std::span<const TraceFunction> functions) {
  if (configuration.logs.empty() && configuration.events.empty() && !configuration.has_timelines)
    return nullptr;
  auto observers = std::make_unique<PointObservers>();
  observers->functions_ = functions;
  if (!configuration.events.empty()) {
    THAW_TRY(ContainerLog log,
             ContainerLog::create(
                 configuration.events,
                 {.source = "sim", .policy = point.point.policy, .memory_mb = point.point.memory_mb}));
    observers->events_.emplace(std::move(log));
  }
  if (configuration.has_timelines) observers->timeline_.emplace();
  if (configuration.logs.empty()) return observers;
  std::error_code error;
  std::filesystem::create_directories(configuration.logs, error);
  if (error) {
    return fail_at(ErrorKind::environment, fmt::format("cannot create the folder: {}", error.message()),
                   configuration.logs.string(), "name another one with --logs");
  }
  THAW_TRY(PredecessorLogs logs, PredecessorLogs::create(configuration.logs, point.point, functions,
                                                         run_name(configuration.axes, point)));
  observers->logs_.emplace(std::move(logs));
  return observers;
}

void PointObservers::on_invocation(double time_ms, FunctionIndex function, Served served) {
  if (logs_) logs_->on_invocation(time_ms, function, served);
  if (timeline_) timeline_->on_invocation(time_ms, function, served);
}

void PointObservers::on_memory(double time_ms, std::string_view reason, double used_mb, double size_mb,
                               std::span<const EvictedContainer> victims) {
  if (logs_) logs_->on_memory(time_ms, reason, used_mb, size_mb, victims);
  if (timeline_) timeline_->on_memory(time_ms, reason, used_mb, size_mb, victims);
}

void PointObservers::on_served(double time_ms, double used_mb, double running_mb) {
  if (logs_) logs_->on_served(time_ms, used_mb, running_mb);
  if (timeline_) timeline_->on_served(time_ms, used_mb, running_mb);
}

void PointObservers::on_container(FunctionIndex function, const ContainerEvent& event) {
  if (!events_) return;
  ContainerEvent named = event;
  named.function = functions_[function].name;
  events_->add(named);
}

Result<std::string> PointObservers::finish(std::uint64_t index, const SimulationPoint& point) {
  if (events_) THAW_CHECK(events_->flush());
  if (logs_) THAW_CHECK(logs_->close());
  return timeline_ ? timeline_->finish(index, point) : std::string();
}

}  // namespace thaw
