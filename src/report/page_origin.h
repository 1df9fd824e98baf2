#pragma once
// What every page says of the record that it was made from: how it was started, with what, on what machine, and what the
// reader should beware of.

#include "record/run_folder.h"
#include "report/page.h"

namespace thaw {

/// Adds "how this was measured" and the warnings of run.json. `unfinished` warns, with the status, of a record whose
/// command did not come to its end.
void add_origin(Page& page, const RunRecord& record, std::string_view unfinished = {});

}  // namespace thaw
