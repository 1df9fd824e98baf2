// The summary of `strace -c`:
//   % time     seconds  usecs/call     calls    errors syscall
//   ------ ----------- ----------- --------- --------- ----------------
//    61.29    0.000095          95         1         1 access
//   ------ …
//   100.00    0.000155 …                               total

#include <algorithm>

#include "bench/extractors/forms.h"
#include "core/text.h"

namespace thaw::extractors {
namespace {

bool is_rule(std::string_view line) {
  line = trim(line);
  return line.starts_with("------") && line.find_first_not_of("- ") == std::string_view::npos;
}

bool is_heading(std::string_view line) {
  return trim(line).starts_with("% time") && trim(line).ends_with("syscall");
}

}  // namespace

WordColumns strace_tables(std::string_view text) {
  enum class Part { outside, heading, body } part = Part::outside;
  WordColumns columns;
  std::size_t tables = 0;
  for (const std::string_view line : split_lines(text)) {
    if (is_heading(line)) {
      part = Part::heading;
    } else if (is_rule(line)) {
      if (part == Part::heading) ++tables;
      part = part == Part::heading ? Part::body : Part::outside;
    } else if (part == Part::body) {
      // The errors column is blank when there were none, so only the ends of the line have fixed places.
      const auto fields = split_fields(line);
      if (fields.size() < 5) continue;
      Words& words = columns.of(fields.back());
      words.resize(tables);
      words.back() = fields[1];
    }
  }
  columns.pad(tables);
  return columns;
}

}  // namespace thaw::extractors
