#pragma once
// Weights over memory sizes in log-linear buckets: the raw material of a hit-ratio curve, of constant size however
// long the trace.

#include <bit>
#include <cstdint>
#include <vector>

namespace thaw {

/// Sums of a weight and of a cost by memory size.
///
/// Buckets are 1 KiB wide up to 16 MiB and then 2^-14 of their octave (relative width at most 6·10^-5). Each keeps
/// the smallest and the largest size that it holds, so a curve is exact at every such size; where sizes are whole
/// megabytes no bucket below 16 GB holds two different ones.
class MemoryHistogram {
 public:
  struct Bucket {
    double weight = 0;
    double cost = 0;
    std::int64_t smallest = 0;
    std::int64_t largest = 0;
  };

  /// REQUIRES: bytes >= 0.
  void add(std::int64_t bytes, double weight, double cost) {
    const std::size_t index = index_of(static_cast<std::uint64_t>(bytes));
    if (index >= buckets_.size()) [[unlikely]]
      buckets_.resize(index + index / 2 + 1);
    Bucket& bucket = buckets_[index];
    if (bucket.weight == 0) {
      bucket.smallest = bucket.largest = bytes;
    } else {
      bucket.smallest = bytes < bucket.smallest ? bytes : bucket.smallest;
      bucket.largest = bytes > bucket.largest ? bytes : bucket.largest;
    }
    bucket.weight += weight;
    bucket.cost += cost;
  }

  /// All buckets by rising size, the empty ones (weight 0) too.
  [[nodiscard]] const std::vector<Bucket>& buckets() const { return buckets_; }

 private:
  static constexpr int unit_bits = 10;
  static constexpr int sub_bits = 14;

  static std::size_t index_of(std::uint64_t bytes) {
    const std::uint64_t units = bytes >> unit_bits;
    const int width = static_cast<int>(std::bit_width(units));
    const int shift = width > sub_bits + 1 ? width - sub_bits - 1 : 0;
    return (static_cast<std::size_t>(shift) << sub_bits) + static_cast<std::size_t>(units >> shift);
  }

  std::vector<Bucket> buckets_;
};

}  // namespace thaw
