#pragma once
// What a plan would hold at each instant if every invocation started on time: invocations, memory, processor.

#include <cstdint>
#include <functional>
#include <string_view>

#include "core/error.h"
#include "trace/plan.h"

namespace thaw {

enum class TimelineScale { millisecond, minute };

struct TimelineOptions {
  TimelineScale scale = TimelineScale::minute;
  /// Processor by the tiers of Google Cloud Functions, and run times stretched accordingly; else one core each.
  bool has_cpu_quota = true;
};

/// Receives CSV, whole lines.
using LineSink = std::function<Result<>(std::string_view lines)>;

/// Spends the plan's stream and writes its timeline.
///
/// By millisecond: `timestamp,funcCnt,memoryUsage,memory,cpu`, an invocation counting in every millisecond of
/// [start, start + duration]: how many, their drawn and reserved memory (MiB), their processor (millicores).
/// By minute: `minute,functionHash,avgRuntime,avgMemory,avgCpu,avgMemoryUsage` for each function running in it; means
/// over the minute of invocations running, reserved memory (MiB), processor (millicores), drawn memory (MiB).
/// Errors: those of the plan and the sink.
Result<> write_timeline(ArrivalPlan& plan, const TimelineOptions& options, const LineSink& sink);

}  // namespace thaw
