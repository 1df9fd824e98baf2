#pragma once
// A whole load: a plan or a closed loop, sent to a target, recorded and judged.

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "core/clock.h"
#include "load/http1_worker.h"
#include "load/recorder.h"
#include "trace/plan.h"

namespace thaw {

/// A plan of arrivals, as the sender takes it: instants in ns, phases, wall time.
class PlannedInvocations final : public InvocationPlan {
 public:
  /// `speedup` divides all times. The plan outlives this.
  PlannedInvocations(ArrivalPlan& plan, double speedup, WallTime anchor);
  Result<const Invocation*> next() override;

 private:
  ArrivalPlan& plan_;
  double speedup_;
  std::int64_t anchor_epoch_us_;
  std::vector<PlannedInvocation> block_;
  std::size_t next_ = 0;
  Invocation invocation_;
};

/// What the run says of itself: "healthy", or which limit was hit and what to do.
struct LoadVerdict {
  std::string text = "healthy";
  [[nodiscard]] bool is_healthy() const { return text == "healthy"; }
};

struct LoadSummary {
  LoadTotals measured;
  LoadTotals warmup;
  SenderHealth health;
  double duration_s = 0;  ///< From the begin of the plan to its end or the last answer.
  double cpu_s = 0;       ///< Processor time of the sender's thread and the writer's.
  LoadVerdict verdict;
  std::string out;
};

/// "healthy" only if lateness p99 < max(1 ms, 1 % of the mean inter-arrival time), nothing was dropped and the sender used
/// less than 80 % of its processor.
LoadVerdict judge(const LoadTotals& totals, const SenderHealth& health, double duration_s, double cpu_s);

/// The object of `thaw load --format json`, schema thaw.load/1.
nlohmann::ordered_json to_json(const LoadSummary& summary);

}  // namespace thaw
