#include "stats/histogram.h"

#include <cmath>

namespace thaw {
namespace {

constexpr std::uint64_t largest_total = std::numeric_limits<std::int64_t>::max();

/// Counts stop at 2⁶³ - 1, the most that the exchange format can hold.
std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) {
  return a >= largest_total || b >= largest_total - a ? largest_total : a + b;
}

int significant_bits(std::uint64_t value) { return 64 - std::countl_zero(value); }

/// log2 of the bins per row: a row and those before it must tell 2·10^digits values apart.
int row_bits_for(int significant_digits) {
  std::uint64_t told_apart = 2;
  for (int digit = 0; digit < significant_digits; ++digit) told_apart *= 10;
  return significant_bits(told_apart - 1) - 1;
}

int step_bits_for(std::int64_t lowest) { return significant_bits(static_cast<std::uint64_t>(lowest)) - 1; }

double middle(const HistogramBin& bin) {
  return static_cast<double>(bin.low) + static_cast<double>(bin.high - bin.low) / 2;
}

Result<> check(const HistogramRange& range) {
  if (range.lowest < 1)
    return fail(ErrorKind::bad_usage, "a histogram's lowest value must be >= 1, got {}", range.lowest);
  if (range.highest / 2 < range.lowest) {
    return fail(ErrorKind::bad_usage,
                "a histogram's highest value must be at least twice its lowest, got {} and {}", range.highest,
                range.lowest);
  }
  if (range.significant_digits < 1 || range.significant_digits > 5) {
    return fail(ErrorKind::bad_usage, "a histogram keeps 1 to 5 significant digits, got {}",
                range.significant_digits);
  }
  if (step_bits_for(range.lowest) + row_bits_for(range.significant_digits) > 61) {
    return fail(ErrorKind::bad_usage, "{} significant digits of {} do not fit into 63 bits",
                range.significant_digits, range.lowest);
  }
  return {};
}

}  // namespace

Histogram::Histogram(const HistogramRange& range)
    : range_(range),
      step_bits_(step_bits_for(range.lowest)),
      row_bits_(row_bits_for(range.significant_digits)) {
  row_base_ = step_bits_ + row_bits_ + 1;
  row_zero_ = (std::uint64_t{1} << row_base_) - 1;
  const int bits = std::max(significant_bits(static_cast<std::uint64_t>(range.highest)), row_base_);
  last_in_range_ = std::numeric_limits<std::int64_t>::max() >> (63 - bits);
  counts_.assign(static_cast<std::size_t>(bits - row_base_ + 2) << row_bits_, 0);
}

Result<Histogram> Histogram::create(const HistogramRange& range) {
  THAW_CHECK(check(range));
  return Histogram(range);
}

Result<Histogram> Histogram::from_counts(const HistogramRange& range, std::span<const std::uint64_t> counts) {
  THAW_TRY(Histogram histogram, create(range));
  if (counts.size() > histogram.counts_.size()) {
    return fail(ErrorKind::bad_input, "a histogram of {} bins cannot take {} counts",
                histogram.counts_.size(), counts.size());
  }
  for (std::size_t number = 0; number < counts.size(); ++number) {
    if (counts[number] == 0) continue;
    if (counts[number] > largest_total - histogram.count_) {
      return fail(ErrorKind::bad_input, "a histogram's total count must stay below 2^63");
    }
    const HistogramBin bin = histogram.bin(number);
    histogram.counts_[number] = counts[number];
    histogram.count_ += counts[number];
    histogram.min_ = std::min(histogram.min_, bin.low);
    histogram.max_ = bin.high;
  }
  return histogram;
}

HistogramBin Histogram::bin(std::size_t number) const {
  const auto row = std::max<std::int64_t>(static_cast<std::int64_t>(number >> row_bits_) - 1, 0);
  const auto width_bits = row + step_bits_;
  const auto first = (static_cast<std::int64_t>(number) - (row << row_bits_)) << width_bits;
  return {first, first + ((std::int64_t{1} << width_bits) - 1), counts_[number]};
}

void Histogram::record_outside(std::int64_t value, std::uint64_t count) {
  const auto number = static_cast<double>(value);
  const auto times = static_cast<double>(count);
  (value < 0 ? below_ : above_).add({count, number * times, number * number * times});
  count_ = saturating_add(count_, count);
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
}

void Histogram::record_n(std::int64_t value, std::uint64_t count) {
  if (count == 0) return;
  if (value < 0 || value > last_in_range_) return record_outside(value, count);
  std::uint64_t& bin_count = counts_[bin_of(value)];
  bin_count = saturating_add(bin_count, count);
  count_ = saturating_add(count_, count);
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
}

void Histogram::record_corrected(std::int64_t value, std::int64_t expected_interval) {
  THAW_ASSERT(expected_interval > 0, "an expected interval of {} would never end", expected_interval);
  record(value);
  if (value <= expected_interval) return;
  for (std::int64_t missed = value - expected_interval; missed >= expected_interval;
       missed -= expected_interval) {
    record(missed);
  }
}

void Histogram::Outside::add(const Outside& other) {
  count = saturating_add(count, other.count);
  sum += other.sum;
  squares += other.squares;
}

double Histogram::Outside::squares_around(double center) const {
  return count == 0
             ? 0
             : std::max(0.0, squares - 2 * center * sum + static_cast<double>(count) * center * center);
}

std::size_t Histogram::used_bins() const {
  const auto last = std::find_if(counts_.rbegin(), counts_.rend(), [](std::uint64_t c) { return c != 0; });
  return static_cast<std::size_t>(counts_.rend() - last);
}

Result<> Histogram::merge(const Histogram& other) {
  const std::size_t used = other.used_bins();
  const std::int64_t largest = used > 0 ? std::min(other.max_, other.bin(used - 1).high) : 0;
  if (largest > last_in_range_) {
    return fail(ErrorKind::bad_input, "a histogram up to {} cannot take the value {}", last_in_range_,
                largest);
  }
  if (other.above_.count > 0 && last_in_range_ > other.last_in_range_) {
    return fail(ErrorKind::bad_input,
                "values counted only as larger than {} have no place in a histogram up to {}",
                other.last_in_range_, last_in_range_);
  }
  const bool same_bins = step_bits_ == other.step_bits_ && row_bits_ == other.row_bits_;
  for (std::size_t number = 0; number < used; ++number) {
    if (other.counts_[number] == 0) continue;
    const HistogramBin source = other.bin(number);
    const std::int64_t value = std::min(source.low + (source.high - source.low) / 2, last_in_range_);
    std::uint64_t& target = counts_[same_bins ? number : bin_of(value)];
    target = saturating_add(target, source.count);
  }
  below_.add(other.below_);
  above_.add(other.above_);
  count_ = saturating_add(count_, other.count_);
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  return {};
}

void Histogram::narrow(std::int64_t min, std::int64_t max) {
  if (count_ == 0) return;
  min = std::clamp(min, min_, max_);
  max_ = std::clamp(max, min, max_);
  min_ = min;
}

void Histogram::reset() { *this = Histogram(range_); }

std::optional<std::int64_t> Histogram::min() const { return count_ > 0 ? std::optional(min_) : std::nullopt; }

std::optional<std::int64_t> Histogram::max() const { return count_ > 0 ? std::optional(max_) : std::nullopt; }

std::optional<std::int64_t> Histogram::quantile(double p) const {
  if (count_ == 0 || std::isnan(p)) return std::nullopt;
  if (p <= 0) return min_;
  // One step down keeps products such as 0.07·100 = 7.000000000000001 from asking for the next value.
  const double below = std::nextafter(std::min(p, 1.0), 0.0) * static_cast<double>(count_);
  const std::uint64_t rank =
      std::clamp<std::uint64_t>(static_cast<std::uint64_t>(std::ceil(below)), 1, count_);
  std::uint64_t seen = below_.count;
  if (seen >= rank) return std::min<std::int64_t>(max_, -1);
  for (std::size_t number = 0; number < counts_.size(); ++number) {
    seen += counts_[number];
    if (seen >= rank) return std::min(bin(number).high, max_);
  }
  return max_;
}

double Histogram::mean() const {
  if (count_ == 0) return std::numeric_limits<double>::quiet_NaN();
  double total = below_.sum + above_.sum;
  for (const HistogramBin& bin : bins()) total += middle(bin) * static_cast<double>(bin.count);
  return total / static_cast<double>(count_);
}

double Histogram::standard_deviation() const {
  if (count_ < 2) return std::numeric_limits<double>::quiet_NaN();
  const double center = mean();
  double squares = below_.squares_around(center) + above_.squares_around(center);
  for (const HistogramBin& bin : bins()) {
    const double distance = middle(bin) - center;
    squares += distance * distance * static_cast<double>(bin.count);
  }
  return std::sqrt(squares / static_cast<double>(count_ - 1));
}

std::uint64_t Histogram::count_at(std::int64_t value) const {
  if (value < 0) return below_.count;
  return value > last_in_range_ ? above_.count : counts_[bin_of(value)];
}

std::uint64_t Histogram::count_up_to(std::int64_t value) const {
  if (value > last_in_range_) return count_;
  std::uint64_t seen = below_.count;
  if (value < 0) return seen;
  const std::size_t last = bin_of(value);
  for (std::size_t number = 0; number <= last; ++number) seen += counts_[number];
  return seen;
}

std::vector<HistogramBin> Histogram::bins() const {
  std::vector<HistogramBin> filled;
  for (std::size_t number = 0; number < counts_.size(); ++number) {
    if (counts_[number] != 0) filled.push_back(bin(number));
  }
  return filled;
}

}  // namespace thaw
