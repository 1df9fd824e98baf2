#pragma once
// A comparison on paper: for the terminal, as Markdown, as CSV with the predecessor's columns first, as JSON
// ("thaw.compare/1").

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "record/table.h"
#include "report/compare.h"

namespace thaw {

/// How much of a comparison is shown to people.
struct CompareTextOptions {
  bool show_all =
      false;  ///< Statistics and sentences of every metric, not only of those asked for or the first.
};

/// The comparison in one of its forms, with a final line end; ndjson is the JSON on one line.
std::string render(const Comparison& comparison, TableFormat format, const CompareTextOptions& options = {});

/// The document of schema "thaw.compare/1".
nlohmann::ordered_json to_json(const Comparison& comparison);

/// One line for each metric of each candidate. The first fifteen columns are the predecessor's.
std::string to_csv(const Comparison& comparison);

}  // namespace thaw
