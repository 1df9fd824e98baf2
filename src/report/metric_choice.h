#pragma once
// Which metrics a comparison looks at, and which series of every dataset stands for each.

#include <string>
#include <vector>

#include "core/error.h"
#include "record/dataset.h"
#include "report/compare.h"

namespace thaw {

/// A metric and its series in every dataset.
struct ChosenMetric {
  std::string name;                   ///< As the baseline calls it.
  std::vector<const Series*> series;  ///< In the order of the datasets, which must outlive it.
};

/// The metrics asked for and those of the gates; without any, all that the datasets have in common. Adds to `notes`
/// where something else than what was asked for is compared.
/// Errors: bad_usage (a metric is missing somewhere; nothing in common).
Result<std::vector<ChosenMetric>> choose_metrics(const std::vector<Dataset>& datasets,
                                                 const CompareOptions& options,
                                                 std::vector<std::string>& notes);

}  // namespace thaw
