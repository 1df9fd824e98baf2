#pragma once
// Merges many sorted streams of arrivals into one, a slice of time at a time: every stream with an arrival in the
// slice emits it, then the slice is sorted. Cheaper than a heap of streams, whose every step misses the cache.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace thaw {

/// How long slices are. Only speed and memory depend on it, never the order of what comes out.
struct SliceGrid {
  double column_ms = std::numeric_limits<double>::infinity();
  /// Length of a slice in each column; the last value holds beyond. All above 0.
  std::vector<double> slice_ms{1000};

  /// Slices that hold about `invocations_per_slice` each when the columns hold `totals`.
  static SliceGrid for_columns(std::span<const double> totals, double column_ms,
                               double invocations_per_slice);

  /// The end of a slice that begins at `start_ms`.
  [[nodiscard]] double end_of_slice(double start_ms) const;
};

/// The smallest time of the next arrivals.
inline double earliest(std::span<const double> next_ms) {
  double least = std::numeric_limits<double>::infinity();
  for (const double time : next_ms) least = time < least ? time : least;
  return least;
}

/// Sorts items of [start, end) by time, then function, keeping the order of equals: a scatter into about as many
/// buckets as items, then each bucket on its own. Cost: O(n) for times without clumps, O(n log n) otherwise.
template <class Item>
class SliceSorter {
 public:
  void sort(std::vector<Item>& items, double start_ms, double end_ms) {
    if (items.size() < 2) return;
    const std::size_t buckets = items.size();
    const double scale = static_cast<double>(buckets) / (end_ms - start_ms);
    const auto bucket_of = [&](const Item& item) {
      return std::min(buckets - 1,
                      static_cast<std::size_t>(std::max(0.0, (item.time_ms - start_ms) * scale)));
    };
    starts_.assign(buckets + 1, 0);
    for (const Item& item : items) ++starts_[bucket_of(item) + 1];
    for (std::size_t i = 1; i <= buckets; ++i) starts_[i] += starts_[i - 1];
    scratch_.resize(items.size());
    ends_.assign(starts_.begin(), starts_.end() - 1);
    for (const Item& item : items) scratch_[ends_[bucket_of(item)]++] = item;
    for (std::size_t i = 0; i < buckets; ++i) sort_bucket(starts_[i], starts_[i + 1]);
    items.swap(scratch_);
  }

 private:
  static bool before(const Item& a, const Item& b) {
    return a.time_ms < b.time_ms || (a.time_ms == b.time_ms && a.function < b.function);
  }

  void sort_bucket(std::size_t begin, std::size_t end) {
    constexpr std::size_t few = 24;
    const auto first = scratch_.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = scratch_.begin() + static_cast<std::ptrdiff_t>(end);
    if (end - begin > few) {
      std::stable_sort(first, last, before);
      return;
    }
    for (std::size_t i = begin + 1; i < end; ++i) {
      const Item item = scratch_[i];
      std::size_t hole = i;
      for (; hole > begin && before(item, scratch_[hole - 1]); --hole) scratch_[hole] = scratch_[hole - 1];
      scratch_[hole] = item;
    }
  }

  std::vector<Item> scratch_;
  std::vector<std::uint32_t> starts_, ends_;
};

}  // namespace thaw
