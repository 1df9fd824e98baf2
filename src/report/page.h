#pragma once
// A report as one HTML file that needs nothing else: no network, no other file, and no script to be read. The answer
// comes first, then the figures, the tables behind them, the warnings, and how it was measured.

#include <string>
#include <utility>
#include <vector>

#include "record/table.h"
#include "report/figure.h"

namespace thaw {

struct Page {
  std::string title;
  std::string answer;  ///< One sentence with numbers.
  std::vector<std::string> notes;
  std::vector<Figure> figures;
  std::vector<Table> tables;
  std::vector<std::string> warnings;
  /// "How this was measured": names and values. A value with line ends is shown as written.
  std::vector<std::pair<std::string, std::string>> provenance;
};

/// The page. Every text is shown as text, whatever it contains; equal pages give equal bytes.
std::string render(const Page& page);

}  // namespace thaw
