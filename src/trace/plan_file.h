#pragma once
// Plans on disk. A plan is a folder: plan.json, functions.csv and invocations.csv. The two tables are a trace of the
// pair form with more columns, so that whatever reads a trace reads a plan. docs/plans.md has the columns.

#include <string>
#include <vector>

#include "core/error.h"
#include "core/files.h"
#include "trace/plan.h"

namespace thaw {

/// Spends the plan's stream into a folder, which is made; plan.json comes last and tells that all is there.
/// Errors: of the plan; environment.
Result<PlanTotals> write_plan(ArrivalPlan& plan, const Path& folder);

/// What plan.json and `thaw trace schedule --format json` say: schema, functions, invocations, total_runtime_ms, ….
/// One line, without line end.
std::string render_totals(const ArrivalPlan& plan, const PlanTotals& totals);

/// Opens a plan that was written; its stream reads the file.
/// Errors: environment (absent), bad_input with file and line.
Result<ArrivalPlan> open_plan(const Path& folder);

/// The predecessor's specification file of one function: `{"IAT": […], "PerMinuteCount": […], "RawDuration": […],
/// "RuntimeSpecification": [{"Runtime": …, "Memory": …}, …]}`, indented by one space.
std::string render_specification(const FunctionSchedule& schedule);

/// Writes iat0.json, iat1.json, … in the order of the functions. Errors: environment.
Result<> write_specifications(const std::vector<FunctionSchedule>& schedules, const Path& folder);

/// Spends the plan's stream into lists by function. Cost: memory for all invocations.
Result<std::vector<FunctionSchedule>> gather_schedules(ArrivalPlan& plan);

}  // namespace thaw
