#pragma once
// The pages of docs/formats/ about the files of a record, made from the very tables that write those files.

#include <vector>

#include "record/field_table.h"

namespace thaw {

/// All pages of this room.
std::vector<FormatPage> record_format_pages();

}  // namespace thaw
