#pragma once
// The form in which the parts of `thaw sim` that size memory print.

#include <string_view>

#include "core/error.h"
#include "record/table.h"

namespace thaw::cli {

/// A table for a person at a terminal, JSON for a program, or what `name` says. Errors: bad_usage.
Result<TableFormat> sizing_format(std::string_view name);

}  // namespace thaw::cli
