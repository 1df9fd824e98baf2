#pragma once
// The histogram of the hybrid policy (Shahrad et al., ATC 2020): counts of idle times by minute, up to four hours. Two
// of its quantiles and the spread of its counts are kept while values are added, so that reading them costs nothing.

#include <array>
#include <cmath>
#include <cstdint>

#include "core/units.h"

namespace thaw {

class IdleHistogram {
 public:
  static constexpr std::size_t bin_count = 240;
  static constexpr Nanos bin_width = std::chrono::minutes(1);

  IdleHistogram(double head_quantile, double tail_quantile) : head_(head_quantile), tail_(tail_quantile) {}

  /// False when the value is beyond the last bin, where it is counted and nothing else.
  bool add(Nanos value) {
    const auto bin = static_cast<std::size_t>(value / bin_width);
    if (bin >= bin_count) {
      ++beyond_;
      return false;
    }
    squares_ += 2 * std::uint64_t{counts_[bin]} + 1;
    ++counts_[bin];
    ++within_;
    head_.move(counts_, bin, within_);
    tail_.move(counts_, bin, within_);
    return true;
  }

  [[nodiscard]] std::uint64_t within() const { return within_; }
  [[nodiscard]] std::uint64_t beyond() const { return beyond_; }
  /// The lower edge of the bin in which the head quantile lies.
  [[nodiscard]] Nanos head() const { return static_cast<std::int64_t>(head_.bin) * bin_width; }
  /// The upper edge of the bin in which the tail quantile lies.
  [[nodiscard]] Nanos tail() const { return static_cast<std::int64_t>(tail_.bin + 1) * bin_width; }
  /// Standard deviation of the counts of all bins, divided by their mean; 0 when empty.
  [[nodiscard]] double variation() const {
    if (within_ == 0) return 0;
    const auto total = static_cast<double>(within_);
    return std::sqrt(
        std::max(0.0, static_cast<double>(bin_count) * static_cast<double>(squares_) / (total * total) - 1));
  }

 private:
  using Counts = std::array<std::uint32_t, bin_count>;

  /// The first bin up to which at least the share of all values lies, followed as values come.
  struct Tracked {
    explicit Tracked(double share_) : share(share_) {}
    void move(const Counts& counts, std::size_t added, std::uint64_t total) {
      if (added < bin) ++below;
      const double wanted = share * static_cast<double>(total);
      while (static_cast<double>(below + counts[bin]) < wanted) below += counts[bin++];
      while (bin > 0 && static_cast<double>(below) >= wanted) below -= counts[--bin];
    }
    double share;
    std::uint64_t below = 0;  ///< Values in the bins before it.
    std::uint32_t bin = 0;
  };

  std::uint64_t within_ = 0;
  std::uint64_t beyond_ = 0;
  std::uint64_t squares_ = 0;  ///< Sum of the squares of the counts.
  Tracked head_;
  Tracked tail_;
  Counts counts_{};
};

}  // namespace thaw
