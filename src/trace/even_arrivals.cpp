#include "trace/even_arrivals.h"

#include <algorithm>
#include <cmath>

namespace thaw {
namespace {

/// A slice that fits the second-level cache with its sorted copy.
constexpr std::uint64_t slice_invocations = 16384;
/// Buckets of a sort are mostly of one or two; a larger one is a clump of equal times.
constexpr std::size_t clump_size = 24;

/// A function that is called in the present column.
struct Caller {
  FunctionIndex function;
  std::uint32_t count;  ///< Its calls in this column.
  std::uint32_t done;   ///< How many of them are out.
  double spacing;
};

/// Sorts a slice by time; equal times keep their order because functions come in order and a function's own times
/// rise.
class SliceSorter {
 public:
  void add(double time, FunctionIndex function) {
    times_.push_back(time);
    functions_.push_back(function);
  }
  [[nodiscard]] std::size_t size() const { return times_.size(); }

  /// Moves the slice, whose times lie in [begin, begin + width), sorted into the block.
  void sort_into(InvocationBlock& block, double begin, double width) {
    block.time_ms.resize(size());
    block.function.resize(size());
    const std::size_t buckets = size();
    const double scale = static_cast<double>(buckets) / width;
    ends_.assign(buckets + 1, 0);
    places_.resize(size());
    for (std::size_t i = 0; i < size(); ++i) {
      const auto bucket = static_cast<std::uint32_t>((times_[i] - begin) * scale);
      places_[i] = std::min(bucket, static_cast<std::uint32_t>(buckets - 1));
      ++ends_[places_[i] + 1];
    }
    for (std::size_t b = 0; b < buckets; ++b) ends_[b + 1] += ends_[b];
    for (std::size_t i = 0; i < size(); ++i) {
      const std::uint32_t at = ends_[places_[i]]++;
      block.time_ms[at] = times_[i];
      block.function[at] = functions_[i];
    }
    // ends_[b] is now the end of bucket b.
    std::size_t bucket_begin = 0;
    for (std::size_t b = 0; b < buckets; ++b) {
      const std::size_t bucket_end = ends_[b];
      if (bucket_end - bucket_begin > clump_size) {
        sort_clump(block, bucket_begin, bucket_end);
      } else {
        sort_few(block, bucket_begin, bucket_end);
      }
      bucket_begin = bucket_end;
    }
    times_.clear();
    functions_.clear();
  }

 private:
  static void sort_few(InvocationBlock& block, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin + 1; i < end; ++i) {
      const double time = block.time_ms[i];
      if (!(time < block.time_ms[i - 1])) continue;
      const FunctionIndex function = block.function[i];
      std::size_t to = i;
      for (; to > begin && time < block.time_ms[to - 1]; --to) {
        block.time_ms[to] = block.time_ms[to - 1];
        block.function[to] = block.function[to - 1];
      }
      block.time_ms[to] = time;
      block.function[to] = function;
    }
  }

  void sort_clump(InvocationBlock& block, std::size_t begin, std::size_t end) {
    const auto from = static_cast<std::ptrdiff_t>(begin), to = static_cast<std::ptrdiff_t>(end);
    if (std::is_sorted(block.time_ms.begin() + from, block.time_ms.begin() + to)) return;
    clump_.clear();
    for (std::size_t i = begin; i < end; ++i) clump_.emplace_back(block.time_ms[i], block.function[i]);
    std::sort(clump_.begin(), clump_.end());
    for (std::size_t i = begin; i < end; ++i) {
      block.time_ms[i] = clump_[i - begin].first;
      block.function[i] = clump_[i - begin].second;
    }
  }

  std::vector<double> times_;
  std::vector<FunctionIndex> functions_;
  std::vector<std::uint32_t> places_, ends_;
  std::vector<std::pair<double, FunctionIndex>> clump_;
};

class EvenArrivals final : public InvocationSource {
 public:
  EvenArrivals(const CompactCounts& counts, std::size_t columns, double column_ms)
      : columns_(columns), column_ms_(column_ms) {
    cursors_.reserve(counts.rows());
    for (std::size_t row = 0; row < counts.rows(); ++row) cursors_.push_back(counts.cursor(row));
  }

  Result<> next(InvocationBlock& block) override {
    block.clear();
    while (block.size() == 0) {
      if (slice_ == slices_ && !begin_column()) return {};
      take_slice(block);
    }
    return {};
  }

 private:
  /// Finds the callers of the next column that has any; false at the end.
  bool begin_column() {
    for (; column_ < columns_; ++column_) {
      callers_.clear();
      std::uint64_t total = 0;
      for (std::size_t row = 0; row < cursors_.size(); ++row) {
        const std::uint32_t count = cursors_[row].next();
        if (count == 0) continue;
        callers_.push_back({static_cast<FunctionIndex>(row), count, 0, column_ms_ / count});
        total += count;
      }
      if (total == 0) continue;
      slices_ = (total + slice_invocations - 1) / slice_invocations;
      slice_ = 0;
      start_ = static_cast<double>(column_) * column_ms_;
      ++column_;
      return true;
    }
    return false;
  }

  void take_slice(InvocationBlock& block) {
    const auto slices = static_cast<double>(slices_);
    const double begin = start_ + column_ms_ * (static_cast<double>(slice_) / slices);
    ++slice_;
    const bool is_last = slice_ == slices_;
    const double end = start_ + column_ms_ * (static_cast<double>(slice_) / slices);
    std::size_t kept = 0;
    for (Caller& caller : callers_) {
      for (; caller.done < caller.count; ++caller.done) {
        const double time = start_ + caller.done * caller.spacing;
        if (!is_last && time >= end) break;
        sorter_.add(time, caller.function);
      }
      if (caller.done < caller.count) callers_[kept++] = caller;
    }
    callers_.resize(kept);
    if (sorter_.size() > 0) sorter_.sort_into(block, begin, end - begin);
  }

  std::vector<CompactCounts::Cursor> cursors_;
  std::size_t columns_;
  double column_ms_;
  std::size_t column_ = 0;
  double start_ = 0;
  std::vector<Caller> callers_;
  std::uint64_t slices_ = 0, slice_ = 0;
  SliceSorter sorter_;
};

}  // namespace

std::unique_ptr<InvocationSource> even_arrivals(const CompactCounts& counts, std::size_t columns,
                                                double column_ms) {
  return std::make_unique<EvenArrivals>(counts, columns, column_ms);
}

}  // namespace thaw
