#include "trace/counts_trace.h"

#include <algorithm>
#include <cmath>

#include "trace/even_arrivals.h"

namespace thaw {
namespace {

class CountsTrace final : public TraceFile {
 public:
  CountsTrace(std::string_view form, CountedTrace trace, ReadingNotes notes)
      : form_(form), trace_(std::move(trace)), notes_(std::move(notes)) {}

  [[nodiscard]] std::string_view form() const override { return form_; }
  [[nodiscard]] const std::vector<TraceFunction>& functions() const override { return trace_.functions; }
  [[nodiscard]] const std::vector<Repair>& repairs() const override { return notes_.repairs.all(); }
  [[nodiscard]] const std::vector<Repair>& remarks() const override { return notes_.remarks.all(); }
  [[nodiscard]] std::optional<std::uint64_t> invocations() const override { return trace_.counts.total(); }
  [[nodiscard]] Result<std::unique_ptr<InvocationSource>> open() const override {
    return even_arrivals(trace_.counts, trace_.columns, minute_ms);
  }
  [[nodiscard]] std::optional<ArrivalCounts> counts() const override {
    ArrivalCounts all{.functions = trace_.functions, .column_ms = minute_ms};
    all.counts.reserve(trace_.counts.rows());
    for (std::size_t row = 0; row < trace_.counts.rows(); ++row) {
      all.counts.push_back(trace_.counts.row(row, trace_.columns));
    }
    return all;
  }

 private:
  std::string_view form_;
  CountedTrace trace_;
  ReadingNotes notes_;
};

/// The minute at which a boundary lies, at most `columns`.
Result<std::size_t> minute_of(double ms, std::size_t columns) {
  const double minute = ms / minute_ms;
  if (!(minute >= 0)) return fail_at(ErrorKind::bad_usage, fmt::format("{} ms is no time", ms), "selection");
  if (minute >= static_cast<double>(columns)) return columns;
  if (minute != std::floor(minute)) {
    return fail_at(ErrorKind::bad_usage,
                   fmt::format("{} ms is within a minute, and this form holds counts per minute", ms),
                   "selection", "select whole minutes");
  }
  return static_cast<std::size_t>(minute);
}

}  // namespace

Result<ColumnRange> selected_minutes(const ReadOptions& options, std::size_t columns) {
  ColumnRange range;
  THAW_TRY(range.begin, minute_of(options.begin_ms, columns));
  THAW_TRY(range.end, minute_of(options.end_ms, columns));
  if (range.begin >= range.end && columns > 0) {
    return fail_at(ErrorKind::bad_usage,
                   fmt::format("no minute is selected of the {} that there are", columns), "selection");
  }
  return range;
}

std::unique_ptr<TraceFile> make_counts_trace(std::string_view form, CountedTrace trace, ReadingNotes notes) {
  return std::make_unique<CountsTrace>(form, std::move(trace), std::move(notes));
}

}  // namespace thaw
