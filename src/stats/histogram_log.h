#pragma once
// Histogram logs: one line of text per interval of a run, format version 1.3, as HdrHistogram's log tools
// write and read them. Values are nanoseconds; the log's own time columns are seconds with three decimals.

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/error.h"
#include "stats/histogram.h"

namespace thaw {

/// What was recorded between two moments.
struct HistogramInterval {
  std::string tag;  ///< Tells series of one log apart; empty for none.
  WallTime start;
  Nanos length{};
  Histogram histogram;
};

/// Writes a log: the head when created, then a line per interval.
class HistogramLogWriter {
 public:
  /// Time stamps in the log count from `start`. REQUIRES: `out` outlives the writer.
  HistogramLogWriter(std::ostream& out, WallTime start);

  /// Appends one interval. Errors: bad_usage for a tag with a comma, white space or line end.
  Result<> write(const HistogramInterval& interval);

 private:
  std::ostream& out_;
  WallTime start_;
};

/// All intervals of a log, in file order, comments skipped. Time stamps without a base time count from the
/// start time when they are more than a year older, as in logs of other tools. Errors: bad_input with the
/// line's number as place.
Result<std::vector<HistogramInterval>> read_histogram_log(std::string_view text);

}  // namespace thaw
