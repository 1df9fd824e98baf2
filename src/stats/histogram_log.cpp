#include "stats/histogram_log.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <ostream>

#include "stats/histogram_codec.h"

namespace thaw {
namespace {

/// The largest value is written in milliseconds.
constexpr double nanos_per_maximum_unit = 1e6;
constexpr double seconds_per_year = 365.0 * 24 * 3600;

constexpr std::string_view start_mark = "#[StartTime: ";
constexpr std::string_view base_mark = "#[BaseTime: ";
constexpr std::string_view tag_mark = "Tag=";

double seconds_since_epoch(WallTime time) { return to_seconds(time.time_since_epoch()); }

/// Microseconds are what a double of seconds since the epoch can hold.
Nanos to_nanos(double seconds) { return std::chrono::microseconds(std::llround(seconds * 1e6)); }

/// The number that the text starts with; what follows stays in `text`.
std::optional<double> take_number(std::string_view& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || !(std::abs(value) < 1e10)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// Reads a log line by line; what it knows of time grows with the comments it meets.
class LogReader {
 public:
  Result<> read_line(std::string_view line) {
    if (line.empty() || line.starts_with('"')) return {};
    if (line.starts_with('#')) return read_comment(line);
    return read_interval(line);
  }

  std::vector<HistogramInterval> take() { return std::move(intervals_); }

 private:
  Result<> read_comment(std::string_view line) {
    const bool is_start = take_prefix(line, start_mark);
    if (!is_start && !take_prefix(line, base_mark)) return {};
    const std::optional<double> seconds = take_number(line);
    if (!seconds) return fail(ErrorKind::bad_input, "a time in the log's head is not a number of seconds");
    (is_start ? start_ : base_) = seconds;
    return {};
  }

  Result<> read_interval(std::string_view line) {
    std::string tag;
    if (take_prefix(line, tag_mark)) {
      const std::size_t comma = std::min(line.find(','), line.size());
      tag = line.substr(0, comma);
      line.remove_prefix(std::min(comma + 1, line.size()));
    }
    double columns[3] = {};  // Start, length, maximum.
    for (double& column : columns) {
      const std::optional<double> number = take_number(line);
      if (!number || !take_prefix(line, ",")) {
        return fail(ErrorKind::bad_input, "an interval needs start, length, maximum and histogram");
      }
      column = *number;
    }
    THAW_TRY(const std::string bytes, from_base64(line));
    THAW_TRY(Histogram histogram, decode_compressed_histogram(bytes));
    const WallTime start{to_nanos(base_for(columns[0])) + to_nanos(columns[0])};
    intervals_.push_back({std::move(tag), start, to_nanos(columns[1]), std::move(histogram)});
    return {};
  }

  /// What a line's time stamp counts from.
  double base_for(double stamp) {
    if (!base_) base_ = start_ && stamp < *start_ - seconds_per_year ? *start_ : 0.0;
    return *base_;
  }

  std::optional<double> start_;
  std::optional<double> base_;
  std::vector<HistogramInterval> intervals_;
};

}  // namespace

HistogramLogWriter::HistogramLogWriter(std::ostream& out, WallTime start) : out_(out), start_(start) {
  out_ << "#[Histogram log format version 1.3]\n"
       << fmt::format("#[StartTime: {:.3f} (seconds since epoch)]\n", seconds_since_epoch(start))
       << fmt::format("#[BaseTime: {:.3f} (seconds since epoch)]\n", seconds_since_epoch(start))
       << R"("StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram")" << '\n';
}

Result<> HistogramLogWriter::write(const HistogramInterval& interval) {
  if (interval.tag.find_first_of(", \t\r\n") != std::string::npos) {
    return fail(ErrorKind::bad_usage, "a histogram tag must be free of commas and white space, got \"{}\"",
                interval.tag);
  }
  if (!interval.tag.empty()) out_ << tag_mark << interval.tag << ',';
  const double largest = static_cast<double>(interval.histogram.max().value_or(0)) / nanos_per_maximum_unit;
  out_ << fmt::format("{:.3f},{:.3f},{:.3f},{}\n", to_seconds(interval.start - start_),
                      to_seconds(interval.length), largest, to_base64(encode_compressed(interval.histogram)));
  return {};
}

Result<std::vector<HistogramInterval>> read_histogram_log(std::string_view text) {
  LogReader reader;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (auto read = reader.read_line(line); !read) {
      return tl::unexpected(std::move(read).error().in(std::to_string(number)));
    }
  }
  return reader.take();
}

}  // namespace thaw
