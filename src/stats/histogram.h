#pragma once
// A histogram of integers with constant relative precision (Tene's HDR layout): every power of two is cut
// into equally many bins, so that a recorded value is known to a fixed number of significant digits whatever
// its size. Memory is fixed at construction, recording takes a few nanoseconds and never allocates, and
// merging loses no count.
//
// Values outside the range are not lost: they are counted apart, take part in counts, means and quantiles,
// and keep the exact minimum and maximum. One thread records into one histogram; threads merge theirs.

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "core/error.h"

namespace thaw {

/// What a histogram tells apart. The default fits latencies in nanoseconds up to an hour, in 264 KiB.
struct HistogramRange {
  /// Values are told apart in steps of the power of two at or below this.
  std::int64_t lowest = 1;
  /// At least this is in range: the range ends at the next power of two, see last_in_range().
  std::int64_t highest = 3'600'000'000'000;
  /// 1 … 5: a bin is at most 10^-digits of its values wide.
  int significant_digits = 3;
  friend bool operator==(const HistogramRange&, const HistogramRange&) = default;
};

/// The values low … high, inclusive, and how many were seen.
struct HistogramBin {
  std::int64_t low = 0;
  std::int64_t high = 0;
  std::uint64_t count = 0;
  friend bool operator==(const HistogramBin&, const HistogramBin&) = default;
};

class Histogram {
 public:
  /// An empty histogram. Errors: bad_usage unless 1 <= lowest, 2·lowest <= highest, 1 <= digits <= 5, and
  /// lowest·10^digits is well inside 63 bits.
  static Result<Histogram> create(const HistogramRange& range = {});
  /// A histogram with these counts by bin number, as counts() gives them; fewer counts than bins are allowed.
  /// Errors: as create; bad_input for too many counts or a total beyond 2⁶³ - 1.
  static Result<Histogram> from_counts(const HistogramRange& range, std::span<const std::uint64_t> counts);

  /// Counts one value. Cost: constant, no allocation.
  void record(std::int64_t value) {
    // One comparison as unsigned finds both the negative and the too large.
    if (static_cast<std::uint64_t>(value) > static_cast<std::uint64_t>(last_in_range_)) [[unlikely]] {
      record_outside(value, 1);
      return;
    }
    ++counts_[bin_of(value)];
    ++count_;
    min_ = std::min(min_, value);
    max_ = std::max(max_, value);
  }

  /// Counts a value `count` times.
  void record_n(std::int64_t value, std::uint64_t count);

  /// Counts a value and the ones that a blocked recorder missed while it waited: value - interval, value -
  /// 2·interval, … down to the interval (coordinated omission; Tene 2013). Not needed where latency is
  /// measured from the intended start. REQUIRES: expected_interval > 0. Cost: value / interval.
  void record_corrected(std::int64_t value, std::int64_t expected_interval);

  /// Adds all counts of the other; a histogram with the same lowest and digits adds bin by bin, any other one
  /// at the middles of its bins. Errors: bad_input, with nothing changed, when the other's values do not fit.
  Result<> merge(const Histogram& other);

  /// Narrows the extremes to exact ones that were kept beside the counts: those of from_counts are the edges of their bins.
  void narrow(std::int64_t min, std::int64_t max);

  /// Forgets all values.
  void reset();

  [[nodiscard]] const HistogramRange& range() const { return range_; }
  /// All recorded values, the ones outside the range included.
  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// Values too large for the range.
  [[nodiscard]] std::uint64_t overflow() const { return above_.count; }
  /// Negative values.
  [[nodiscard]] std::uint64_t underflow() const { return below_.count; }
  /// The exact extremes; nullopt when empty.
  [[nodiscard]] std::optional<std::int64_t> min() const;
  [[nodiscard]] std::optional<std::int64_t> max() const;

  /// The largest value of the bin in which the ⌈p·count⌉-th smallest value lies, never above max(); min() at
  /// p = 0; nullopt when empty. `p` is clamped to [0, 1].
  [[nodiscard]] std::optional<std::int64_t> quantile(double p) const;
  /// Mean of the bins' middles; NaN when empty.
  [[nodiscard]] double mean() const;
  /// Standard deviation (n - 1) of the bins' middles; NaN for fewer than two values.
  [[nodiscard]] double standard_deviation() const;
  /// Values in the bin of `value`.
  [[nodiscard]] std::uint64_t count_at(std::int64_t value) const;
  /// Values in the bin of `value` and below: the numerator of the empirical distribution function.
  [[nodiscard]] std::uint64_t count_up_to(std::int64_t value) const;
  /// The bin of a value in range. REQUIRES: 0 <= value <= last_in_range().
  [[nodiscard]] HistogramBin bin_at(std::int64_t value) const { return bin(bin_of(value)); }
  /// The bins that hold values, ascending; values outside the range are in none.
  [[nodiscard]] std::vector<HistogramBin> bins() const;

  /// Counts by bin number, all bins.
  [[nodiscard]] std::span<const std::uint64_t> counts() const { return counts_; }
  /// The largest value that is not counted as overflow.
  [[nodiscard]] std::int64_t last_in_range() const { return last_in_range_; }

 private:
  /// Values without a bin: enough of them for mean and deviation.
  struct Outside {
    std::uint64_t count = 0;
    double sum = 0;
    double squares = 0;
    void add(const Outside& other);
    [[nodiscard]] double squares_around(double center) const;
  };

  explicit Histogram(const HistogramRange& range);

  // Row 0 holds the values below 2^row_base_ in bins of the smallest width; row r >= 1 holds the values with
  // row_base_ + r significant bits in 2^row_bits_ bins of 2^r times that width. Bins are numbered in order.
  [[nodiscard]] std::size_t bin_of(std::int64_t value) const {
    const auto bits = static_cast<std::uint64_t>(value);
    const int row = 64 - std::countl_zero(bits | row_zero_) - row_base_;
    return (static_cast<std::size_t>(row) << row_bits_) +
           static_cast<std::size_t>(bits >> (row + step_bits_));
  }
  [[nodiscard]] HistogramBin bin(std::size_t number) const;
  [[nodiscard]] std::size_t used_bins() const;
  void record_outside(std::int64_t value, std::uint64_t count);

  HistogramRange range_;
  int step_bits_ = 0;           ///< log2 of the smallest bin's width.
  int row_bits_ = 0;            ///< log2 of the bins per row; row 0 has twice as many.
  int row_base_ = 0;            ///< Significant bits of row 0: step_bits_ + row_bits_ + 1.
  std::uint64_t row_zero_ = 0;  ///< All of those bits.
  std::int64_t last_in_range_ = 0;
  std::uint64_t count_ = 0;
  std::int64_t min_ = std::numeric_limits<std::int64_t>::max();
  std::int64_t max_ = std::numeric_limits<std::int64_t>::min();
  Outside below_;
  Outside above_;
  std::vector<std::uint64_t> counts_;
};

}  // namespace thaw
