#pragma once
// The figures of a record of simulations.

#include <vector>

#include "core/error.h"
#include "core/files.h"
#include "report/figure.h"
#include "report/simulation_points.h"

namespace thaw {

/// Each quantity against memory, then how far each policy is from the best of them at each size.
std::vector<Figure> memory_figures(const std::vector<PolicyCurve>& curves,
                                   const std::vector<const PolicyCurve*>& drawn);

/// From functions.csv of the record: the functions' shares of cold starts at one size of memory.
/// Errors: bad_input, environment.
Result<std::vector<Figure>> function_figures(const Path& record, double memory_mb,
                                             const std::vector<const PolicyCurve*>& drawn);

/// From bounds.csv: cold-start costs beside the bound that no policy can be below. Errors: as above.
Result<std::vector<Figure>> bound_figures(const Path& record, const std::vector<const PolicyCurve*>& drawn);

/// From memory.csv: memory in use over time at one size of memory. Errors: as above.
Result<std::vector<Figure>> timeline_figures(const Path& record, double memory_mb,
                                             const std::vector<const PolicyCurve*>& drawn);

}  // namespace thaw
