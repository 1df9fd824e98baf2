#pragma once
// From what is asked for to what the pacer takes: opens the trace or the plan, or makes one from a rate.

#include <memory>
#include <vector>

#include "load/load_request.h"

namespace thaw {

/// A load ready to be sent, once.
struct LoadPlan {
  std::vector<TraceFunction> functions;
  bool has_seconds = false;  ///< Columns are seconds.
  double length_s =
      0;  ///< Of the whole plan as it is sent, warm-up included; 0: as long as there are arrivals.
  double warmup_s = 0;
  std::string law;              ///< Of arrivals, "closed" for a closed loop.
  std::vector<Repair> remarks;  ///< What was mended in the trace, or is worth knowing.

  std::unique_ptr<TraceFile> file;  ///< What `invocations` reads from.
  std::unique_ptr<InvocationPlan> invocations;
  Followers* followers = nullptr;        ///< Of `invocations`, where answers are followed by more.
  std::vector<std::size_t> graph_sizes;  ///< Calls of each workflow.
};

/// Errors: bad_usage for none or several kinds of plan, and for options that do not fit together; those of the plans.
Result<LoadPlan> choose_plan(const PlanRequest& request);

/// What a plan would send. Spends it.
struct PlannedNumbers {
  std::uint64_t functions = 0, invocations = 0, warmup_invocations = 0, workflows = 0;
  double total_runtime_s = 0;
  double last_s = 0;           ///< The last arrival.
  double most_per_second = 0;  ///< Arrivals in the fullest second.
};
Result<PlannedNumbers> count_plan(LoadPlan& plan);

}  // namespace thaw
