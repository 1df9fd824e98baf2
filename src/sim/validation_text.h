#pragma once
// What `thaw sim validate` prints, and what its page shows: tables, and one JSON object whose first field names its schema.

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "record/table.h"
#include "sim/validation.h"

namespace thaw {

/// A comparison with the names that people know it by.
struct NamedValidation {
  std::string run;  ///< Folder of the record.
  std::vector<TraceFunction> functions;
  Validation validation;
};

/// A row for each run: counts measured and simulated, and how much they differ.
Table difference_table(std::span<const NamedValidation> runs);
/// A row for each run and function that was invoked.
Table function_table(std::span<const NamedValidation> runs);
/// A row for each run and reason that occurs, and what the platform and the generator did otherwise than planned.
Table reason_table(std::span<const NamedValidation> runs);

/// thaw.validation/1 (docs/demo.md).
nlohmann::ordered_json to_json(std::span<const NamedValidation> runs);

/// The sentence that a reader takes home.
std::string answer_of(std::span<const NamedValidation> runs);

}  // namespace thaw
