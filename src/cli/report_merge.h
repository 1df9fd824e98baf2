#pragma once
// `thaw report merge`: the records of several generators as one.

#include "cli/cli.h"

namespace thaw::cli {

Result<int> run_report_merge(const Arguments& arguments);

}  // namespace thaw::cli
