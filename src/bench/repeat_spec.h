#pragma once
// The predecessor's way to name a stopping rule, as the text that our rules are made from.

#include <optional>
#include <string>

#include "core/error.h"
#include "document/document.h"

namespace thaw {

/// A rule and the metric that it looks at.
struct RepeatSpec {
  std::string rule;  ///< "ci:ci_threshold=0.05,starting_sample=10"
  std::optional<std::string> metric;
};

/// `repeats` (or `repeater`: a count, a rule's name in any case, or our own text) with `repeater_options`, whose map
/// under the rule's name (CR for the count), or else whose own entries, are the parameters. Either may be nullptr.
/// Errors: bad_usage with the place.
Result<RepeatSpec> parse_repeat(const DocumentNode* repeats, const DocumentNode* options);

}  // namespace thaw
