#pragma once
// The actions of `thaw sim`, one file each. Each gets what follows its name and returns the exit code.

#include "cli/cli.h"

namespace thaw::cli {

Result<int> run_sim_curve(const Arguments& arguments);
Result<int> run_sim_provision(const Arguments& arguments);
Result<int> run_sim_bounds(const Arguments& arguments);
Result<int> run_sim_score(const Arguments& arguments);

}  // namespace thaw::cli
