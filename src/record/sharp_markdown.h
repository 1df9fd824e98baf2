#pragma once
// The Markdown file that the predecessor writes beside its CSV: options, fields, invariants and the machine.
// Both generations are read (spec of 2025: bare JSON and raw text; of 2026: fenced JSON).

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.h"
#include "record/dataset.h"

namespace thaw::import {

/// What the file says about one metric.
struct SharpMetric {
  std::string unit;
  std::optional<bool> lower_is_better;
  bool is_text = false;  ///< Declared as a string.
};

/// The parts of the file that a comparison needs.
struct SharpDescription {
  Context facts;                              ///< "runtime.…" and "system.…"
  std::map<std::string, Context> invariants;  ///< By launch id, keys "invariant.…"
  std::map<std::string, SharpMetric> metrics;
};

/// Reads the text of `path`. Errors: bad_input with line and column for broken JSON.
Result<SharpDescription> parse_sharp_markdown(std::string_view text, const Path& path);

}  // namespace thaw::import
