#pragma once
// What differed between two runs besides the thing under test: options, machine, invariants. Facts that always
// differ (dates, ids, uptime) are passed over, and so are changes too small to matter.

#include <string>
#include <vector>

#include "record/dataset.h"

namespace thaw {

/// One fact that differs.
struct ContextDifference {
  std::string key;        ///< Dotted, with its section: "system.memory.total_memory_kb".
  std::string baseline;   ///< "N/A" when the run does not say.
  std::string candidate;  ///< "N/A" when the run does not say.
};

/// The differences that matter, by key.
///
/// Numbers differ when they are more than 0.001 and 5 % of the baseline's value apart; memory 1 %; load averages
/// more than a tenth of the processors (8 when unknown). Temperatures and fans never differ, version numbers only
/// in their first two parts. A section that one of the runs lacks altogether is passed over.
std::vector<ContextDifference> context_differences(const Context& baseline, const Context& candidate);

/// True for facts that differ from run to run by their nature: timestamps, ids, uptime, folders, verbosity.
bool is_passing_fact(std::string_view key);

/// True when the two texts of a fact are as good as equal. `processors` scales load averages.
bool is_same_fact(std::string_view key, std::string_view a, std::string_view b, double processors);

}  // namespace thaw
